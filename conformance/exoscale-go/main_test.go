package exoscalego

import (
	"net/http"
	"os"
	"strings"
	"testing"

	v3 "github.com/exoscale/egoscale/v3"
	"github.com/exoscale/egoscale/v3/credentials"

	"github.com/writ-iam/writ/conformance/harness"
)

var server *harness.Server

func TestMain(m *testing.M) {
	for _, v := range os.Environ() { // which the SDK would read
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "EXOSCALE_") {
			os.Unsetenv(name)
		}
	}
	os.Exit(harness.Main(m, &server, "EXOSCALE_API_ENDPOINT", "EXOSCALE_API_KEY", "EXOSCALE_API_SECRET"))
}

// connect makes a client with a key, as users do: with the SDK's own HTTP client, which repeats what it can.
func connect(t *testing.T, key, secret string) *v3.Client {
	t.Helper()
	client, err := v3.NewClient(credentials.NewStaticCredentials(key, secret), v3.ClientOptWithEndpoint(v3.Endpoint(server.Env["EXOSCALE_API_ENDPOINT"])))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// newOrganization makes an organization, and connects to it with a key of the role Owner.
func newOrganization(t *testing.T) (*harness.Organization, *v3.Client) {
	t.Helper()
	o, err := server.NewOrganization(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var roles struct {
		Roles []struct{ ID, Name string } `json:"roles"`
	}
	if err := server.Native(t.Context(), o.Token, "GET", "/iam/roles?predefined=true", nil, http.StatusOK, &roles); err != nil {
		t.Fatal(err)
	}
	if len(roles.Roles) == 0 || roles.Roles[0].Name != "Owner" {
		t.Fatalf("predefined roles: %+v", roles)
	}
	var made struct {
		Credential struct {
			Key string `json:"access_key_id"`
		} `json:"credential"`
		Secret string `json:"secret_access_key"`
	}
	body := map[string]string{"name": "first"}
	if err := server.Native(t.Context(), o.Token, "POST", "/iam/roles/"+roles.Roles[0].ID+"/credentials", body, http.StatusCreated, &made); err != nil {
		t.Fatal(err)
	}
	return o, connect(t, made.Credential.Key, made.Secret)
}

// must gives a value, or ends the test.
func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// done waits for an operation, and gives the id of what it was about.
func done(t *testing.T, client *v3.Client, op *v3.Operation, err error) v3.UUID {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	op, err = client.Wait(t.Context(), op, v3.OperationStateSuccess)
	if err != nil {
		t.Fatal(err)
	}
	if op.State != v3.OperationStateSuccess || op.Reference == nil {
		t.Fatalf("the operation is %+v", op)
	}
	again := must(client.GetOperation(t.Context(), op.ID))(t)
	if again.State != op.State || again.Reference == nil || *again.Reference != *op.Reference {
		t.Errorf("the operation was %+v, and is %+v", op, again)
	}
	return op.Reference.ID
}

// ruled is a policy with rules for one class of services.
func ruled(class string, rules ...v3.IAMServicePolicyRule) *v3.IAMPolicy {
	return &v3.IAMPolicy{
		DefaultServiceStrategy: v3.IAMPolicyDefaultServiceStrategyDeny,
		Services:               map[string]v3.IAMServicePolicy{class: {Type: v3.IAMServicePolicyTypeRules, Rules: rules}},
	}
}

func allow(expression string) v3.IAMServicePolicyRule {
	return v3.IAMServicePolicyRule{Action: v3.IAMServicePolicyRuleActionAllow, Expression: expression}
}

func deny(expression string) v3.IAMServicePolicyRule {
	return v3.IAMServicePolicyRule{Action: v3.IAMServicePolicyRuleActionDeny, Expression: expression}
}
