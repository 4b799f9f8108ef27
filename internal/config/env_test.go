package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestEnvRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "env")
	e := &Env{}
	e.Set(URL, "http://127.0.0.1:1")
	e.Set(Token, "a=b'c")
	e.Set(URL, "http://127.0.0.1:2")
	if err := e.Write(path); err != nil {
		t.Fatal(err)
	}
	got, err := ReadEnv(path)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.All(), e.All()) || got.Get(URL) != "http://127.0.0.1:2" || got.Get("NONE") != "" {
		t.Errorf("%v", got.All())
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("files left over: %v %v", left, err)
	}
}

func TestEnvRefusesLines(t *testing.T) {
	e := &Env{}
	e.Set(Token, "a\nWRIT_URL=http://elsewhere")
	if err := e.Write(filepath.Join(t.TempDir(), "env")); err == nil {
		t.Error("a value of two lines was written")
	}
}

func TestNoEnvIsEmpty(t *testing.T) {
	e, err := ReadEnv(filepath.Join(t.TempDir(), "env"))
	if err != nil || len(e.All()) != 0 {
		t.Errorf("%v %v", e, err)
	}
}

func TestReadPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if _, err := ReadPrivate(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	for mode, good := range map[fs.FileMode]bool{0o600: true, 0o400: true, 0o640: false, 0o604: false, 0o620: false, 0o644: false} {
		if err := WritePrivate(path, []byte("x")); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := ReadPrivate(path)
		if (err == nil) != good {
			t.Errorf("mode %o: %v", mode, err)
		}
		if err != nil && !strings.Contains(err.Error(), "chmod 600 "+path) {
			t.Errorf("mode %o: %v does not say what to do", mode, err)
		}
	}
	if _, err := ReadPrivate(filepath.Dir(path)); err == nil {
		t.Error("a folder was read")
	}
	if err := os.WriteFile(path, make([]byte, maxPrivate+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadPrivate(path); err == nil {
		t.Error("a file without bounds was read")
	}
}

func TestWritePrivateFails(t *testing.T) {
	if err := WritePrivate(filepath.Join(t.TempDir(), "none", "key"), nil); err == nil {
		t.Error("written into a folder that is not there")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "key")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := WritePrivate(path, nil); err == nil {
		t.Error("a folder was replaced")
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("files left over: %v", left)
	}
}

func FuzzLines(f *testing.F) {
	f.Add("# c\nA=b\n\nC = 'd'\n")
	f.Add("A=\"\nB=''\r\n=\n")
	f.Fuzz(func(t *testing.T, text string) {
		lines, err := parseLines("f", text)
		if err != nil {
			return
		}
		for _, l := range lines {
			if !keyForm.MatchString(l.key) || strings.ContainsAny(l.value, "\n\x00") || l.number < 1 {
				t.Errorf("%+v", l)
			}
		}
	})
}
