package server

import (
	"errors"
	"strings"
	"testing"

	"github.com/writ-iam/writ/internal/config"
)

func TestVerifyBesideAServer(t *testing.T) {
	cfg, env := initialized(t, nil)
	start(t, cfg, env)
	found := map[string]Verified{}
	if err := Verify(t.Context(), cfg, "", func(v Verified) { found[v.Organization] = v }); err != nil {
		t.Fatal(err)
	}
	org := env.Get(config.Organization)
	if len(found) != 2 || found[org].Problem != "" || found[org].Revision < 2 || len(found[org].Hash) != 64 {
		t.Errorf("%v", found)
	}
	var one []Verified
	if err := Verify(t.Context(), cfg, org, func(v Verified) { one = append(one, v) }); err != nil || len(one) != 1 || one[0] != found[org] {
		t.Errorf("%v %v", one, err)
	}
}

func TestVerifyCannot(t *testing.T) {
	if err := Verify(t.Context(), settings(t, nil), "", nil); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("%v", err)
	}
	cfg, _ := initialized(t, nil)
	for _, org := range []string{"acme", "4c2f7b1a-9e7d-4a51-8f13-2b6a7c8d9e0f"} {
		if err := Verify(t.Context(), cfg, org, nil); err == nil || !strings.Contains(err.Error(), org) {
			t.Errorf("%s: %v", org, err)
		}
	}
}
