package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/writ-iam/writ/client/apitype"
)

// userAgent is what the audit log shows of calls through this package.
const userAgent = "writ-client"

// Config says how to reach a server.
type Config struct {
	URL   string       // as in https://iam.example.com; required
	Token string       // sent as "Authorization: Bearer"; empty: nobody in particular calls
	HTTP  *http.Client // http.DefaultClient if nil; redirects are never followed
}

// Client calls a server. It is safe for concurrent use.
type Client struct {
	base    string
	token   string
	http    *http.Client
	atLeast apitype.Revision
}

// maxAnswer bounds the body of an answer, in bytes. The largest is a thousand attached policies of 64 KiB.
const maxAnswer = 128 << 20

// New makes a client.
func New(cfg Config) (*Client, error) {
	u, err := url.Parse(cfg.URL)
	switch {
	case err != nil:
		return nil, fmt.Errorf("client: the URL cannot be read: %w", err)
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.RawQuery != "", u.Fragment != "", u.User != nil:
		return nil, fmt.Errorf("client: %q is no base URL: want http:// or https://, a host and at most a path", u.Redacted())
	case strings.ContainsAny(cfg.Token, "\r\n"):
		return nil, fmt.Errorf("client: the token holds a line break")
	}
	h := http.Client{}
	if cfg.HTTP != nil {
		h = *cfg.HTTP
	}
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{base: strings.TrimSuffix(cfg.URL, "/"), token: cfg.Token, http: &h}, nil
}

// AtLeast gives a client whose calls are answered on a revision of the organization or a later one.
func (c *Client) AtLeast(revision apitype.Revision) *Client {
	out := *c
	out.atLeast = revision
	return &out
}

// Error is a failure that the server reports.
type Error struct {
	Status    int    // HTTP status
	Message   string // for people
	Details   string // which input is wrong and what would be right; may be empty
	RequestID string
}

// Error gives everything in one line.
func (e *Error) Error() string {
	s := fmt.Sprintf("%s (%d)", e.Message, e.Status)
	if e.Details != "" {
		s += ": " + e.Details
	}
	if e.RequestID != "" {
		s += " [" + e.RequestID + "]"
	}
	return s
}

// do makes a call whose answer is a T.
func do[T any](ctx context.Context, c *Client, method, path string, in any) (*T, error) {
	_, body, err := c.send(ctx, method, path, in)
	if err != nil {
		return nil, err
	}
	out := new(T)
	if err := json.Unmarshal(body, out); err != nil {
		return nil, fmt.Errorf("client: %s %s: the answer cannot be read: %w", method, path, err)
	}
	return out, nil
}

// done makes a write that has no answer but the revision that it led to.
func (c *Client) done(ctx context.Context, method, path string, in any) (apitype.Revision, error) {
	header, _, err := c.send(ctx, method, path, in)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(header.Get("Writ-Revision"), 10, 64)
	if err != nil {
		return 0, nil // not a writ server: it has no revisions
	}
	return apitype.Revision(n), nil
}

func (c *Client) send(ctx context.Context, method, path string, in any) (http.Header, []byte, error) {
	req, err := c.request(ctx, method, path, in)
	if err != nil {
		return nil, nil, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("client: %s %s: reading the answer: %w", method, path, err)
	case len(body) > maxAnswer:
		return nil, nil, fmt.Errorf("client: %s %s: the answer has more than %d bytes", method, path, maxAnswer)
	case res.StatusCode < 200 || res.StatusCode > 299:
		return nil, nil, failure(res, body)
	}
	return res.Header, body, nil
}

func (c *Client) request(ctx context.Context, method, path string, in any) (*http.Request, error) {
	var body io.Reader
	if as, ok := in.(raw); ok {
		body = bytes.NewReader(as)
	} else if in != nil {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false) // policy documents are kept as they are sent
		if err := e.Encode(in); err != nil {
			return nil, fmt.Errorf("client: %s %s: %w", method, path, err)
		}
		body = &b
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set("Accept", "application/json")
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.atLeast > 0 {
		req.Header.Set("Writ-At-Least", strconv.FormatUint(uint64(c.atLeast), 10))
	}
	return req, nil
}

// failure reads an error body; one that is not ours still makes an Error.
func failure(res *http.Response, body []byte) error {
	var answer apitype.ErrorAnswer
	_ = json.Unmarshal(body, &answer)
	e := &Error{Status: res.StatusCode, Message: answer.Error.Message, RequestID: answer.Error.RequestID}
	if answer.Error.Details != nil {
		e.Details = *answer.Error.Details
	}
	if e.Message == "" {
		e.Message = http.StatusText(res.StatusCode)
	}
	if e.RequestID == "" {
		e.RequestID = res.Header.Get("X-Request-Id")
	}
	return e
}

// at makes a path of fixed words and ids: the odd elements are ids, which are escaped.
func at(elements ...string) string {
	var b strings.Builder
	for i, e := range elements {
		if i%2 == 1 {
			e = "/" + url.PathEscape(e)
		}
		b.WriteString(e)
	}
	return b.String()
}

// query appends the parameters that are not empty, given as name and value in turns.
func query(path string, pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// PageParams choose a page (section 4 of the contract).
type PageParams struct {
	Limit  int    // page size; the server's own if 0
	Marker string // Meta.Marker of the page before
}

func (p PageParams) limit() string {
	if p.Limit == 0 {
		return ""
	}
	return strconv.Itoa(p.Limit)
}

func (p PageParams) on(path string, filters ...string) string {
	return query(path, append([]string{"limit", p.limit(), "marker", p.Marker}, filters...)...)
}

// ListParams choose a page and filter by name.
type ListParams struct {
	PageParams
	Name string // exact, or a prefix if it ends in "*"
}

func (p ListParams) on(path string) string { return p.PageParams.on(path, "name", p.Name) }
