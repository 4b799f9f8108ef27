package api_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/api"
	"github.com/writ-iam/writ/internal/sitetest"
)

// told are the members of answers that are told once.
var told = regexp.MustCompile(`"(?:token|secret_access_key|session_token|renew_token|secret)":"([^"]+)"`)

// listener hears everything that the API answers, and knows which of it was secret.
type listener struct {
	secrets map[string]string // to where they were told
	heard   bytes.Buffer      // all answers, without the secrets where they were told
}

func (l *listener) hear(r *reply) *reply {
	for _, m := range told.FindAllStringSubmatch(string(r.body), -1) {
		l.secrets[m[1]] = r.what
	}
	fmt.Fprintf(&l.heard, "%v\n%s\n", r.header, told.ReplaceAll(r.body, nil))
	return r
}

// TestSecretsAreToldOnce makes every operation, with good secrets and wrong ones, and looks for all of them in every
// later answer, in the log at debug, and in every file of the data folder.
func TestSecretsAreToldOnce(t *testing.T) {
	t.Parallel()
	e := estateOn(t, sitetest.New(t))
	master := e.control.Master
	e.handler = overHTTP(t, api.New(e.config))
	l := &listener{secrets: map[string]string{e.operator: "install"}}
	mine, theirs := e.found("acme.example"), e.found("other.example")
	e.clock.advance(8 * 24 * time.Hour)
	e.names = e.furnish(mine)
	e.furnish(theirs)
	e.owner, e.org = mine["token"], mine["org"]
	for _, n := range []map[string]string{mine, theirs} {
		for _, name := range []string{"token", "secret", "user_secret", "session_secret", "session_token", "ended_secret", "ended_token",
			"password", "user_token", "user_renew", "own_token", "renew_token"} {
			l.secrets[n[name]] = name
		}
	}
	public := []string{mine["key"], mine["user_key"], mine["session_key"], theirs["key"]}

	e.tour(l)
	wrong := e.wrongSecrets(l)
	e.everything(l)
	if len(l.secrets) < 20 {
		t.Fatalf("only %d secrets were told", len(l.secrets))
	}

	must(t, e.control.Store.Close())
	places := map[string][]byte{"an answer": l.heard.Bytes(), "the log": []byte(e.log.String())}
	must(t, filepath.WalkDir(e.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		places[path], err = os.ReadFile(path)
		return err
	}))
	db := places[filepath.Join(e.dir, "writ.db")]
	for _, key := range public {
		if !bytes.Contains(db, []byte(key)) {
			t.Errorf("the database does not hold the access key id %s: the search is in the wrong place", key)
		}
	}
	for _, key := range public[:2] { // those of sessions are told once too
		if !bytes.Contains(places["an answer"], []byte(key)) {
			t.Errorf("no answer holds the access key id %s: the search is in the wrong place", key)
		}
	}
	if !bytes.Contains(places["the log"], []byte("status=201")) || !bytes.Contains(places["the log"], []byte("status=401")) {
		t.Error("the log has no requests: the search is in the wrong place")
	}
	for place, content := range places {
		for secret, where := range l.secrets {
			find(t, place, content, secret, "a secret that was told by "+where)
		}
		for _, secret := range wrong {
			find(t, place, content, secret, "a wrong secret that a client sent")
		}
	}
	for path, content := range places {
		for _, key := range [][]byte{master[:], []byte(hex.EncodeToString(master[:]))} {
			if bytes.Contains(content, key) {
				t.Errorf("%s holds the master key", path)
			}
		}
	}
}

// find looks for a secret in the forms in which it could have been written. The middle of a token is its claims, which
// are no secret; its signature is.
func find(t *testing.T, place string, content []byte, secret, what string) {
	t.Helper()
	if parts := strings.Split(secret, "."); len(parts) == 3 {
		secret = parts[2]
	}
	raw, _ := base64.StdEncoding.DecodeString(secret)
	for form, text := range map[string]string{"itself": secret, "escaped": url.QueryEscape(secret), "hexadecimal": hex.EncodeToString([]byte(secret)),
		"base64": base64.StdEncoding.EncodeToString([]byte(secret)), "decoded": string(raw), "reversed": reversed(secret), "half": secret[:len(secret)/2]} {
		if len(text) >= 16 && bytes.Contains(content, []byte(text)) {
			t.Errorf("%s holds %s (%s)", place, what, form)
		}
	}
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// tour makes every operation once, each in the order of the catalogue but what deletes things last.
func (e *estate) tour(l *listener) {
	e.names["nobody"], e.names["other.group"] = nobodyID, nobodyID
	l.hear(e.deed(e.names, "role_credential", e.as(e.owner), roles+"/"+e.names["role2"]+"/credentials", obj{"name": "signs"}, "credential.id"))
	all := catalogue()
	slices.SortStableFunc(all, func(a, b *operation) int {
		return strings.Compare(strings.TrimPrefix(a.method(), "PATCH"), strings.TrimPrefix(b.method(), "PATCH"))
	})
	slices.SortStableFunc(all, func(a, b *operation) int { return rank(a) - rank(b) })
	for i, o := range all {
		e.clock.advance(time.Second)
		if i > 0 && rank(all[i-1]) < 3 && rank(o) >= 3 {
			e.everything(l) // while it is all there
		}
		if o.prepare != nil {
			o.prepare(e)
		}
		who := e.whoMay(o)
		if o.name == "assumeRole" {
			who = e.asKey(e.names["key"], e.names["secret"])
		}
		want := o.statuses()[0]
		switch o.name { // their twins have done it
		case "deleteServiceAccountKey":
			want = 404
		case "revokeSTSSession/delete":
			want = 409
		case "deleteJWT", "deleteWebAuthnAuthenticator": // they went with the user
			want = 404
		}
		l.hear(who.do(o.method(), e.fill(o.path()), body(e, o)).want(want))
		if o.undo != nil {
			o.undo(e)
		}
	}
}

// rank puts what others need before what takes it away.
func rank(o *operation) int {
	switch {
	case o.method() == "GET":
		return 0
	case o.name == "deletePolicy":
		return 5
	case strings.HasPrefix(o.name, "create"), strings.HasPrefix(o.name, "add"), o.name == "assumeRole", o.name == "getWorkloadCredentials":
		return 1
	case slices.Contains([]string{"updateRole", "setQuota"}, o.name):
		return 4
	case o.method() == "DELETE" && strings.Count(o.path(), "/") > 4:
		return 3
	case o.method() == "DELETE":
		return 4
	}
	return 2
}

// wrongSecrets sends secrets that are none in every manner, and in every place where one could be by mistake.
func (e *estate) wrongSecrets(l *listener) []string {
	var sent []string
	n := 0
	fresh := func() string {
		n++
		s := fmt.Sprintf("WRONG%02dsecretAAbbCCddEEffGGhhIIjjKKllMM%02d", n, n)
		sent = append(sent, s)
		return s
	}
	key := e.names["key"]
	for _, c := range []*caller{
		e.as(fresh()), e.as("eyJhbGciOiJFUzI1NiJ9.e30." + fresh()), e.asKey(key, fresh()), e.asKey("AKIA0000000000000000", fresh()),
		e.asKey(fresh(), key), // the wrong way round
		e.asKey(fresh(), fresh()),
		e.asKey("ASIA0000000000000000", fresh()).with("X-Session-Token", fresh()), e.asKey(e.names["session_key"], fresh()).with("X-Session-Token", e.names["session_token"]),
		e.asKey("ASIA"+fresh(), fresh()).with("X-Session-Token", fresh()),
		e.with("Authorization", "Basic "+fresh()), e.with("Authorization", fresh()), e.with("X-Session-Token", fresh()), e.with("X-Api-Key", fresh()),
		e.asKey(e.names["secret"], key), e.as(e.names["secret"] + "x"), e.as(e.names["token"] + "x"), e.asKey(key, e.names["user_secret"]),
		e.as(e.names["ended_token"]), e.asKey("Bearer "+e.names["token"], "x"),
	} {
		l.hear(c.get(groups).want(401))
		l.hear(c.post(groups, obj{"name": "x"}).want(401))
	}
	owner := e.as(e.owner)
	for _, r := range []*reply{
		owner.get(groups + "/" + fresh()), owner.get(groups + "?limit=" + fresh()), owner.get(groups + "?secret=" + fresh()), owner.get("/v1/" + fresh()),
		owner.with("X-Other", fresh()).get(groups), owner.with("Cookie", fresh()).get(groups), owner.with("Writ-At-Least", fresh()).get(groups),
		owner.post(groups, obj{"name": "x*", "secret": fresh()}), owner.post(groups, `{"secret":"`+fresh()),
		owner.do("PUT", groups+"?key="+fresh(), nil),
	} {
		l.hear(e.unless(r, sent))
	}
	return sent
}

// unless is a reply without what the client itself sent in the place at fault, which the answer may repeat to it.
func (e *estate) unless(r *reply, sent []string) *reply {
	out := *r
	for _, s := range sent {
		out.body = bytes.ReplaceAll(out.body, []byte(s), nil)
		for i := 40; i > 16; i-- { // cut
			if len(s) > i {
				out.body = bytes.ReplaceAll(out.body, []byte(s[:i]), nil)
			}
		}
	}
	return &out
}

// everything reads all that can be read, the audit logs to their end.
func (e *estate) everything(l *listener) {
	for _, r := range api.Routes() {
		if r.Method != "GET" {
			continue
		}
		path := e.fill(patternPath(r.Pattern)) + "?limit=100&active_only=false"
		for _, token := range []string{e.owner, e.operator} {
			l.hear(e.as(token).get(path))
		}
	}
	for _, token := range []string{e.owner, e.operator} {
		marker := ""
		for {
			page := l.hear(e.as(token).get("/v1/audit-logs?limit=100" + marker).want(200))
			if page.at("meta.has_more") != true {
				break
			}
			marker = "&marker=" + page.str("meta.marker")
		}
	}
}
