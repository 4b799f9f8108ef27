package authn

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/iam"
)

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// forge signs any header and payload as ES256, whatever the header says.
func forge(t testing.TB, private *ecdsa.PrivateKey, header, payload string) string {
	t.Helper()
	input := b64([]byte(header)) + "." + b64([]byte(payload))
	sig, err := (&signingKey{private: private}).SignPayload([]byte(input), "ES256")
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + b64(sig)
}

func goodHeader(in *installation) string {
	return fmt.Sprintf(`{"alg":"ES256","kid":%q,"typ":"at+jwt"}`, in.kid)
}

func goodPayload() string {
	return fmt.Sprintf(`{"iss":"https://iam.example","sub":"user:%s","org":"%s","jti":"%s","iat":1772445600,"exp":1772449200}`,
		id(2), id(1), id(3))
}

func mustRefuse(t *testing.T, k *Keyring, token string, now time.Time) error {
	t.Helper()
	c, err := k.Open(token, now)
	var e *iam.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %+v, %v", c, err)
	}
	if c != (Claims{}) || e.Code != iam.Unauthenticated || e.Message != refusal || e.Field != "" || e.Err == nil {
		t.Fatalf("got %+v, %#v", c, e)
	}
	if len(err.Error()) > 300 {
		t.Errorf("the error has %d bytes: %.300s", len(err.Error()), err)
	}
	return e.Err
}

func TestSignAndOpen(t *testing.T) {
	in := newInstallation(t, "a")
	user := lasting()
	user.Principal.Kind = iam.KindOfUser
	brief := user
	brief.Credential, brief.ExpiresAt = iam.CredentialID{}, t0.Add(time.Minute)
	platform := lasting()
	platform.Org, platform.ExpiresAt = iam.PlatformOrg, t0.Add(time.Minute)
	for name, c := range map[string]Claims{
		"service account": lasting(), "role session": session(), "user": user, "without a record": brief, "user session": userSession(),
		"credential that expires": platform,
	} {
		token := mustSign(t, in.Keyring, c)
		if got, err := in.clone(t).Open(token, t0); err != nil || got != c {
			t.Errorf("%s: got %+v, %v, want %+v", name, got, err, c)
		}
		if mustSign(t, in.clone(t), c) != token {
			t.Errorf("%s: the same claims gave another token", name)
		}
		if !LooksLikeJWT(token) {
			t.Errorf("%s: the token does not look like a JWT", name)
		}
	}
}

func TestSignedForm(t *testing.T) {
	in := newInstallation(t, "a")
	parts := strings.Split(mustSign(t, in.Keyring, session()), ".")
	for i, want := range []string{
		goodHeader(in),
		fmt.Sprintf(`{"exp":1772449200,"iat":1772445600,"iss":"https://iam.example","org":"%s","sid":"%s","sub":"role:%s"}`,
			id(1), id(5), id(4)),
	} {
		if got, err := base64.RawURLEncoding.DecodeString(parts[i]); err != nil || string(got) != want {
			t.Errorf("part %d: %s, %v\nwant %s", i, got, err, want)
		}
	}
	if len(parts) != 3 || len(parts[2]) != 86 {
		t.Errorf("%d parts, the signature has %d characters", len(parts), len(parts[2]))
	}
}

// Signatures are those of RFC 6979, appendix A.2.5 (P-256, SHA-256, "sample").
func TestSignatureVector(t *testing.T) {
	hexInt := func(s string) []byte {
		n, _ := new(big.Int).SetString(s, 16)
		return n.FillBytes(make([]byte, 32))
	}
	d := hexInt("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721")
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d)
	if err != nil {
		t.Fatal(err)
	}
	got, err := (&signingKey{private: private}).SignPayload([]byte("sample"), "ES256")
	want := append(hexInt("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"),
		hexInt("F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8")...)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %x, %v", got, err)
	}
	if _, err := (&signingKey{private: private}).SignPayload([]byte("sample"), "ES384"); err == nil {
		t.Error("it signs with another algorithm")
	}
}

func TestFractionsAreCutOff(t *testing.T) {
	in := newInstallation(t, "a")
	c := session()
	c.IssuedAt, c.ExpiresAt = c.IssuedAt.Add(999*time.Millisecond), c.ExpiresAt.Add(999*time.Millisecond)
	c.IssuedAt = c.IssuedAt.In(time.FixedZone("", -7*3600))
	got, err := in.Open(mustSign(t, in.Keyring, c), t0)
	if err != nil || got != session() {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestSignRefuses(t *testing.T) {
	in := newInstallation(t, "a")
	for name, change := range map[string]func(*Claims){
		"nothing":                 func(c *Claims) { *c = Claims{} },
		"no issuer":               func(c *Claims) { c.Issuer = "" },
		"issuer too long":         func(c *Claims) { c.Issuer = strings.Repeat("x", maxToken) },
		"no organization":         func(c *Claims) { c.Org = iam.OrgID{} },
		"no principal":            func(c *Claims) { c.Principal = iam.Principal{} },
		"no principal id":         func(c *Claims) { c.Principal.ID = iam.UUID{} },
		"unknown kind":            func(c *Claims) { c.Principal.Kind = "robot" },
		"the system":              func(c *Claims) { c.Principal.Kind = iam.KindOfSystem },
		"role without session":    func(c *Claims) { c.Principal.Kind = iam.KindOfRole },
		"role with credential":    func(c *Claims) { c.Principal.Kind = iam.KindOfRole; c.Session.UUID = id(5) },
		"user with session":       func(c *Claims) { c.Session.UUID = id(5) },
		"endless, no credential":  func(c *Claims) { c.Credential = iam.CredentialID{} },
		"endless session":         func(c *Claims) { *c = session(); c.ExpiresAt = time.Time{} },
		"session and credential":  func(c *Claims) { *c = userSession(); c.Credential.UUID = id(3) },
		"session of an account":   func(c *Claims) { *c = userSession(); c.Principal.Kind = iam.KindOfServiceAccount },
		"session and role":        func(c *Claims) { *c = userSession(); c.Session.UUID = id(5) },
		"endless user session":    func(c *Claims) { *c = userSession(); c.ExpiresAt = time.Time{} },
		"not issued":              func(c *Claims) { c.IssuedAt = time.Time{} },
		"issued in 1970":          func(c *Claims) { c.IssuedAt = time.Unix(0, 0) },
		"issued in 10000":         func(c *Claims) { c.IssuedAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"expires in 10000":        func(c *Claims) { c.ExpiresAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"expires before issued":   func(c *Claims) { c.ExpiresAt = c.IssuedAt.Add(-time.Second) },
		"expires before the time": func(c *Claims) { c.ExpiresAt = time.Unix(-1, 0) },
	} {
		c := lasting()
		change(&c)
		if token, err := in.Sign(c); iam.CodeOf(err) != iam.Internal || token != "" {
			t.Errorf("%s: %q, %v", name, token, err)
		}
	}
}

func TestOpenExpiry(t *testing.T) {
	in := newInstallation(t, "a")
	token, endless := mustSign(t, in.Keyring, session()), mustSign(t, in.Keyring, lasting())
	for _, c := range []struct {
		after time.Duration
		ok    bool
	}{
		{-time.Hour, true}, // a node whose clock is behind the one that signed
		{0, true},
		{time.Hour - time.Second, true},
		{time.Hour - 1, true},
		{time.Hour, false},
		{time.Hour + 1, false},
		{time.Hour + time.Second, false},
		{10 * 365 * 24 * time.Hour, false},
	} {
		if _, err := in.clone(t).Open(token, t0.Add(c.after)); (err == nil) != c.ok {
			t.Errorf("after %v: %v", c.after, err)
		} else if !c.ok && !errors.Is(err, ErrExpired) {
			t.Errorf("after %v: %v", c.after, err)
		}
		if _, err := in.clone(t).Open(endless, t0.Add(c.after)); err != nil {
			t.Errorf("endless, after %v: %v", c.after, err)
		}
	}
}

func TestOpenRefusesTampered(t *testing.T) {
	in := newInstallation(t, "a")
	token := mustSign(t, in.Keyring, session())
	alphabet := "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for i := range len(token) {
		// All 63 others at the ends of the parts, where some bits are unused; one elsewhere.
		ends := i+1 == len(token) || token[i+1] == '.'
		for _, c := range []byte(alphabet) {
			if c == token[i] || (!ends && c != alphabet[(strings.IndexByte(alphabet, token[i])+1)%64]) {
				continue
			}
			mustRefuse(t, in.Keyring, token[:i]+string(c)+token[i+1:], t0)
		}
	}
	for i := range len(token) {
		mustRefuse(t, in.Keyring, token[:i], t0)
	}
}

func TestOpenRefusesShapes(t *testing.T) {
	in := newInstallation(t, "a")
	token := mustSign(t, in.Keyring, session())
	parts := strings.Split(token, ".")
	for name, s := range map[string]string{
		"empty":                "",
		"dots":                 "..",
		"no signature":         parts[0] + "." + parts[1] + ".",
		"two parts":            parts[0] + "." + parts[1],
		"four parts":           token + "." + parts[2],
		"five parts":           token + ".." + parts[2],
		"no header":            "." + parts[1] + "." + parts[2],
		"detached payload":     parts[0] + ".." + parts[2],
		"space before":         " " + token,
		"newline after":        token + "\n",
		"newline inside":       parts[0] + "." + parts[1] + "\n." + parts[2],
		"padded":               token + "==",
		"standard alphabet":    parts[0] + "." + parts[1] + ".+" + parts[2][1:],
		"scheme left on":       "Bearer " + token,
		"JSON serialization":   fmt.Sprintf(`{"payload":%q,"protected":%q,"signature":%q}`, parts[1], parts[0], parts[2]),
		"parts exchanged":      parts[1] + "." + parts[0] + "." + parts[2],
		"zero signature":       parts[0] + "." + parts[1] + "." + b64(make([]byte, 64)),
		"short signature":      parts[0] + "." + parts[1] + "." + b64(make([]byte, 63)),
		"long signature":       token + "AAAA",
		"header not JSON":      forge(t, in.private, "ES256", goodPayload()),
		"header an array":      forge(t, in.private, `["ES256"]`, goodPayload()),
		"header cut off":       forge(t, in.private, goodHeader(in)[:30], goodPayload()),
		"header repeats alg":   forge(t, in.private, strings.Replace(goodHeader(in), "{", `{"alg":"none",`, 1), goodPayload()),
		"not ASCII":            token[:5] + "é" + token[7:],
		"a zero byte":          token[:5] + "\x00" + token[6:],
		"access key secret":    strings.Repeat("a", 40),
		"other installation":   mustSign(t, newInstallation(t, "b").Keyring, session()),
		"other, with our kid":  forge(t, newInstallation(t, "b").private, goodHeader(in), goodPayload()),
		"signature of another": parts[0] + "." + parts[1] + "." + strings.Split(mustSign(t, in.Keyring, lasting()), ".")[2],
	} {
		t.Run(name, func(t *testing.T) { mustRefuse(t, in.Keyring, s, t0) })
	}
}

func TestOpenIsBounded(t *testing.T) {
	in := newInstallation(t, "a")
	c := lasting()
	c.Issuer = strings.Repeat("x", 2400)
	for longest := 0; ; { // up to the longest token that Sign makes
		token, err := in.Sign(c)
		if err != nil {
			if !errors.Is(err, errTooLong) || longest < maxToken-1 {
				t.Fatalf("after a token of %d bytes: %v", longest, err)
			}
			break
		}
		longest = len(token)
		if _, err := in.Open(token, t0); err != nil {
			t.Fatalf("a token of %d bytes: %v", longest, err)
		}
		c.Issuer += "x"
	}
	long := forge(t, in.private, goodHeader(in), strings.Replace(goodPayload(), "{", `{"x":"`+strings.Repeat("x", 4000)+`",`, 1))
	for _, s := range []string{long, strings.Repeat("a", maxToken+1), strings.Repeat(".", 1<<20)} {
		if err := mustRefuse(t, in.Keyring, s, t0); !errors.Is(err, errTooLong) {
			t.Errorf("%d bytes: %v", len(s), err)
		}
	}
	if err := mustRefuse(t, in.Keyring, strings.Repeat("a", maxToken), t0); errors.Is(err, errTooLong) {
		t.Errorf("%d bytes are too long", maxToken)
	}
}

func TestOpenRefusesHeaders(t *testing.T) {
	in := newInstallation(t, "a")
	kid := in.kid
	if _, err := in.Open(forge(t, in.private, goodHeader(in), goodPayload()), t0); err != nil {
		t.Fatalf("the header from which the others are made: %v", err)
	}
	jwk := string(bytes.TrimSuffix(bytes.TrimPrefix(in.JWKS(), []byte(`{"keys":[`)), []byte(`]}`)))
	for name, header := range map[string]string{
		"no alg":             `{"kid":"` + kid + `","typ":"at+jwt"}`,
		"alg none":           `{"alg":"none","kid":"` + kid + `","typ":"at+jwt"}`,
		"alg None":           `{"alg":"None","kid":"` + kid + `","typ":"at+jwt"}`,
		"alg empty":          `{"alg":"","kid":"` + kid + `","typ":"at+jwt"}`,
		"alg null":           `{"alg":null,"kid":"` + kid + `","typ":"at+jwt"}`,
		"alg lower case":     `{"alg":"es256","kid":"` + kid + `","typ":"at+jwt"}`,
		"alg ES384":          `{"alg":"ES384","kid":"` + kid + `","typ":"at+jwt"}`,
		"alg EdDSA":          `{"alg":"EdDSA","kid":"` + kid + `","typ":"at+jwt"}`,
		"alg RS256":          `{"alg":"RS256","kid":"` + kid + `","typ":"at+jwt"}`,
		"alg HS256":          `{"alg":"HS256","kid":"` + kid + `","typ":"at+jwt"}`,
		"alg a list":         `{"alg":["ES256"],"kid":"` + kid + `","typ":"at+jwt"}`,
		"alg under ALG":      `{"ALG":"ES256","kid":"` + kid + `","typ":"at+jwt"}`,
		"no kid":             `{"alg":"ES256","typ":"at+jwt"}`,
		"kid empty":          `{"alg":"ES256","kid":"","typ":"at+jwt"}`,
		"kid null":           `{"alg":"ES256","kid":null,"typ":"at+jwt"}`,
		"kid of nothing":     `{"alg":"ES256","kid":"` + id(9).String() + `","typ":"at+jwt"}`,
		"kid of hash key":    `{"alg":"ES256","kid":"` + in.keys[0].ID.String() + `","typ":"at+jwt"}`,
		"kid in upper case":  `{"alg":"ES256","kid":"` + strings.ToUpper(kid) + `","typ":"at+jwt"}`,
		"kid a path":         `{"alg":"ES256","kid":"../../dev/null","typ":"at+jwt"}`,
		"kid a number":       `{"alg":"ES256","kid":1,"typ":"at+jwt"}`,
		"no typ":             `{"alg":"ES256","kid":"` + kid + `"}`,
		"typ JWT":            `{"alg":"ES256","kid":"` + kid + `","typ":"JWT"}`,
		"typ empty":          `{"alg":"ES256","kid":"` + kid + `","typ":""}`,
		"typ null":           `{"alg":"ES256","kid":"` + kid + `","typ":null}`,
		"typ a list":         `{"alg":"ES256","kid":"` + kid + `","typ":["at+jwt"]}`,
		"typ id token":       `{"alg":"ES256","kid":"` + kid + `","typ":"id+jwt"}`,
		"brings its own key": `{"alg":"ES256","kid":"` + kid + `","typ":"at+jwt","jwk":` + jwk + `}`,
		"own key, no kid":    `{"alg":"ES256","typ":"at+jwt","jwk":` + jwk + `}`,
		"key elsewhere":      `{"alg":"ES256","kid":"` + kid + `","typ":"at+jwt","jku":"https://evil.example"}`,
		"certificate":        `{"alg":"ES256","kid":"` + kid + `","typ":"at+jwt","x5c":["AAAA"]}`,
		"certificate URL":    `{"alg":"ES256","kid":"` + kid + `","typ":"at+jwt","x5u":"https://evil.example"}`,
		"critical":           `{"alg":"ES256","kid":"` + kid + `","typ":"at+jwt","crit":["exp"],"exp":1}`,
		"critical b64":       `{"alg":"ES256","kid":"` + kid + `","typ":"at+jwt","crit":["b64"],"b64":false}`,
		"b64":                `{"alg":"ES256","kid":"` + kid + `","typ":"at+jwt","b64":true}`,
		"nested":             `{"alg":"ES256","kid":"` + kid + `","typ":"at+jwt","cty":"JWT"}`,
		"nonce":              `{"alg":"ES256","kid":"` + kid + `","typ":"at+jwt","nonce":"x"}`,
		"anything else":      `{"alg":"ES256","kid":"` + kid + `","typ":"at+jwt","x":1}`,
		"alg very long":      `{"alg":"` + strings.Repeat("x", 2000) + `","kid":"` + kid + `","typ":"at+jwt"}`,
		"empty":              `{}`,
		"null":               `null`,
	} {
		t.Run(name, func(t *testing.T) {
			mustRefuse(t, in.Keyring, forge(t, in.private, header, goodPayload()), t0)
		})
	}
}

// The classic attacks on the algorithm (RFC 8725, section 2.1): no signature, and HMAC with what everybody knows.
func TestOpenRefusesAlgorithmConfusion(t *testing.T) {
	in := newInstallation(t, "a")
	point, err := in.private.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	pem := "-----BEGIN PUBLIC KEY-----\n" + base64.StdEncoding.EncodeToString(in.keys[1].Public) + "\n-----END PUBLIC KEY-----\n"
	secrets := map[string][]byte{
		"PKIX": in.keys[1].Public, "PEM": []byte(pem), "JWKS": in.JWKS(), "point": point, "x": point[1:33], "empty": nil,
		"kid": []byte(in.kid), "hash key": in.secret().mac[:],
	}
	for name, secret := range secrets {
		for _, alg := range []string{"HS256", "HS512", "ES256"} {
			input := b64([]byte(`{"alg":"`+alg+`","kid":"`+in.kid+`","typ":"at+jwt"}`)) + "." + b64([]byte(goodPayload()))
			m := hmac.New(sha256.New, secret)
			if alg != "HS256" {
				m = hmac.New(sha512.New, secret) // 64 bytes, as an ES256 signature has
			}
			m.Write([]byte(input))
			t.Run(alg+" "+name, func(t *testing.T) { mustRefuse(t, in.Keyring, input+"."+b64(m.Sum(nil)), t0) })
		}
	}
	for _, alg := range []string{"none", "None", "NONE", "nOnE", ""} {
		input := b64([]byte(`{"alg":"`+alg+`","kid":"`+in.kid+`","typ":"at+jwt"}`)) + "." + b64([]byte(goodPayload()))
		for _, sig := range []string{"", "AA", b64(make([]byte, 64)), strings.Split(mustSign(t, in.Keyring, session()), ".")[2]} {
			mustRefuse(t, in.Keyring, input+"."+sig, t0)
		}
	}
}

// TestOpenRefusesClaims signs odd payloads with the true key: what a fault elsewhere, or another version, might do.
func TestOpenRefusesClaims(t *testing.T) {
	in := newInstallation(t, "a")
	user := "user:" + id(2).String()
	for name, change := range map[string]map[string]any{
		"iss missing":              {"iss": nil},
		"iss empty":                {"iss": ""},
		"iss a number":             {"iss": 1},
		"iss under ISS":            {"iss": nil, "ISS": "https://iam.example"},
		"sub missing":              {"sub": nil},
		"sub empty":                {"sub": ""},
		"sub without kind":         {"sub": id(2).String()},
		"sub with empty kind":      {"sub": ":" + id(2).String()},
		"sub of unknown kind":      {"sub": "robot:" + id(2).String()},
		"sub of the system":        {"sub": "system:" + id(2).String()},
		"sub in capitals":          {"sub": "User:" + id(2).String()},
		"sub without id":           {"sub": "user:"},
		"sub kind only":            {"sub": "user"},
		"sub nil id":               {"sub": "user:" + iam.UUID{}.String()},
		"sub bad id":               {"sub": "user:1"},
		"sub braces":               {"sub": "user:{" + id(2).String() + "}"},
		"sub space":                {"sub": user + " "},
		"sub two":                  {"sub": user + ":" + id(3).String()},
		"sub a list":               {"sub": []string{user}},
		"org missing":              {"org": nil},
		"org empty":                {"org": ""},
		"org nil id":               {"org": iam.UUID{}.String()},
		"org bad":                  {"org": "acme"},
		"org a list":               {"org": []string{id(1).String()}},
		"jti bad":                  {"jti": "1"},
		"jti a number":             {"jti": 1},
		"jti missing, endless":     {"jti": nil, "exp": nil},
		"jti nil id, endless":      {"jti": iam.UUID{}.String(), "exp": nil},
		"sid of a user":            {"sid": id(5).String()},
		"sid bad":                  {"jti": nil, "sub": "role:" + id(4).String(), "sid": "x"},
		"role without sid":         {"jti": nil, "sub": "role:" + id(4).String()},
		"role with jti":            {"sub": "role:" + id(4).String(), "sid": id(5).String()},
		"endless role":             {"jti": nil, "sub": "role:" + id(4).String(), "sid": id(5).String(), "exp": nil},
		"use unknown":              {"use": "refresh"},
		"use in capitals":          {"use": "Session"},
		"use a list":               {"use": []string{"session"}},
		"session without jti":      {"use": "session", "jti": nil},
		"session of nil id":        {"use": "session", "jti": iam.UUID{}.String()},
		"session, endless":         {"use": "session", "exp": nil},
		"session of an account":    {"use": "session", "sub": "service_account:" + id(2).String()},
		"session of a role":        {"use": "session", "sub": "role:" + id(4).String(), "sid": id(5).String()},
		"session with sid":         {"use": "session", "sid": id(5).String()},
		"iat missing":              {"iat": nil},
		"iat null":                 {"iat": json.RawMessage("null")},
		"iat zero":                 {"iat": 0},
		"iat text":                 {"iat": "1772445600"},
		"iat fraction":             {"iat": 1772445600.5},
		"iat huge":                 {"iat": maxDate + 1},
		"exp null":                 {"exp": json.RawMessage("null")},
		"exp zero":                 {"exp": 0},
		"exp negative":             {"exp": -1},
		"exp text":                 {"exp": "1772449200"},
		"exp empty text":           {"exp": ""},
		"exp fraction":             {"exp": 1772449200.5},
		"exp exponent":             {"exp": json.RawMessage("1.7724492e9")},
		"exp beyond 9999":          {"exp": maxDate + 1},
		"exp overflows":            {"exp": json.RawMessage("18446744073709551617")},
		"exp infinite":             {"exp": json.RawMessage("1e999")},
		"exp a list":               {"exp": []int{1772449200}},
		"exp true":                 {"exp": true},
		"exp before iat":           {"exp": 1772445599},
		"exp under EXP, no record": {"exp": nil, "EXP": 1772449200, "jti": nil},
	} {
		t.Run(name, func(t *testing.T) {
			mustRefuse(t, in.Keyring, forge(t, in.private, goodHeader(in), payloadWith(t, change)), t0)
		})
	}
	for name, payload := range map[string]string{
		"null":         `null`,
		"a list":       `[]`,
		"text":         `"x"`,
		"empty object": `{}`,
		"cut off":      goodPayload()[:40],
		"two objects":  goodPayload() + goodPayload(),
		"sub twice":    strings.Replace(goodPayload(), "{", `{"sub":"user:`+id(9).String()+`",`, 1),
		"exp twice":    strings.Replace(goodPayload(), "{", `{"exp":1772449999,`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			mustRefuse(t, in.Keyring, forge(t, in.private, goodHeader(in), payload), t0)
		})
	}
}

// payloadWith is goodPayload with some claims changed; nil removes.
func payloadWith(t *testing.T, change map[string]any) string {
	t.Helper()
	m := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(goodPayload()), &m); err != nil {
		t.Fatal(err)
	}
	for k, v := range change {
		delete(m, k)
		if v == nil {
			continue
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		m[k] = b
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestOpenIgnoresUnknownClaims(t *testing.T) {
	in := newInstallation(t, "a")
	p := payloadWith(t, map[string]any{"scope": "x", "new": map[string]any{"a": 1}})
	c, err := in.Open(forge(t, in.private, goodHeader(in), p), t0)
	if err != nil || c.Principal != (iam.Principal{Kind: iam.KindOfUser, ID: id(2)}) {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestErrorsDoNotQuoteTokens(t *testing.T) {
	in := newInstallation(t, "a")
	token := mustSign(t, newInstallation(t, "b").Keyring, session())
	expired := mustSign(t, in.Keyring, session())
	for _, s := range []string{token, token[1:], token[:len(token)-2], "x" + token, token + "!", expired} {
		_, err := in.Open(s, t0.Add(time.Hour))
		if err == nil {
			t.Fatal("it opens")
		}
		for _, part := range strings.Split(s, ".") {
			if strings.Contains(err.Error(), part[:12]) {
				t.Errorf("error quotes the token: %v", err)
			}
		}
	}
}

func TestLooksLikeJWT(t *testing.T) {
	for s, want := range map[string]bool{
		"a.b.c":         true,
		"eyJ.eyJ.-_9":   true,
		"":              false,
		".":             false,
		"..":            false,
		"a..c":          false,
		".b.c":          false,
		"a.b.":          false,
		"a.b":           false,
		"a.b.c.d":       false,
		"a.b.c.":        false,
		".a.b.c":        false,
		"a.b.c=":        false,
		"a.b.c+":        false,
		"a.b.c/":        false,
		"a.b.c\n":       false,
		" a.b.c":        false,
		"a.b.ç":         false,
		"AKIA01:secret": false,
		"abc":           false,
	} {
		if got := LooksLikeJWT(s); got != want {
			t.Errorf("LooksLikeJWT(%q) = %v", s, got)
		}
	}
}

func FuzzOpen(f *testing.F) {
	in := newInstallation(f, "a")
	signed := map[string]Claims{}
	for _, c := range []Claims{lasting(), session()} {
		token := mustSign(f, in.Keyring, c)
		input := token[:strings.LastIndexByte(token, '.')]
		signed[input] = c
		f.Add(token)
		f.Add(token[:len(token)-1])
		f.Add(input + ".")
	}
	f.Add(mustSign(f, newInstallation(f, "b").Keyring, session()))
	f.Add(b64([]byte(`{"alg":"none"}`)) + "." + b64([]byte(goodPayload())) + ".AA")
	f.Add("..")
	f.Add("{}")
	f.Fuzz(func(t *testing.T, token string) {
		c, err := in.Open(token, t0)
		if err == nil {
			// Nothing but what was signed; the other signature (R, N-S) of the same input verifies as well.
			if want, ok := signed[token[:max(0, strings.LastIndexByte(token, '.'))]]; !ok || c != want {
				t.Fatalf("%q opens as %+v", token, c)
			}
			return
		}
		mustRefuse(t, in.Keyring, token, t0)
	})
}

func BenchmarkHash(b *testing.B) {
	in := newInstallation(b, "a")
	b.ReportAllocs()
	for b.Loop() {
		in.Hash("MADE/UP+secret0123456789abcdefABCDEFghij")
	}
}

func BenchmarkMatches(b *testing.B) {
	in := newInstallation(b, "a")
	hash := in.Hash("MADE/UP+secret0123456789abcdefABCDEFghij")
	b.ReportAllocs()
	for b.Loop() {
		in.Matches("MADE/UP+secret0123456789abcdefABCDEFghij", hash)
	}
}

func BenchmarkOpenCached(b *testing.B) {
	in := newInstallation(b, "a")
	token := mustSign(b, in.Keyring, session())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := in.Open(token, t0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenCold(b *testing.B) {
	in := newInstallation(b, "a")
	token := mustSign(b, in.Keyring, session())
	b.ReportAllocs()
	for b.Loop() {
		clear(in.seen.young)
		if _, err := in.Open(token, t0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	in := newInstallation(b, "a")
	b.ReportAllocs()
	for b.Loop() {
		mustSign(b, in.Keyring, session())
	}
}

// Opening a known token is part of every call, so it allocates nothing.
func TestOpenCachedAllocates(t *testing.T) {
	in := newInstallation(t, "a")
	token := mustSign(t, in.Keyring, session())
	if n := testing.AllocsPerRun(100, func() { _, _ = in.Open(token, t0) }); n != 0 {
		t.Errorf("Open of a cached token allocates %v times", n)
	}
}
