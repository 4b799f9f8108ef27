package harness

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestServer starts a server, uses it and ends it.
func TestServer(t *testing.T) {
	s, err := Start("WRIT_TOKEN", "WRIT_OPERATOR_TOKEN", "WRIT_API_KEY")
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.NewOrganization(t.Context())
	if err != nil {
		t.Error(err)
	}
	if _, err := s.NewPerson(t.Context()); err != nil {
		t.Error(err)
	}
	secret, err := s.UserSecret(t.Context(), o, o.OwnerID)
	if err != nil {
		t.Error(err)
	}
	if err := s.Native(t.Context(), secret, "GET", "/iam/users", nil, http.StatusOK, nil); err != nil {
		t.Error(err)
	}
	if err := s.Native(t.Context(), "nobody", "GET", "/iam/users", nil, http.StatusOK, nil); err == nil {
		t.Error("a status that is not wanted is no error")
	}
	folder := s.folder
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is left behind: %v", folder, err)
	}
}

func TestStartNamesWhatTheEnvFileLacks(t *testing.T) {
	if s, err := Start("WRIT_TOKEN", "NO_SUCH_VARIABLE"); err == nil {
		t.Error("no error", s.Stop())
	}
}

func TestDNS(t *testing.T) {
	d, err := StartDNS()
	if err != nil {
		t.Fatal(err)
	}
	defer d.Stop()
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, d.Address())
	}}
	d.Publish("Corp.example.test", "v=spf1 -all", "code=1")
	got, err := resolver.LookupTXT(t.Context(), "corp.example.test.")
	if diff := cmp.Diff([]string{"v=spf1 -all", "code=1"}, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if _, err := resolver.LookupTXT(t.Context(), "other.example.test."); err == nil {
		t.Error("a name that nothing is known of has records")
	}
	if n := d.Asked("corp.example.test"); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestIDs(t *testing.T) {
	const uuid = "01a1fd5a-7b86-7485-856b-b188bfcfe233"
	if got := UUID(Hex(uuid)); got != uuid {
		t.Error(got)
	}
}
