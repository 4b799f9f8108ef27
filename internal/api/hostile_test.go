package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/writ-iam/writ/internal/api"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// operationOf finds the catalogue's entry for a route.
func operationOf(t testing.TB, r api.Route) *operation {
	t.Helper()
	re := regexp.MustCompile("^" + placeholder.ReplaceAllString(r.Pattern, `[^/]+`) + "$")
	for _, o := range catalogue() {
		if o.method() == r.Method && re.MatchString(o.path()) {
			return o
		}
	}
	t.Fatalf("%s %s is in no catalogue", r.Method, r.Pattern)
	return nil
}

// takers are the operations of all routes that take a body.
func takers(t testing.TB) []*operation {
	var out []*operation
	for _, r := range api.Routes() {
		if o := operationOf(t, r); o.body != "" {
			out = append(out, o)
		}
	}
	if len(out) < 25 {
		t.Fatalf("only %d routes take a body", len(out))
	}
	return out
}

// whoMay is who may do an operation.
func (e *estate) whoMay(o *operation) *caller {
	switch {
	case o.platform:
		return e.as(e.operator)
	case o.as != "":
		return e.as(e.names[o.as])
	}
	return e.as(e.owner)
}

// attack is a request that must be refused.
type attack struct {
	why, body string
	status    int
	field     string // begins the details; "" if no input is at fault, anything if it may or may not be named
}

const anything = "anything"

// generic are bodies that are wrong whatever is asked.
func generic(good string) []attack {
	deep := func(open, end string) string {
		return `{"x":` + strings.Repeat(open, 10_000) + strings.Repeat(end, 10_000) + `}`
	}
	wide := utf16.Encode([]rune(good))
	utf16le := make([]byte, 0, 2*len(wide))
	for _, c := range wide {
		utf16le = append(utf16le, byte(c), byte(c>>8))
	}
	at := strings.LastIndexByte(good, '}')
	and := func(more string) string { return good[:at] + "," + more + "}" }
	out := []attack{
		{"white space", " \r\n\t ", 400, ""},
		{"null", "null", 400, ""}, {"true", "true", 400, ""}, {"a number", "1e3", 400, ""}, {"a string", `"{}"`, 400, ""},
		{"an array", "[" + good + "]", 400, ""}, {"half an object", good[:at], 400, ""}, {"an end", "}", 400, ""},
		{"more braces", good + "}", 400, ""}, {"another object", good + good, 400, ""}, {"another line", good + "\n{}", 400, ""},
		{"a NUL after it", good + "\x00", 400, ""}, {"a NUL before it", "\x00" + good, 400, ""}, {"a comma", good[:at] + ",}", 400, ""},
		{"no quotes", "{name:1}", 400, ""}, {"other quotes", "{'name':'x'}", 400, ""}, {"a comment", "/* */" + good, 400, ""},
		{"a byte order mark", "\ufeff" + good, 400, ""}, {"UTF-16", string(utf16le), 400, ""}, {"a form", "name=x&email=y", 400, ""},
		{"XML", "<name>x</name>", 400, ""}, {"NaN", and(`"x":NaN`), 400, ""}, {"a number with a zero", and(`"x":01`), 400, ""},
		{"half a number", and(`"x":1.`), 400, ""}, {"a byte that is no UTF-8", and("\"x\":\"\xff\""), 400, ""},
		{"an overlong byte", and("\"x\":\"\xc0\x80\""), 400, ""}, {"a name that is no UTF-8", and("\"\xed\xa0\x80\":1"), 400, ""},
		{"a lone surrogate", and(`"x":"\ud800"`), 400, ""}, {"surrogates the wrong way round", and(`"x":"\udc00\ud800"`), 400, ""},
		{"a control character", and("\"x\":\"\x01\""), 400, ""}, {"a new line in a string", and("\"x\":\"\n\""), 400, ""},
		{"a NUL in a string", and("\"x\":\"\x00\""), 400, ""}, {"no such escape", and(`"x":"\x41"`), 400, ""},
		{"a member twice", and(`"x":1,"x":1`), 400, "x: "}, {"a member twice, once with an escape", and(`"x":1,"\u0078":2`), 400, "x: "},
		{"a nested member twice", and(`"x":{"y":1,"y":2}`), 400, "x.y: "}, {"a member of an element twice", and(`"x":[0,{"y":1,"y":2}]`), 400, "x[1].y: "},
		{"arrays in arrays", deep("[", "]"), 400, ""}, {"objects in objects", deep(`{"a":`, "}"), 400, ""},
		{"brackets that never end", `{"x":` + strings.Repeat("[", 10_000), 400, ""},
		{"33 levels", and(`"x":` + strings.Repeat("[", 32) + strings.Repeat("]", 32)), 400, ""},
		{"300 KB", good + strings.Repeat(" ", 300<<10), 413, ""}, {"300 KB of brackets", strings.Repeat("[", 300<<10), 413, ""},
		{"a megabyte", and(`"x":"` + strings.Repeat("x", 1<<20) + `"`), 413, ""},
	}
	return out
}

// kindOf is the kind of a JSON value.
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "text"
	case float64:
		return "number"
	case bool:
		return "bool"
	case []any:
		return "array"
	}
	return "object"
}

// wrongTypes are values of each kind.
var wrongTypes = map[string][]string{
	"text": {`"x"`, `""`}, "number": {"7", "-1", "0.5", "1e400", "123456789012345678901234567890"}, "bool": {"true", "false"},
	"array": {"[]", `["x"]`, "[[]]", "[null]"}, "object": {"{}", `{"x":1}`},
}

// aimed are bodies in which one known member of the good one is wrong.
func aimed(t *testing.T, good string) []attack {
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(good), &members); err != nil {
		t.Fatalf("%s: %v", good, err)
	}
	var out []attack
	for _, name := range slices.Sorted(maps.Keys(members)) {
		add := func(why, value string, status int, field string) {
			changed := maps.Clone(members)
			delete(changed, name)
			text, err := json.Marshal(changed)
			if err != nil {
				t.Fatal(err)
			}
			body := strings.TrimSuffix(string(text), "}")
			if len(changed) > 0 {
				body += ","
			}
			body += fmt.Sprintf("%q:%s}", name, value)
			out = append(out, attack{name + " is " + why, body, status, field})
		}
		var v any
		if err := json.Unmarshal(members[name], &v); err != nil {
			t.Fatal(err)
		}
		is := kindOf(v)
		for _, kind := range slices.Sorted(maps.Keys(wrongTypes)) {
			for _, value := range wrongTypes[kind] {
				if kind != is && !(is == "null" && kind == "text") {
					add(value, value, 400, name)
				}
			}
		}
		add("there twice", string(members[name])+fmt.Sprintf(",%q:", name)+string(members[name]), 400, name+": ")
		add("a lone surrogate", `"\ud83d"`, 400, anything)
		add("a megabyte", `"`+strings.Repeat("x", 1<<20)+`"`, 413, "")
		switch is {
		case "text":
			add("a NUL", `"x\u0000x"`, 400, name+": ")
			add("an escape character", `"\u001b[2J"`, 400, name+": ")
			add("5000 characters", `"`+strings.Repeat("ä", 5000)+`"`, 400, name+": ")
		case "number":
			for _, value := range []string{"0.5", "1e400", "-1e400", "123456789012345678901234567890", "9223372036854775808000"} {
				add(value, value, 400, name+": ")
			}
		case "array":
			first := name + "[1]: "
			if items := v.([]any); len(items) > 0 && kindOf(items[0]) == "object" {
				first = name + "[0]: " // which is a text
			}
			add("an array of another type", `["`+nobodyID+`",7]`, 400, first)
			add("an array of arrays", `[[]]`, 400, name+"[0]: ")
			add("an array with a NUL", `["\u0000"]`, 400, name+"[0]: ")
		case "object":
			add("an object with a member twice", `{"x":1,"x":1}`, 400, name+".x: ")
		}
	}
	return out
}

// TestHostileBodies sends every route that takes a body everything that is no good one.
func TestHostileBodies(t *testing.T) {
	t.Parallel()
	for _, o := range takers(t) {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			e := newEstate(t)
			who, path, good := e.whoMay(o), e.fill(o.path()), e.fill(o.body)
			before := e.tail()
			attacks := append(generic(good), aimed(t, good)...)
			slices.SortStableFunc(attacks, func(a, b attack) int { return b.status - a.status }) // what closes connections first
			for _, a := range attacks {
				if o.name == "revokeSTSSession" && a.why == "white space" {
					continue // it may have no body
				}
				if o.name == "applyCatalogFile" && strings.HasPrefix(a.why, "300 KB") {
					continue // its bodies may be larger
				}
				if o.name == "applyCatalogFile" {
					a.field = anything // a file's mistakes are told as files have them
				}
				if o.name == "signIn" { // so many in a minute, good or bad
					e.clock.advance(time.Minute / wire.SignInsPerMinute)
				}
				began := time.Now()
				r := who.do(o.method(), path, a.body)
				if r.status != a.status {
					t.Errorf("%s: status %d, want %d: %.300s", a.why, r.status, a.status, r.body)
					continue
				}
				if wrong := anError(r.decode()); wrong != "" {
					t.Errorf("%s: %s in %s", a.why, wrong, r.body)
				} else if details, _ := r.at("error.details").(string); a.field != anything && (!strings.HasPrefix(details, a.field) || a.field == "" && details != "") {
					t.Errorf("%s: details %.200q, want them about %q", a.why, details, a.field)
				}
				if len(r.body) > 1000 {
					t.Errorf("%s: an answer of %d bytes", a.why, len(r.body))
				}
				if e.tail() != before {
					t.Fatalf("%s: something was committed", a.why)
				}
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("%s: took %s", a.why, took)
				}
			}
			who.get(alive(o)).want(200)
		})
	}
}

// alive is a path that whoever may do the operation may read.
func alive(o *operation) string {
	if o.platform {
		return "/v1/people"
	}
	return "/v1/iam/groups"
}

// TestHostilePaths asks for every route by paths that are nearly right.
func TestHostilePaths(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	before := e.tail()
	n := 0
	for _, r := range api.Routes() {
		o := operationOf(t, r)
		path := e.fill(o.path())
		i := strings.LastIndexByte(path, '/')
		dir, last := path[:i], path[i+1:]
		for _, bad := range []string{path + "/", "/" + path, dir + "//" + last, dir + "/./" + last, dir + "/x/../" + last, dir + "/x%2f..%2f" + last,
			dir + "/..%2f" + last, dir + "/%2e%2e/" + last, dir + "/%2e/" + last, dir + "%2f" + last, path + "%2f", path + "%00", path + "%0a", path + "%20",
			path + ";x=1", path + "/..%2f..%2fgroups", path + "/%2e%2e", path + ".json", path + "%c0%af", path + `%5c..`, "/v1/v1" + path, path + path} {
			n++
			u, err := url.ParseRequestURI(bad)
			if err != nil {
				t.Fatal(err)
			}
			got := e.whoMay(o).do(o.method(), u.RequestURI(), body(e, o))
			if got.status != 404 && got.status != 405 || got.header.Get("Location") != "" {
				t.Errorf("%s: status %d, Location %q: %.200s", got.what, got.status, got.header.Get("Location"), got.body)
			} else {
				got.want(got.status)
			}
			if e.tail() != before {
				t.Fatalf("%s: something was committed", got.what)
			}
		}
	}
	if n < 1000 {
		t.Errorf("only %d paths", n)
	}
}

func body(e *estate, o *operation) any {
	if o.body == "" {
		return nil
	}
	return e.fill(o.body)
}

// socket is a server on a real listener and raw connections to it.
type socket struct {
	*estate
	address string
}

func newSocket(t *testing.T, edit ...func(*wire.Config)) *socket {
	e := copyEstate(t, edit...)
	server := httptest.NewServer(e.handler)
	t.Cleanup(server.Close)
	return &socket{e, server.Listener.Addr().String()}
}

// send writes bytes on a connection of their own and gives the first answer; nil if there is none. If they are cut, the
// client closes its half then.
func (w *socket) send(t *testing.T, raw string, cut bool) (*http.Response, []byte) {
	t.Helper()
	conn, err := net.Dial("tcp", w.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(conn, raw) // the server may have had enough before the end
	if cut {
		_ = conn.(*net.TCPConn).CloseWrite()
	}
	method, _, _ := strings.Cut(raw, " ")
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		if e, ok := err.(net.Error); ok && e.Timeout() {
			t.Fatalf("no answer in time to %.100q", raw)
		}
		return nil, nil
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if e, ok := err.(net.Error); ok && e.Timeout() {
		t.Fatalf("no end of the answer in time to %.100q", raw)
	}
	return res, text
}

// request writes a request's head and body as they are.
func (w *socket) request(o *operation, body string, headers ...string) string {
	token := w.owner
	if o.platform {
		token = w.operator
	}
	head := []string{o.method() + " " + w.fill(o.path()) + " HTTP/1.1", "Host: x", "Authorization: Bearer " + token}
	return strings.Join(append(head, headers...), "\r\n") + "\r\n\r\n" + body
}

// TestHostileFraming sends every route that takes a body one that HTTP itself frames badly or oddly.
func TestHostileFraming(t *testing.T) {
	t.Parallel()
	w := newSocket(t)
	chunk := func(s string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(s), s) }
	long := strings.Repeat("x", 300<<10)
	many := strings.Repeat("a=1&", 10_000)
	for i, o := range takers(t) {
		good := w.fill(o.body)
		before := w.tail()
		tests := []struct {
			why, raw string
			status   []int // 0: no answer
			cut      bool
		}{
			{"chunks of no JSON", w.request(o, chunk(`{"name"`)+chunk(":")+"0\r\n\r\n", "Transfer-Encoding: chunked"), []int{400}, false},
			{"chunks without end", w.request(o, chunk(good), "Transfer-Encoding: chunked"), []int{400}, true},
			{"a chunk that is too short", w.request(o, "fff\r\n"+good, "Transfer-Encoding: chunked"), []int{400}, true},
			{"a chunk of no number", w.request(o, "zz\r\n"+good+"\r\n0\r\n\r\n", "Transfer-Encoding: chunked"), []int{400}, false},
			{"too much in chunks", w.request(o, chunk(`{"x":"`+long+`"}`)+"0\r\n\r\n", "Transfer-Encoding: chunked"), []int{413}, false},
			{"chunks and a length", w.request(o, "0\r\n\r\n"+good, "Transfer-Encoding: chunked", "Content-Length: 5"), []int{400}, false},
			{"chunks of another coding", w.request(o, good, "Transfer-Encoding: gzip"), []int{400, 501}, true},
			{"two lengths", w.request(o, good, fmt.Sprint("Content-Length: ", len(good)), "Content-Length: 1"), []int{400}, false},
			{"a length below zero", w.request(o, good, "Content-Length: -1"), []int{400}, false},
			{"no length", w.request(o, good), []int{400}, false},
			{"a length of zero", w.request(o, good, "Content-Length: 0"), []int{400}, false},
			{"less than its length", w.request(o, good, fmt.Sprint("Content-Length: ", len(good)+1)), []int{400}, true},
			{"nothing of its length", w.request(o, "", fmt.Sprint("Content-Length: ", len(good))), []int{400}, true},
			{"a huge length", w.request(o, good, "Content-Length: 9223372036854775807"), []int{413}, false},
			{"a length beyond all numbers", w.request(o, good, "Content-Length: 99999999999999999999"), []int{400}, false},
			{"a compressed body", w.request(o, "\x1f\x8b\x08", "Content-Length: 3", "Content-Encoding: gzip"), []int{400}, false},
			{"a huge header", w.request(o, good, "X-Big: "+strings.Repeat("x", 2<<20), fmt.Sprint("Content-Length: ", len(good))), []int{431, 0}, false},
			{"many headers", w.request(o, good, strings.Repeat("X-Many: x\r\n", 200_000)+"X-Last: x", fmt.Sprint("Content-Length: ", len(good))), []int{431, 0}, false},
			{"a header with a NUL", w.request(o, good, "X-Nul: \x00", fmt.Sprint("Content-Length: ", len(good))), []int{400}, false},
			{"no host", strings.Replace(w.request(o, good, fmt.Sprint("Content-Length: ", len(good))), "Host: x\r\n", "", 1), []int{400}, false},
			{"10,000 parameters", strings.Replace(w.request(o, "{", "Content-Length: 1"), " HTTP/1.1", "?"+many+" HTTP/1.1", 1), []int{400}, false},
		}
		for _, test := range tests {
			if i > 0 && slices.Contains([]string{"a huge header", "many headers"}, test.why) {
				continue // whatever is asked, net/http answers
			}
			if o.name == "revokeSTSSession" && slices.Contains([]string{"no length", "a length of zero", "chunks and a length"}, test.why) {
				continue // it may have no body
			}
			if o.name == "applyCatalogFile" && test.why == "too much in chunks" {
				continue // its bodies may be larger
			}
			res, text := w.send(t, test.raw, test.cut)
			status := 0
			if res != nil {
				status = res.StatusCode
			}
			if !slices.Contains(test.status, status) {
				t.Errorf("%s, %s: status %d, want %v: %.200s", o.name, test.why, status, test.status, text)
			}
			if res != nil && res.Header.Get("X-Request-Id") != "" { // else net/http itself has answered
				var v any
				if err := json.Unmarshal(text, &v); err != nil || anError(v) != "" {
					t.Errorf("%s, %s: %s", o.name, test.why, text)
				}
			}
			if w.tail() != before {
				t.Fatalf("%s, %s: something was committed", o.name, test.why)
			}
		}
		res, text := w.send(t, "GET "+alive(o)+" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+map[bool]string{true: w.operator, false: w.owner}[o.platform]+"\r\n\r\n", false)
		if res == nil || res.StatusCode != 200 {
			t.Fatalf("%s: the server does not answer any more: %s", o.name, text)
		}
	}
}

// TestHostileHeaders tries to be somebody in every manner that is not one, on every write.
func TestHostileHeaders(t *testing.T) {
	t.Parallel()
	w := newSocket(t)
	key, secret := w.names["key"], w.names["secret"]
	n := 0
	for _, o := range catalogue() {
		if o.event == "" || o.name == "signIn" { // no header says who signs in
			continue
		}
		long := strings.Repeat("x", 900<<10)
		if n > 0 {
			long = long[:9000] // once is enough
		}
		good := ""
		if o.body != "" {
			good = w.fill(o.body)
		}
		token := w.owner
		if o.platform {
			token = w.operator
		}
		bearer := "Authorization: Bearer " + token
		before := w.tail()
		for why, headers := range map[string][]string{
			"two tokens":                  {bearer, bearer},
			"two tokens, one empty":       {bearer, "Authorization:"},
			"an empty header":             {"Authorization:"},
			"a scheme alone":              {"Authorization: Bearer"},
			"a scheme and a space":        {"Authorization: Bearer "},
			"no scheme":                   {"Authorization: " + token},
			"two spaces":                  {"Authorization: Bearer  " + token},
			"a tab":                       {"Authorization: Bearer\t" + token},
			"a comma":                     {"Authorization: Bearer " + token + ", Bearer " + token},
			"a quoted token":              {`Authorization: Bearer "` + token + `"`},
			"Basic":                       {"Authorization: Basic " + token},
			"a token as key":              {"X-Api-Key: " + token},
			"a token as both":             {"X-Api-Key: " + token + ":" + token},
			"a session's token as key":    {"X-Session-Token: " + token},
			"a NUL":                       {"Authorization: Bearer \x00"},
			"half a token":                {"Authorization: Bearer " + token[:len(token)/2]},
			"a token without signature":   {"Authorization: Bearer " + token[:strings.LastIndexByte(token, '.')+1]},
			"a long token":                {"Authorization: Bearer " + long},
			"a token and a wrong key":     {bearer, "X-Api-Key: " + key + ":" + strings.Repeat("x", 40)},
			"a token and another's key":   {bearer, "X-Api-Key: " + key + ":" + secret},
			"a space before the secret":   {"X-Api-Key: " + key + ": " + secret},
			"a space after the id":        {"X-Api-Key: " + key + " :" + secret},
			"a secret in lower case":      {"X-Api-Key: " + key + ":" + strings.ToLower(secret)},
			"an id in lower case":         {"X-Api-Key: " + strings.ToLower(key) + ":" + secret},
			"a NUL after the secret":      {"X-Api-Key: " + key + ":" + secret + "\x00"},
			"a colon after the secret":    {"X-Api-Key: " + key + ":" + secret + ":"},
			"the secret of another":       {"X-Api-Key: " + key + ":" + w.names["user_secret"]},
			"a session that was revoked":  {"Authorization: Bearer " + w.names["ended_token"]},
			"a session with another's id": {"X-Api-Key: " + w.names["ended_key"] + ":" + w.names["session_secret"], "X-Session-Token: " + w.names["session_token"]},
			"an escaped space":            {"X-Api-Key: " + key + ":" + secret + "%20"},
			"a no-break space":            {"X-Api-Key: " + key + ":" + secret + "\u00a0"},
		} {
			n++
			raw := o.method() + " " + w.fill(o.path()) + " HTTP/1.1\r\nHost: x\r\n" + strings.Join(headers, "\r\n") +
				fmt.Sprintf("\r\nContent-Length: %d\r\n\r\n", len(good)) + good
			res, text := w.send(t, raw, false)
			var v any
			switch {
			case res == nil:
				t.Errorf("%s, %s: no answer", o.name, why)
			case strings.Contains(why, "NUL"): // net/http itself refuses
				if res.StatusCode != 400 {
					t.Errorf("%s, %s: status %d", o.name, why, res.StatusCode)
				}
			case res.StatusCode != 401, json.Unmarshal(text, &v) != nil, anError(v) != "", res.Header.Get("WWW-Authenticate") == "":
				t.Errorf("%s, %s: status %d: %s", o.name, why, res.StatusCode, text)
			}
			if w.tail() != before {
				t.Fatalf("%s, %s: something was committed", o.name, why)
			}
		}
	}
	if n < 1000 {
		t.Errorf("only %d requests", n)
	}
}

// TestGoodHeaders are the odd manners that are right: HTTP takes no heed of case and of white space around values.
func TestGoodHeaders(t *testing.T) {
	t.Parallel()
	w := newSocket(t)
	key, secret := w.names["user_key"], w.names["user_secret"]
	owner := w.as(w.owner)
	all := owner.policy("all", allow("*", "*"))
	owner.post("/v1/iam/users/"+w.names["user"]+"/policies", obj{"policy_id": all}).want(204)
	for _, header := range []string{"aUTHORIZATION: bEaReR " + w.owner, "Authorization:   BEARER " + w.owner + "  \t", "authorization:Bearer " + w.owner,
		"x-api-key: " + key + ":" + secret + "   ", "X-API-KEY:" + key + ":" + secret, "Authorization: bearer " + secret} {
		res, text := w.send(t, "GET /v1/iam/groups HTTP/1.1\r\nHost: x\r\n"+header+"\r\n\r\n", false)
		if res == nil || res.StatusCode != 200 {
			t.Errorf("%s: %s", header, text)
		}
	}
}

// TestHostileMethods asks in methods that are nobody's.
func TestHostileMethods(t *testing.T) {
	t.Parallel()
	w := newSocket(t)
	haveRoleKeys(w.estate)
	before := w.tail()
	for _, r := range api.Routes() {
		path := w.fill(operationOf(t, r).path())
		for method, want := range map[string][]int{"TRACE": {405}, "OPTIONS": {405}, "CONNECT": {404, 405}, "get": {405}, "PROPFIND": {405}, "HEAD": {200, 405}} {
			token := w.owner
			if r.Operation == nil || r.Operation.Platform {
				token = w.operator
			}
			res, text := w.send(t, method+" "+path+" HTTP/1.1\r\nHost: x\r\nX-Trace: canary\r\nAuthorization: Bearer "+token+"\r\n\r\n", false)
			if res == nil || !slices.Contains(want, res.StatusCode) {
				t.Errorf("%s %s: %v %s", method, path, res, text)
				continue
			}
			if strings.Contains(string(text), "canary") || method == "HEAD" && len(text) > 0 {
				t.Errorf("%s %s: %s", method, path, text)
			}
		}
	}
	if res, text := w.send(t, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", false); res == nil || len(text) > 0 && !strings.Contains(string(text), `"error"`) {
		t.Errorf("OPTIONS *: %v %s", res, text)
	}
	if w.tail() != before {
		t.Error("something was committed")
	}
}

// TestHostileQueries sends queries that no list can mean. A write takes no heed of its query.
func TestHostileQueries(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	lists := map[string]*operation{}
	for _, o := range catalogue() {
		if o.method() == "GET" && o.name != "jwks" {
			lists[o.name] = o
		}
	}
	many := strings.Repeat("limit=1&", 9_999)
	distinct := strings.Builder{}
	for i := range 20_000 {
		fmt.Fprintf(&distinct, "p%d=1&", i)
	}
	unpaged := []string{"listGroupPolicies", "listRolePolicies", "listServiceAccountPolicies", "listUserPolicies", "listServiceAccountCredentials",
		"listServiceAccountKeys", "listUserCredentials", "listRoleCredentials", "listServiceAccountGroups", "listUserGroups", "listQuotas", "listCatalogFiles",
		"listGracePeriods"}
	for name, o := range lists {
		paged := strings.HasPrefix(name, "list") && !slices.Contains(unpaged, name)
		for query, field := range map[string]string{
			many: "limit: ", "limit=1&limit=1": "limit: ", "limit=%00": "limit: ", "limit=1e2": "limit: ", "limit=+1": "limit: ", "limit=٣": "limit: ", "limit=0x10": "limit: ",
			"limit=-9223372036854775808": "limit: ", "marker=%ff": "marker: ", "marker=" + strings.Repeat("x", 100_000): "marker: ", "marker=*": "marker: ",
			"marker=" + e.names["other.group"]: "marker: ", "marker=" + e.names["org"]: "marker: ", "marker=" + nobodyID + "&limit=1": "marker: ", "%": "", "a=%zz": "", "a;b=1": "",
		} {
			if name == "listOrganizations" && strings.Contains(query, e.names["org"]) {
				continue // it is an item of this list
			}
			r := e.whoMay(o).get(e.fill(o.path()) + "?" + query)
			switch {
			case !paged && r.status != 200:
				t.Errorf("%s?%.80s: status %d of what takes no query: %s", name, query, r.status, r.body)
			case paged && r.status != 400:
				t.Errorf("%s?%.80s: status %d: %.200s", name, query, r.status, r.body)
			case paged:
				if r.detail(400, field); len(r.body) > 1000 {
					t.Errorf("%s?%.80s: an answer of %d bytes", name, query, len(r.body))
				}
			}
		}
		if r := e.whoMay(o).get(e.fill(o.path()) + "?" + distinct.String()); r.status != 200 && r.status != 400 {
			t.Errorf("%s: status %d for 20,000 parameters", name, r.status)
		}
		e.whoMay(o).get(alive(o)).want(200)
	}
}

// TestMarkers are items that have gone, or stand in another list.
func TestMarkers(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.as(e.owner)
	gone := owner.group("gone")
	owner.del(groups + "/" + gone).want(204)
	for path, marker := range map[string]string{groups: gone, users: "{account}", accounts: "{user}", policies: "{role}", roles: "{policy}", invitations: "{user}",
		sessions: "{role}", groups + "/{group2}/users": "{user}", groups + "/{group2}/service-accounts": "{account}", policies + "/{policy2}/groups": "{group}",
		policies + "/{policy2}/users": "{user}", policies + "/{policy2}/roles": "{role}", policies + "/{policy2}/service-accounts": "{account}",
		groups + "/{group}/users": "{owner}", "/v1/audit-logs": "{other.log}"} {
		owner.get(e.fill(path+"?marker="+marker)).detail(400, "marker: ")
	}
}

// FuzzBody sends any body to any route that takes one. It is never the server's fault, and what is not done leaves no
// trace.
func FuzzBody(f *testing.F) {
	all := takers(f)
	e := copyEstate(f)
	for i, o := range all {
		f.Add(uint(i), []byte(e.fill(o.body)))
		f.Add(uint(i), []byte(`{}`))
		f.Add(uint(i), []byte(`{"name":"\u0000","x":[{"y":1,"y":2}]}`))
	}
	boundless := func() { // no quota shall be in the way
		for name := range iam.DefaultQuota {
			e.as(e.operator).put(organizations+"/"+e.org+"/quotas/"+name, obj{"limit": 10_000_000}).want(200)
		}
	}
	boundless()
	f.Fuzz(func(t *testing.T, index uint, body []byte) {
		e.t = t
		o := all[index%uint(len(all))]
		before := e.tail()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if o.kind == "authorize" {
			time.AfterFunc(50*time.Millisecond, cancel) // it may wait for a revision
		}
		r := httptest.NewRequestWithContext(ctx, o.method(), e.fill(o.path()), strings.NewReader(string(body)))
		r.Header = e.whoMay(o).header
		rec := httptest.NewRecorder()
		e.handler.ServeHTTP(rec, r)
		var v any
		err := json.Unmarshal(rec.Body.Bytes(), &v)
		switch {
		case rec.Code == 503 && o.kind == "authorize":
		case rec.Code >= 500 || rec.Code < 200 || rec.Code >= 300 && rec.Code < 400:
			t.Fatalf("%s: status %d: %s", o.name, rec.Code, rec.Body)
		case rec.Code < 300:
			if rec.Code != 204 && err != nil {
				t.Fatalf("%s: %v in %s", o.name, err, rec.Body)
			}
			if o.name == "setQuota" {
				boundless()
			}
			return
		}
		if err != nil || anError(v) != "" {
			t.Fatalf("%s: no error body: %s", o.name, rec.Body)
		}
		if e.tail() != before {
			t.Fatalf("%s: status %d, and something was committed", o.name, rec.Code)
		}
	})
}
