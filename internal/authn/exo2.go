package authn

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// exo2 is the scheme of requests that are signed as Exoscale's clients sign them (contract exoscale.md, section 2).
const exo2 = "EXO2-HMAC-SHA256"

// What a header may have: more than any client sends.
const (
	maxSignature  = 8 << 10
	maxSignedArgs = 100
)

// Signature is what the header Authorization of a signed request says: by which key, what of the query was signed, until
// when, and the proof. It is made by ParseSignature.
type Signature struct {
	Key     string // the access key id
	args    []string
	expires int64
	mac     []byte
}

// SignedRequest is a request as its signature is about it.
type SignedRequest struct {
	Signature
	Method string
	Path   string // as it was sent, with its escapes
	Query  url.Values
	Body   []byte
}

// ParseSignature reads the header Authorization. Its pairs may come in any order, and each of them once.
func ParseSignature(header string) (Signature, error) {
	list, ok := strings.CutPrefix(header, exo2+" ")
	if !ok || len(header) > maxSignature {
		return Signature{}, fmt.Errorf("it is no signature of the scheme %s", exo2)
	}
	var s Signature
	seen := map[string]bool{}
	for pair := range strings.SplitSeq(list, ",") {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || seen[name] {
			return Signature{}, fmt.Errorf("a pair of the signature is malformed or stands twice")
		}
		seen[name] = true
		if err := s.set(name, value); err != nil {
			return Signature{}, err
		}
	}
	if s.Key == "" || !seen["expires"] || len(s.mac) != sha256.Size {
		return Signature{}, fmt.Errorf("the signature lacks its key, its end or its proof")
	}
	return s, nil
}

// set takes over one pair. Names that mean nothing are passed over: nothing is granted by them.
func (s *Signature) set(name, value string) (err error) {
	switch name {
	case "credential":
		s.Key = value
	case "signed-query-args":
		if s.args = strings.Split(value, ";"); len(s.args) > maxSignedArgs {
			err = fmt.Errorf("the signature names %d parameters", len(s.args))
		}
	case "expires":
		if s.expires, err = strconv.ParseInt(value, 10, 64); err == nil && strconv.FormatInt(s.expires, 10) != value {
			err = fmt.Errorf("the end of the signature is not written as a number")
		}
	case "signature":
		s.mac, err = base64.StdEncoding.Strict().DecodeString(value)
	}
	return err
}

// Verify tells whether the request was signed with a secret and is still good. The proof is compared in constant time.
func (r *SignedRequest) Verify(secret string, now time.Time) error {
	if secret == "" || !hmac.Equal(r.mac, r.sum(secret)) {
		return fmt.Errorf("the signature is not of this request and the key %.64q", r.Key)
	}
	if r.expires < now.Unix() {
		return fmt.Errorf("the signature by key %.64q has expired", r.Key)
	}
	return nil
}

// sum is the proof that the request should have: five lines, of which the fourth is empty (section 2.1).
func (r *SignedRequest) sum(secret string) []byte {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(r.Method + " " + r.Path + "\n"))
	m.Write(r.Body)
	m.Write([]byte("\n"))
	for _, name := range r.args {
		if values := r.Query[name]; len(values) == 1 { // some clients name others, and sign nothing of them
			m.Write([]byte(values[0]))
		}
	}
	m.Write([]byte("\n\n" + strconv.FormatInt(r.expires, 10)))
	return m.Sum(nil)
}
