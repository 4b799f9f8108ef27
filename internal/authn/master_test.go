package authn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"strings"
	"testing"
)

func TestMasterKeyText(t *testing.T) {
	k := mustMaster(t, "a")
	if len(k.Text()) != 64 {
		t.Errorf("Text has %d characters, want 64", len(k.Text()))
	}
	for _, text := range []string{k.Text(), "  " + k.Text() + "\r\n", strings.ToUpper(k.Text())} {
		if got, err := ParseMasterKey(text); err != nil || got != k {
			t.Errorf("ParseMasterKey of a good text: same key %v, error %v", got == k, err)
		}
	}
	if mustMaster(t, "b") == k {
		t.Error("two sources of randomness gave one key")
	}
}

func TestParseMasterKeyRefuses(t *testing.T) {
	good := mustMaster(t, "a").Text()
	for name, text := range map[string]string{
		"empty":        "",
		"space":        " \n",
		"short":        good[:63],
		"long":         good + "0",
		"two keys":     good + "\n" + good,
		"not hex":      good[:63] + "g",
		"space inside": good[:31] + " " + good[32:],
		"prefix":       "0x" + good[:62],
		"wide digits":  strings.Repeat("０", 21) + "1",
		"zeros":        strings.Repeat("0", 64),
	} {
		t.Run(name, func(t *testing.T) {
			k, err := ParseMasterKey(text)
			if err == nil || k != (MasterKey{}) {
				t.Fatalf("got a key and error %v", err)
			}
			for i := 0; i+8 <= len(text) && name != "zeros"; i++ {
				if strings.Contains(err.Error(), text[i:i+8]) {
					t.Fatalf("error quotes the text: %v", err)
				}
			}
		})
	}
}

func TestNewMasterKeyRandomFails(t *testing.T) {
	for _, n := range []int64{0, 1, 31} {
		if k, err := NewMasterKey(failing(n)); !errors.Is(err, errNoEntropy) || k != (MasterKey{}) {
			t.Errorf("after %d bytes: error %v", n, err)
		}
	}
}

func TestSeal(t *testing.T) {
	k, plain := mustMaster(t, "a"), []byte("thirty-two bytes of a secret key")
	random := seeded("seal")
	one, err := k.seal(random, "hash", id(1), plain)
	if err != nil {
		t.Fatal(err)
	}
	two, err := k.seal(random, "hash", id(1), plain)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(one, two) {
		t.Error("sealing twice gave the same bytes: the nonce is not random")
	}
	if bytes.Contains(one, plain) {
		t.Error("the sealed key contains the key")
	}
	if got, err := k.open("hash", id(1), one); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("open: %v", err)
	}
	for name, try := range map[string]func() ([]byte, error){
		"other master":  func() ([]byte, error) { return mustMaster(t, "b").open("hash", id(1), one) },
		"zero master":   func() ([]byte, error) { return MasterKey{}.open("hash", id(1), one) },
		"other purpose": func() ([]byte, error) { return k.open("sign", id(1), one) },
		"other id":      func() ([]byte, error) { return k.open("hash", id(2), one) },
		"empty":         func() ([]byte, error) { return k.open("hash", id(1), nil) },
		"zero master seals": func() ([]byte, error) {
			return MasterKey{}.seal(seeded("x"), "hash", id(1), plain)
		},
		"no randomness": func() ([]byte, error) { return k.seal(failing(11), "hash", id(1), plain) },
	} {
		if got, err := try(); err == nil || got != nil {
			t.Errorf("%s: got %d bytes, error %v", name, len(got), err)
		}
	}
}

func TestSealedKeyAltered(t *testing.T) {
	k := mustMaster(t, "a")
	sealed, err := k.seal(seeded("seal"), "hash", id(1), []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range sealed {
		if _, err := k.open("hash", id(1), sealed[:i]); err == nil {
			t.Errorf("truncated to %d bytes, it opens", i)
		}
		altered := bytes.Clone(sealed)
		altered[i] ^= 1
		if _, err := k.open("hash", id(1), altered); err == nil {
			t.Errorf("altered at byte %d, it opens", i)
		}
	}
	if _, err := k.open("hash", id(1), append(sealed, 0)); err == nil {
		t.Error("with a byte more, it opens")
	}
}

// printed gives v in every way in which Go prints values.
func printed(t *testing.T, v any) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b", "%c", "%t", "%p", "%20v"} {
		out[verb] = fmt.Sprintf(verb, v)
		out["slice "+verb] = fmt.Sprintf(verb, []any{v})
		out["field "+verb] = fmt.Sprintf(verb, struct{ V any }{v})
		out["map "+verb] = fmt.Sprintf(verb, map[string]any{"k": v})
	}
	var buf bytes.Buffer
	slog.New(slog.NewTextHandler(&buf, nil)).Info("m", "v", v, "nested", struct{ V any }{v})
	slog.New(slog.NewJSONHandler(&buf, nil)).Info("m", "v", v, "nested", struct{ V any }{v})
	out["slog"] = buf.String()
	if b, err := json.Marshal(map[string]any{"v": v, "nested": struct{ V any }{v}}); err == nil {
		out["json"] = string(b)
	}
	out["Errorf"] = fmt.Errorf("oops: %v", v).Error()
	return out
}

// hidden keeps fmt from calling the methods of what it holds.
type hidden struct{ k Keyring }

// spellings are the forms in which the bytes of a secret could show.
func spellings(secret []byte) []string {
	word := new(big.Int).SetBytes(secret[len(secret)-8:]) // the lowest of a big.Int's words
	decimal := strings.Trim(fmt.Sprint(secret[:6]), "[]")
	return []string{
		word.String(), word.Text(16), word.Text(8), word.Text(2),
		fmt.Sprintf("%x", secret[:6]), fmt.Sprintf("%X", secret[:6]), string(secret[:6]),
		decimal, strings.ReplaceAll(decimal, " ", ","), strings.ReplaceAll(decimal, " ", ", "),
		strings.Trim(fmt.Sprintf("%x", [3]byte(secret[:3])), "[]"),
		strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", secret[:6]), "[]byte{"), "}"),
	}
}

func TestNothingSecretIsPrinted(t *testing.T) {
	in := newInstallation(t, "a")
	d, err := in.private.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	pair, err := NewAccessKey(seeded("pair"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		values []any
		secret []byte
	}{
		"master":        {[]any{in.master, &in.master}, in.master[:]},
		"keyring, mac":  {[]any{in.Keyring, *in.Keyring, hidden{*in.Keyring}, &hidden{*in.Keyring}}, in.secret().mac[:]},
		"keyring, sign": {[]any{in.Keyring, *in.Keyring, hidden{*in.Keyring}, &hidden{*in.Keyring}}, d},
		"access key":    {[]any{pair, &pair, []KeyPair{pair}}, []byte(pair.Secret)},
	} {
		for _, v := range c.values {
			for how, text := range printed(t, v) {
				if name == "access key" && (strings.Contains(how, "json") || strings.Contains(how, "slog")) {
					continue // made to be shown once: only accidents of printing are prevented
				}
				if _, ok := v.(hidden); !ok && strings.Contains(how, "%p") {
					continue // fmt calls no methods for %p of what is no pointer; vet refuses it
				}
				for _, s := range spellings(c.secret) {
					if strings.Contains(text, s) {
						t.Errorf("%s: %T printed with %s shows %q", name, v, how, s)
					}
				}
			}
		}
	}
}

func TestRedactedForms(t *testing.T) {
	in := newInstallation(t, "a")
	for _, v := range []any{in.master, in.Keyring, *in.Keyring} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if got := fmt.Sprintf(verb, v); got != redacted {
				t.Errorf("%T with %s: %q", v, verb, got)
			}
		}
		if b, err := json.Marshal(v); err != nil || string(b) != `"`+redacted+`"` {
			t.Errorf("%T as JSON: %s, %v", v, b, err)
		}
		if got := v.(slog.LogValuer).LogValue().String(); got != redacted {
			t.Errorf("%T in slog: %q", v, got)
		}
		if got := v.(fmt.Stringer).String(); got != redacted {
			t.Errorf("%T as string: %q", v, got)
		}
		if got := v.(fmt.GoStringer).GoString(); got != redacted {
			t.Errorf("%T as Go: %q", v, got)
		}
	}
}
