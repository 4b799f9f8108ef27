package cloudflare_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/dialect/cloudflare"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/sitetest"
)

// site is an installation with one organization, behind this API.
type site struct {
	*testing.T
	*control.Control
	handler http.Handler
	owner   iam.Actor
	token   string
}

func newSite(t *testing.T) *site {
	t.Helper()
	under := sitetest.New(t)
	s := &site{T: t, Control: under.Control, handler: cloudflare.New(under.Config, false)}
	p := s.enter(s.actor(under.Operator), control.CreateOrganization, iam.CRN{Service: "platform", Type: iam.TypeOrganization, ID: "*"})
	made, err := s.CreateOrganization(t.Context(), p, control.NewOrganization{Name: "Acme", OwnerEmail: "olga@acme.example"})
	if err != nil {
		t.Fatal(err)
	}
	s.token, s.owner = made.Token, s.actor(made.Token)
	return s
}

func (s *site) actor(token string) iam.Actor {
	s.Helper()
	a, err := s.Authenticate(s.Context(), control.Presented{Bearer: token})
	if err != nil {
		s.Fatal(err)
	}
	return a
}

func (s *site) enter(a iam.Actor, op *control.Operation, on iam.CRN) *control.Permit {
	s.Helper()
	p, err := s.Enter(s.Context(), &control.Call{Actor: a}, op, control.On(on))
	if err != nil {
		s.Fatal(err)
	}
	return p
}

// local makes a local user with a key, and gives the id and the secret.
func (s *site) local(u iam.User) (id, secret string) {
	s.Helper()
	made, _, err := s.CreateLocalUser(s.Context(), s.enter(s.owner, control.AddUser, iam.AnyOf(iam.TypeUser)), u, nil)
	if err != nil {
		s.Fatal(err)
	}
	p := s.enter(s.owner, control.CreateUserCredential, iam.Name(iam.TypeUser, made.ID.UUID))
	key, err := s.CreateAccessKey(s.Context(), p, control.NewCredential{Principal: iam.Principal{Kind: iam.KindOfUser, ID: made.ID.UUID}, Name: "key"})
	if err != nil {
		s.Fatal(err)
	}
	return strings.ReplaceAll(made.ID.String(), "-", ""), key.Secret
}

// call makes a request, below the account unless the path begins otherwise, and gives what is in the result.
func (s *site) call(method, path, body string, status int, header ...string) json.RawMessage {
	s.Helper()
	if !strings.HasPrefix(path, "/user") {
		path = "/accounts/" + strings.ReplaceAll(s.owner.Org.String(), "-", "") + path
	}
	r := httptest.NewRequestWithContext(s.Context(), method, cloudflare.Prefix+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	if len(header) == 0 {
		r.Header.Set("Authorization", "Bearer "+s.token)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	text, err := io.ReadAll(w.Body)
	if err != nil {
		s.Fatal(err)
	}
	var out struct{ Result json.RawMessage }
	if err := json.Unmarshal(text, &out); err != nil || w.Code != status {
		s.Fatalf("%s %s: %d, %v: %s", method, path, w.Code, err, text)
	}
	return out.Result
}

type shownMember struct {
	ID, Email, Status string
	User              struct {
		ID        string
		Email     string
		FirstName *string `json:"first_name"`
		LastName  *string `json:"last_name"`
	}
	Policies []json.RawMessage
}

func read[T any](s *site, text json.RawMessage) (out T) {
	s.Helper()
	if err := json.Unmarshal(text, &out); err != nil {
		s.Fatalf("%v: %s", err, text)
	}
	return out
}

// TestLocalUsers: a local user is a member like others, who is known by an id of their own, and has an address or none.
func TestLocalUsers(t *testing.T) {
	s := newSite(t)
	lena, secret := s.local(iam.User{Username: "Lena.L", FirstName: "Lena", LastName: "Lang", Email: "lena@home.example"})
	kim, _ := s.local(iam.User{Username: "kim"})
	members := read[[]shownMember](s, s.call("GET", "/members?order=user.email", "", 200))
	if len(members) != 3 || members[0].ID != kim || members[1].ID != lena {
		t.Fatalf("%+v", members)
	}
	for i, m := range members {
		if m.Status != "accepted" || m.User.Email != m.Email || (m.User.ID == m.ID) != (i < 2) {
			t.Errorf("%+v", m)
		}
	}
	if m := members[1]; m.Email != "lena@home.example" || *m.User.FirstName != "Lena" || *m.User.LastName != "Lang" {
		t.Errorf("%+v", m)
	}
	if m := members[0]; m.Email != "" || *m.User.FirstName != "kim" || m.User.LastName != nil {
		t.Errorf("%+v", m)
	}
	// Her address is taken.
	role := ""
	for _, r := range read[[]struct{ ID, Name string }](s, s.call("GET", "/roles", "", 200)) {
		if r.Name == "Super Administrator - All Privileges" {
			role = r.ID
		}
	}
	s.call("POST", "/members", `{"email":"LENA@home.example","roles":["`+role+`"]}`, 400)
	s.call("PUT", "/members/"+lena, `{"roles":[{"id":"`+role+`"}]}`, 200)

	// She signs in with her address and the secret of her key, and names herself by that id of hers in tokens.
	hers := []string{"X-Auth-Email", "LENA@home.example", "X-Auth-Key", secret}
	s.call("GET", "/user/tokens", "", 403, "X-Auth-Email", "olga@acme.example", "X-Auth-Key", secret)
	s.call("GET", "/members", "", 200, hers...)
	groups := read[[]struct{ ID string }](s, s.call("GET", "/user/tokens/permission_groups?name=API%20Tokens%20Read", "", 200, hers...))
	about := func(id string) string {
		return `{"name":"mine","policies":[{"effect":"allow","permission_groups":[{"id":"` + groups[0].ID + `"}],"resources":{"com.cloudflare.api.user.` + id + `":"*"}}]}`
	}
	token := read[struct {
		ID       string
		Policies []struct{ Resources map[string]string }
	}](s, s.call("POST", "/user/tokens", about(lena), 200, hers...))
	if got := token.Policies[0].Resources["com.cloudflare.api.user."+lena]; got != "*" {
		t.Errorf("%+v", token)
	}
	s.call("POST", "/user/tokens", about(kim), 400, hers...)
	s.call("POST", "/user/tokens", about(strings.Repeat("0", 32)), 400, hers...)

	group := read[struct{ ID string }](s, s.call("POST", "/iam/user_groups", `{"name":"staff","policies":[]}`, 200))
	s.call("PUT", "/iam/user_groups/"+group.ID+"/members", `[{"id":"`+kim+`"},{"id":"`+lena+`"}]`, 200)
	if in := read[[]shownMember](s, s.call("GET", "/iam/user_groups/"+group.ID+"/members", "", 200)); len(in) != 2 || in[0].ID != kim || in[1].Email != "lena@home.example" {
		t.Errorf("%+v", in)
	}
	s.call("DELETE", "/members/"+lena, "", 200)
	s.call("GET", "/members/"+lena, "", 404)
	s.call("GET", "/members", "", 403, hers...)
}
