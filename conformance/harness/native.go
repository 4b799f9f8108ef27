package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
)

// Native calls the native API below /v1. A status other than the one it wants is an error; into may be nil.
func (s *Server) Native(ctx context.Context, token, method, path string, body any, status int, into any) error {
	var content io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(b)
	}
	request, err := http.NewRequestWithContext(ctx, method, s.URL+"/v1"+path, content)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != status {
		return fmt.Errorf("native %s %s answered %d, want %d: %s", method, path, response.StatusCode, status, answer)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}

// Organization is one that a test has for itself.
type Organization struct {
	ID, OwnerID string // as the native API writes them
	OwnerEmail  string
	Token       string // the owner's
}

// NewOrganization makes an organization whose owner is somebody new.
func (s *Server) NewOrganization(ctx context.Context) (*Organization, error) {
	o := &Organization{OwnerEmail: Unique("owner") + "@conformance.example"}
	var made struct {
		Organization struct {
			ID      string `json:"id"`
			OwnerID string `json:"owner_id"`
		} `json:"organization"`
		Token string `json:"token"`
	}
	body := map[string]string{"name": Unique("Account"), "owner_email": o.OwnerEmail, "owner_name": "Olga Owner"}
	if err := s.Native(ctx, s.Env["WRIT_OPERATOR_TOKEN"], "POST", "/organizations", body, http.StatusCreated, &made); err != nil {
		return nil, err
	}
	o.ID, o.OwnerID, o.Token = made.Organization.ID, made.Organization.OwnerID, made.Token
	return o, nil
}

// NewPerson makes a person of the installation, and gives their address.
func (s *Server) NewPerson(ctx context.Context) (email string, err error) {
	email = Unique("person") + "@people.example"
	body := map[string]string{"email": email, "name": "Mira Okafor"}
	return email, s.Native(ctx, s.Env["WRIT_OPERATOR_TOKEN"], "POST", "/people", body, http.StatusCreated, nil)
}

// UserSecret makes an access key of a user and gives its secret.
func (s *Server) UserSecret(ctx context.Context, o *Organization, user string) (string, error) {
	var made struct {
		Secret string `json:"secret_access_key"`
	}
	body := map[string]string{"name": Unique("key")}
	err := s.Native(ctx, o.Token, "POST", "/iam/users/"+user+"/credentials", body, http.StatusCreated, &made)
	return made.Secret, err
}

var made atomic.Int64

// Unique numbers a name, for names and addresses that are unique in an installation.
func Unique(name string) string { return fmt.Sprintf("%s-%d", name, made.Add(1)) }

// Hex gives the 32 digits of a UUID, and UUID the reverse.
func Hex(uuid string) string { return strings.ReplaceAll(uuid, "-", "") }

// UUID gives the native spelling of 32 hexadecimal digits.
func UUID(hex string) string {
	return strings.Join([]string{hex[:8], hex[8:12], hex[12:16], hex[16:20], hex[20:]}, "-")
}
