package api

import (
	"errors"
	"testing"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// FuzzAuthorizeBody holds that whatever a body is, it is read or refused with a place, and that what is read is within
// its bounds.
func FuzzAuthorizeBody(f *testing.F) {
	f.Add([]byte(`{"principal":"p","action":"a","resource":"r","context":{"now":"x","resource_tags":{"a":[1,"b",true]},"k":null}}`))
	f.Add([]byte(`{"context":{"a":1,"a":2},"at_least":18446744073709551616}`))
	f.Add([]byte(`{"context":{"source_ip":"::1","iam:source_ip":"::1"},"explain":1e3}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var in authorizeRequest
		if err := wire.Unmarshal(body, &in, "{", decoding); err != nil {
			if e, ok := errors.AsType[*iam.Error](err); !ok || e.Code != iam.Invalid {
				t.Fatalf("%q: %v", body, err)
			}
			return
		}
		if len(in.Context.Attributes) > maxContext || len(in.Context.ResourceTags) > 2*maxContext {
			t.Fatalf("%q is too large to be taken", body)
		}
	})
}
