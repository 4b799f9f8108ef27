package sshkey

import (
	"encoding/base64"
	"math/big"
	"os"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// vectors are keys made by OpenSSH, each with the fingerprint that ssh-keygen -l -E md5 prints, but for the type, which it
// calls otherwise.
func vectors(t testing.TB) map[string]string {
	t.Helper()
	b, err := os.ReadFile("testdata/keys.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	out := map[string]string{}
	for i := 0; i+1 < len(lines); i += 2 {
		out[lines[i]] = lines[i+1]
	}
	if len(out) != 7 {
		t.Fatalf("%d vectors, want one of each kind", len(out))
	}
	return out
}

func TestParse(t *testing.T) {
	for line, want := range vectors(t) {
		fields := strings.SplitN(line, " ", 3)
		k, err := Parse(line)
		if err != nil || k.Fingerprint() != want || k.Type != fields[0] || k.Line != line {
			t.Errorf("%.40s…: %q, %v; want %q", line, k.Fingerprint(), err, want)
		}
		// Blanks around it are no part of it, and those between its parts do not matter.
		for _, same := range []string{" " + line + "\r\n", strings.Replace(line, " ", "\t ", 2)} {
			if got, err := Parse(same); err != nil || got.Fingerprint() != k.Fingerprint() || got.Line != strings.TrimSpace(same) {
				t.Errorf("%.40q…: %+v, %v", same, got, err)
			}
		}
		// The comment is the only part that may change.
		commented, err := Parse(fields[0] + " " + fields[1] + " Zoë's (laptop)")
		if err != nil || commented.MD5 != k.MD5 || commented.Comment != "Zoë's (laptop)" ||
			!strings.HasSuffix(commented.Fingerprint(), " Zoë's (laptop) ("+k.Type+")") {
			t.Errorf("with another comment: %+v, %v", commented, err)
		}
	}
}

func TestRefused(t *testing.T) {
	var ed, rsa string
	for line := range vectors(t) {
		switch {
		case strings.HasPrefix(line, ssh.KeyAlgoED25519):
			ed = line
		case strings.HasPrefix(line, ssh.KeyAlgoRSA):
			rsa = line
		}
	}
	encoded := strings.Fields(ed)[1]
	blob, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	wire := func(typ string, b []byte) string { return typ + " " + base64.StdEncoding.EncodeToString(b) }
	short := wire(ssh.KeyAlgoRSA, ssh.Marshal(struct {
		Type string
		E, N *big.Int
	}{ssh.KeyAlgoRSA, big.NewInt(65537), new(big.Int).SetBit(big.NewInt(1), 1022, 1)}))
	even := wire(ssh.KeyAlgoRSA, ssh.Marshal(struct {
		Type string
		E, N *big.Int
	}{ssh.KeyAlgoRSA, big.NewInt(4), new(big.Int).SetBit(big.NewInt(1), 2047, 1)}))
	padded := wire(ssh.KeyAlgoRSA, ssh.Marshal(struct {
		Type string
		E    []byte
		N    *big.Int
	}{ssh.KeyAlgoRSA, []byte{0, 0, 1, 0, 1}, new(big.Int).SetBit(big.NewInt(1), 2047, 1)}))
	point := wire(ssh.KeyAlgoECDSA256, ssh.Marshal(struct {
		Type, Curve string
		Point       []byte
	}{ssh.KeyAlgoECDSA256, "nistp256", append([]byte{4}, make([]byte, 64)...)}))
	device := wire(ssh.KeyAlgoSKED25519, ssh.Marshal(struct {
		Type string
		Key  []byte
		App  string
	}{ssh.KeyAlgoSKED25519, blob[len(blob)-32:], "ssh:"}))
	for name, c := range map[string]struct{ text, why string }{
		"nothing":                        {" \n", "is required"},
		"too long":                       {ed + strings.Repeat("x", Max), "has at most 65000 bytes"},
		"two keys":                       {ed + "\n" + rsa, "must be one line"},
		"a control character":            {ed + " a\x00b", "must be one line"},
		"no UTF-8":                       {ed + " \xff", "must be one line"},
		"no type":                        {encoded, "must begin with its type"},
		"options":                        {`command="sh" ` + ed, "must begin with its type"},
		"an option alone":                {"restrict " + ed, "must begin with its type"},
		"a private key":                  {"-----BEGIN OPENSSH PRIVATE KEY-----", "must begin with its type"},
		"the type in capitals":           {strings.ToUpper(ed[:11]) + ed[11:], "must begin with its type"},
		"a signature algorithm":          {"rsa-sha2-256 " + strings.Fields(rsa)[1], "must begin with its type"},
		"a certificate":                  {ssh.CertAlgoED25519v01 + " " + encoded, "must begin with its type"},
		"a key of a device":              {device, "must begin with its type"},
		"a type alone":                   {ssh.KeyAlgoED25519, "is no public key"},
		"no base64":                      {ssh.KeyAlgoED25519 + " " + encoded[:20] + "!", "must have the key in base64"},
		"base64 cut short":               {ssh.KeyAlgoED25519 + " " + encoded[:len(encoded)-1], "must have the key in base64"},
		"base64 for URLs":                {ssh.KeyAlgoED25519 + " " + strings.ReplaceAll(encoded, "/", "_"), "must have the key in base64"},
		"a key cut short":                {wire(ssh.KeyAlgoED25519, blob[:len(blob)-3]), "is no public key"},
		"something after it":             {wire(ssh.KeyAlgoED25519, append(blob[:len(blob):len(blob)], 0)), "is no public key"},
		"another type":                   {ssh.KeyAlgoRSA + " " + encoded, "is no public key of type ssh-rsa"},
		"another curve":                  {ssh.KeyAlgoECDSA384 + strings.TrimPrefix(point, ssh.KeyAlgoECDSA256), "is no public key"},
		"a point on no curve":            {point, "is no public key"},
		"an RSA key too short":           {short, "has 1023 bits; at least 1024 are needed"},
		"an exponent that is bad":        {even, "is no public key"},
		"numbers with zeros before them": {padded, "is no public key of type ssh-rsa"},
	} {
		if k, err := Parse(c.text); err == nil || !strings.HasPrefix(err.Error(), c.why) || k != (Key{}) {
			t.Errorf("%s: %+v, %v; want %q", name, k, err, c.why)
		}
	}
}

// FuzzParse: whatever is accepted is accepted again as it is kept, and is called the same.
func FuzzParse(f *testing.F) {
	for line := range vectors(f) {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, text string) {
		k, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(k.Line)
		if err != nil || again != k {
			t.Errorf("%q is kept as %q, which is %+v, %v", text, k.Line, again, err)
		}
		if strings.ContainsAny(k.Fingerprint(), "\r\n\x00") {
			t.Errorf("fingerprint %q", k.Fingerprint())
		}
	})
}
