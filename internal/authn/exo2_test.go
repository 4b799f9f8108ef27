package authn

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The key of the contract's worked vectors (exoscale.md, section 2.4).
const (
	vectorKey    = "EXO0123456789abcdef01234567"
	vectorSecret = "made-up-secret-0123456789abcdefghijklmnop"
)

var vectorEnd = time.Unix(1893456000, 0)

// signedVectors are S1 to S5.
var signedVectors = []struct{ name, method, path, query, body, args, signature string }{
	{"S1", "GET", "/v2/iam-role", "", "", "", "cMq3PxWLWWV+s5b0evp5J59f+wnAVt1lvsOqr64liNs="},
	{"S2", "POST", "/v2/api-key", "", `{"name":"orchid-ci","role-id":"3f0c2f3a-5d1e-4a57-9a10-0d5c1e8b7a11"}`, "", "UVDXyvGaJqezTP2l6vGCczuVXtpAL54QZU3boiB4aKM="},
	{"S3", "GET", "/v2/event", "from=2026-01-02T03%3A04%3A05Z&to=2026-01-03T03%3A04%3A05Z", "", "from;to", "fiIPohpNcWEcdHx+FgKXvPeiwJ5DvRmlrgPVAFfF4fA="},
	{"S4", "PUT", "/v2/iam-role/3f0c2f3a-5d1e-4a57-9a10-0d5c1e8b7a11:policy", "", `{"default-service-strategy":"deny","services":{}}`, "", "LY320otQvVwq2qgUKewuwcJmBWM+6+Gt9bf6F0YwY1Q="},
	{"S5", "POST", "/v2/iam-organization-policy:reset", "", "", "", "Qv3Dlr0ABPTB+YUr1SpgYqMMinITSo1bPiQoJ+F4iK8="},
}

func vectorHeader(args, signature string) string {
	if args != "" {
		args = ",signed-query-args=" + args
	}
	return "EXO2-HMAC-SHA256 credential=" + vectorKey + args + ",expires=1893456000,signature=" + signature
}

// signedRequest is one of the vectors as it arrives.
func signedRequest(t *testing.T, i int) *SignedRequest {
	t.Helper()
	v := signedVectors[i]
	s, err := ParseSignature(vectorHeader(v.args, v.signature))
	if err != nil {
		t.Fatalf("%s: %v", v.name, err)
	}
	q, err := url.ParseQuery(v.query)
	if err != nil {
		t.Fatal(err)
	}
	return &SignedRequest{Signature: s, Method: v.method, Path: v.path, Query: q, Body: []byte(v.body)}
}

func TestSignatureVectors(t *testing.T) {
	for i, v := range signedVectors {
		r := signedRequest(t, i)
		if r.Key != vectorKey {
			t.Errorf("%s: key %q", v.name, r.Key)
		}
		for _, now := range []time.Time{{}, vectorEnd.Add(-time.Hour), vectorEnd} {
			if err := r.Verify(vectorSecret, now); err != nil {
				t.Errorf("%s at %v: %v", v.name, now, err)
			}
		}
		if got := base64.StdEncoding.EncodeToString(r.sum(vectorSecret)); got != v.signature {
			t.Errorf("%s: %s", v.name, got)
		}
	}
}

// TestSignatureTampered changes each part of each vector.
func TestSignatureTampered(t *testing.T) {
	for i, v := range signedVectors {
		for what, change := range map[string]func(*SignedRequest){
			"method":              func(r *SignedRequest) { r.Method = "DELETE" },
			"method's case":       func(r *SignedRequest) { r.Method = strings.ToLower(r.Method) },
			"path":                func(r *SignedRequest) { r.Path += "x" },
			"path's escapes":      func(r *SignedRequest) { r.Path = strings.Replace(r.Path, "-", "%2D", 1) + "%20" },
			"prefix":              func(r *SignedRequest) { r.Path = strings.TrimPrefix(r.Path, "/v2") },
			"body":                func(r *SignedRequest) { r.Body = append(r.Body, ' ') },
			"end":                 func(r *SignedRequest) { r.expires++ },
			"proof":               func(r *SignedRequest) { r.mac[31] ^= 1 },
			"proof cut":           func(r *SignedRequest) { r.mac = r.mac[:31] },
			"no proof":            func(r *SignedRequest) { r.mac = nil },
			"a parameter that is": func(r *SignedRequest) { r.args, r.Query = []string{"x"}, url.Values{"x": {"1"}} },
		} {
			r := signedRequest(t, i)
			change(r)
			if err := r.Verify(vectorSecret, vectorEnd); err == nil {
				t.Errorf("%s: with another %s it is accepted", v.name, what)
			}
		}
		r := signedRequest(t, i)
		for _, secret := range []string{"", vectorSecret + "x", vectorSecret[1:], strings.ToUpper(vectorSecret)} {
			if err := r.Verify(secret, vectorEnd); err == nil {
				t.Errorf("%s: secret %q is accepted", v.name, secret)
			}
		}
		for _, late := range []time.Duration{time.Second, 1000 * time.Hour} {
			if err := r.Verify(vectorSecret, vectorEnd.Add(late)); err == nil || !strings.Contains(err.Error(), "expired") {
				t.Errorf("%s, %v late: %v", v.name, late, err)
			}
		}
	}
}

// TestSignatureQuery: what of the query is signed (section 2.3).
func TestSignatureQuery(t *testing.T) {
	const three = 2 // S3
	for what, c := range map[string]struct {
		change func(*SignedRequest)
		good   bool
	}{
		"a parameter changed":           {func(r *SignedRequest) { r.Query.Set("to", "2027-01-03T03:04:05Z") }, false},
		"a parameter gone":              {func(r *SignedRequest) { r.Query.Del("to") }, false},
		"two values in place of one":    {func(r *SignedRequest) { r.Query.Add("to", r.Query.Get("to")) }, false},
		"values exchanged":              {func(r *SignedRequest) { r.Query["from"], r.Query["to"] = r.Query["to"], r.Query["from"] }, false},
		"names in another order":        {func(r *SignedRequest) { r.args = []string{"to", "from"} }, false},
		"a name left out":               {func(r *SignedRequest) { r.args = r.args[:1] }, false},
		"a parameter that is not named": {func(r *SignedRequest) { r.Query.Set("blank", "x") }, true},
		"a name without a parameter":    {func(r *SignedRequest) { r.args = append(r.args, "zone") }, true},
		"a name with many values": {func(r *SignedRequest) {
			r.args, r.Query = append(r.args, "z"), url.Values{"from": r.Query["from"], "to": r.Query["to"], "z": {"1", "2"}}
		}, true},
	} {
		r := signedRequest(t, three)
		c.change(r)
		if err := r.Verify(vectorSecret, vectorEnd); (err == nil) != c.good {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestParseSignatureRefuses(t *testing.T) {
	good := signedVectors[0].signature
	for _, header := range []string{
		"", "EXO2-HMAC-SHA256", "EXO2-HMAC-SHA256 ", "Bearer abc", "exo2-hmac-sha256 credential=a,expires=1,signature=" + good,
		"EXO2-HMAC-SHA256credential=a,expires=1,signature=" + good,
		"EXO2-HMAC-SHA256  credential=a,expires=1,signature=" + good, // the name is " credential"
		"EXO2-HMAC-SHA256 credential=a,expires=1",
		"EXO2-HMAC-SHA256 credential=,expires=1,signature=" + good,
		"EXO2-HMAC-SHA256 expires=1,signature=" + good,
		"EXO2-HMAC-SHA256 credential=a,signature=" + good,
		"EXO2-HMAC-SHA256 credential=a,expires=,signature=" + good,
		"EXO2-HMAC-SHA256 credential=a,expires=1.5,signature=" + good,
		"EXO2-HMAC-SHA256 credential=a,expires=+1,signature=" + good,
		"EXO2-HMAC-SHA256 credential=a,expires=01,signature=" + good,
		"EXO2-HMAC-SHA256 credential=a,expires=99999999999999999999,signature=" + good,
		"EXO2-HMAC-SHA256 credential=a,expires=1,signature=",
		"EXO2-HMAC-SHA256 credential=a,expires=1,signature=" + strings.TrimSuffix(good, "="),
		"EXO2-HMAC-SHA256 credential=a,expires=1,signature=" + strings.ReplaceAll(good, "+", "-"),
		"EXO2-HMAC-SHA256 credential=a,expires=1,signature=AAAA",
		"EXO2-HMAC-SHA256 credential=a,credential=b,expires=1,signature=" + good,
		"EXO2-HMAC-SHA256 credential=a,expires=1,expires=2,signature=" + good,
		"EXO2-HMAC-SHA256 credential=a,expires=1,signature=" + good + ",x",
		"EXO2-HMAC-SHA256 credential=a,expires=1,signature=" + good + ",",
		"EXO2-HMAC-SHA256 credential=a,signed-query-args=" + strings.Repeat("a;", 200) + ",expires=1,signature=" + good,
		"EXO2-HMAC-SHA256 credential=" + strings.Repeat("a", 9000) + ",expires=1,signature=" + good,
	} {
		if s, err := ParseSignature(header); err == nil {
			t.Errorf("%.120q: %+v", header, s)
		}
	}
}

// TestParseSignatureOrder: pairs come in any order, and others may stand among them.
func TestParseSignatureOrder(t *testing.T) {
	s, err := ParseSignature("EXO2-HMAC-SHA256 signature=" + signedVectors[2].signature + ",future=1,expires=7,signed-query-args=a;b,credential=k")
	if err != nil || s.Key != "k" || s.expires != 7 || strings.Join(s.args, " ") != "a b" || len(s.mac) != 32 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestExoscaleKeys(t *testing.T) {
	random := seeded("exoscale")
	seen := map[string]bool{}
	for range 500 {
		p, err := NewExoscaleKey(random)
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`^EXO[0-9a-f]{24}$`).MatchString(p.ID) || !regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`).MatchString(p.Secret) {
			t.Fatalf("%+v", p)
		}
		if seen[p.ID] || seen[p.Secret] || LooksLikeJWT(p.Secret) || IsTemporary(p.ID) {
			t.Fatal("a key was made twice, or is taken for something else")
		}
		seen[p.ID], seen[p.Secret] = true, true
	}
	if p, err := NewExoscaleKey(failing(20)); err == nil || p != (KeyPair{}) {
		t.Errorf("without randomness: %v", err)
	}
}

func FuzzParseSignature(f *testing.F) {
	for _, v := range signedVectors {
		f.Add(vectorHeader(v.args, v.signature))
	}
	f.Add("EXO2-HMAC-SHA256 a=b,=,,")
	f.Fuzz(func(t *testing.T, header string) {
		s, err := ParseSignature(header)
		if err != nil {
			return
		}
		r := &SignedRequest{Signature: s, Method: "GET", Path: "/v2/iam-role"}
		if r.Verify("another secret", time.Unix(0, 0)) == nil {
			t.Errorf("%q verifies", header)
		}
	})
}
