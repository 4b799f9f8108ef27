package control_test

import (
	"crypto/rand"
	"sync"
	"testing"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
)

// sealedKeys reads the installation's keys from the store.
func (w *world) sealedKeys() []iam.SealedKey {
	w.t.Helper()
	records, head, err := w.db.Load(w.t.Context(), iam.PlatformOrg)
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := iam.NewState(iam.PlatformOrg).Apply(head.Revision, records)
	if err != nil {
		w.t.Fatal(err)
	}
	return s.SealedKeys()
}

// An installation of a version that sealed no values gets a key for it when it is opened, once, whoever opens it first; and not
// before the master key was found to be right.
func TestMissingKeyIsAdded(t *testing.T) {
	w := newWorld(t)
	keys := w.sealedKeys()
	for _, k := range keys {
		if k.Purpose == "seal" {
			w.forge(iam.PlatformOrg, iam.KindSealedKey, k.ID, nil)
		}
	}
	wrong := w.cfg
	var err error
	if wrong.Master, err = authn.NewMasterKey(rand.Reader); err != nil {
		t.Fatal(err)
	}
	if _, err := control.New(t.Context(), wrong); err == nil {
		t.Error("a wrong master key opens the installation")
	}
	if n := len(w.sealedKeys()); n != len(keys)-1 {
		t.Errorf("%d keys after a wrong master key", n)
	}
	var nodes sync.WaitGroup
	for range 4 {
		nodes.Go(func() {
			c, err := control.New(t.Context(), w.cfg)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := c.Authenticate(t.Context(), control.Presented{Bearer: w.secrets[1]}); err != nil {
				t.Error(err)
			}
		})
	}
	nodes.Wait()
	if n := len(w.sealedKeys()); n != len(keys) {
		t.Errorf("%d keys after four nodes have started, want %d", n, len(keys))
	}
}
