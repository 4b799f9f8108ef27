package config

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// The variables that clients read. They are written to the env file and are no settings.
const (
	URL           = "WRIT_URL"
	Token         = "WRIT_TOKEN" // the organization's owner's
	OperatorToken = "WRIT_OPERATOR_TOKEN"
	APIKey        = "WRIT_API_KEY" // id:secret, of the owner
	Organization  = "WRIT_ORGANIZATION_ID"
	ByCloudAPIKey = "BYCLOUD_API_KEY"      // the same, for ByCloud's clients
	ExampleAPIKey = "WRIT_EXAMPLE_API_KEY" // id:secret, of the service account in quickstart's example

	CloudflareURL     = "CLOUDFLARE_BASE_URL"
	CloudflareToken   = "CLOUDFLARE_API_TOKEN" // the secret of APIKey
	CloudflareAccount = "CLOUDFLARE_ACCOUNT_ID"

	ScalewayURL          = "SCW_API_URL"
	ScalewayKey          = "SCW_ACCESS_KEY" // of the owner, in Scaleway's form
	ScalewaySecret       = "SCW_SECRET_KEY"
	ScalewayOrganization = "SCW_DEFAULT_ORGANIZATION_ID"
	ScalewayProject      = "SCW_DEFAULT_PROJECT_ID"

	VNGCloudURL      = "VNGCLOUD_IAM_URL"
	VNGCloudTokenURL = "VNGCLOUD_TOKEN_URL"
	VNGCloudClient   = "VNGCLOUD_CLIENT_ID"     // the id of APIKey
	VNGCloudSecret   = "VNGCLOUD_CLIENT_SECRET" // and its secret
	VNGCloudRoot     = "VNGCLOUD_ROOT"          // the organization's account number

	ExoscaleURL    = "EXOSCALE_API_ENDPOINT"
	ExoscaleKey    = "EXOSCALE_API_KEY" // of the role Owner
	ExoscaleSecret = "EXOSCALE_API_SECRET"
)

var clientVariables = []string{URL, Token, OperatorToken, APIKey, Organization, ByCloudAPIKey, ExampleAPIKey,
	CloudflareURL, CloudflareToken, CloudflareAccount,
	ScalewayURL, ScalewayKey, ScalewaySecret, ScalewayOrganization, ScalewayProject,
	VNGCloudURL, VNGCloudTokenURL, VNGCloudClient, VNGCloudSecret, VNGCloudRoot,
	ExoscaleURL, ExoscaleKey, ExoscaleSecret}

// Env is what an env file holds: variables for clients, in order. The zero value is empty.
type Env struct{ list []Variable }

// Variable is one of them.
type Variable struct{ Key, Value string }

// ReadEnv reads an env file, which must be private. A file that is not there is empty.
func ReadEnv(path string) (*Env, error) {
	b, err := ReadPrivate(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Env{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the env file: %w", err)
	}
	lines, err := parseLines(path, string(b))
	if err != nil {
		return nil, err
	}
	e := &Env{}
	for _, l := range lines {
		e.Set(l.key, l.value)
	}
	return e, nil
}

// All lists the variables in order.
func (e *Env) All() []Variable { return slices.Clone(e.list) }

// Get gives a variable's value, "" if there is none.
func (e *Env) Get(key string) string {
	for _, v := range e.list {
		if v.Key == key {
			return v.Value
		}
	}
	return ""
}

// Set changes a variable or adds it at the end.
func (e *Env) Set(key, value string) {
	for i := range e.list {
		if e.list[i].Key == key {
			e.list[i].Value = value
			return
		}
	}
	e.list = append(e.list, Variable{key, value})
}

// SetURL enters where the installation is, for every client.
func (e *Env) SetURL(url string) {
	e.Set(URL, url)
	e.Set(CloudflareURL, url+"/client/v4")
	e.Set(ScalewayURL, url)
	e.Set(VNGCloudURL, url+"/policies-api")
	e.Set(VNGCloudTokenURL, url+"/accounts-api/v2/auth/token")
	e.Set(ExoscaleURL, url+"/v2")
}

// SetOwnerKey enters an access key of the owner of an organization, "id:secret", for every client. account is its number.
func (e *Env) SetOwnerKey(organization, account, key string) {
	id, secret, _ := strings.Cut(key, ":")
	e.Set(APIKey, key)
	e.Set(ByCloudAPIKey, key)
	e.Set(CloudflareToken, secret)
	e.Set(CloudflareAccount, strings.ReplaceAll(organization, "-", ""))
	e.Set(VNGCloudClient, id)
	e.Set(VNGCloudSecret, secret)
	e.Set(VNGCloudRoot, account)
}

// SetRoleKey enters an access key of the role Owner, for the clients that sign.
func (e *Env) SetRoleKey(key, secret string) {
	e.Set(ExoscaleKey, key)
	e.Set(ExoscaleSecret, secret)
}

// SetScalewayKey enters an access key of the owner of an organization in Scaleway's form, "id:secret". The default project has the
// organization's id.
func (e *Env) SetScalewayKey(organization, key string) {
	id, secret, _ := strings.Cut(key, ":")
	e.Set(ScalewayKey, id)
	e.Set(ScalewaySecret, secret)
	e.Set(ScalewayOrganization, organization)
	e.Set(ScalewayProject, organization)
}

// Write makes or replaces an env file, for its owner alone.
func (e *Env) Write(path string) error {
	var b strings.Builder
	for _, v := range e.list {
		if strings.ContainsAny(v.Value, "\r\n\x00") {
			return fmt.Errorf("the value of %s has more than one line", v.Key)
		}
		b.WriteString(v.Key + "=" + v.Value + "\n")
	}
	if err := WritePrivate(path, []byte(b.String())); err != nil {
		return fmt.Errorf("writing the env file: %w", err)
	}
	return nil
}
