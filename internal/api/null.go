package api

import (
	"time"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/iam"
)

// The domain's "none" as the wire has it: null (section 16.4).

func textOrNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func idOrNull(id iam.UUID) *string {
	if id.IsZero() {
		return nil
	}
	return new(id.String())
}

func timeOrNull(t *time.Time) *apitype.Time {
	if t == nil {
		return nil
	}
	return &apitype.Time{Time: *t}
}
