//go:build v3.1.31

package exoscalego

import (
	"errors"
	"strings"
	"testing"

	v3 "github.com/exoscale/egoscale/v3"
)

// TestMessages: this version shows the message in the error's text.
func TestMessages(t *testing.T) {
	_, owner := newOrganization(t)
	_, err := owner.GetIAMRole(t.Context(), "3f0c2f3a-5d1e-4a57-9a10-0d5c1e8b7a11")
	if !errors.Is(err, v3.ErrNotFound) || !strings.Contains(err.Error(), "Not Found: Not Found") {
		t.Errorf("%v", err)
	}
	_, err = connect(t, "EXO000000000000000000000000", "x").ListIAMRoles(t.Context())
	if !errors.Is(err, v3.ErrForbidden) || !strings.Contains(err.Error(), "Invalid request signature") {
		t.Errorf("%v", err)
	}
	_, err = owner.CreateIAMRole(t.Context(), v3.CreateIAMRoleRequest{Name: strings.Repeat("é", 192)})
	if !errors.Is(err, v3.ErrBadRequest) || !strings.Contains(err.Error(), "name must not be longer than 191") {
		t.Errorf("%v", err)
	}
}
