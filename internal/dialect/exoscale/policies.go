package exoscale

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// policyOperations are those of the organization's policy.
func policyOperations() []operation {
	const path = Prefix + "/iam-organization-policy"
	return []operation{
		{name: "get-iam-organization-policy",
			route: wire.Route{Method: get, Pattern: path, Operation: control.GetOrganizationPolicy, Target: ownOrganization}, do: getOrganizationPolicy},
		{name: "update-iam-organization-policy",
			route: wire.Route{Method: put, Pattern: path, Operation: control.UpdateOrganizationPolicy, Target: ownOrganization},
			read:  document(compilePolicy), do: updateOrganizationPolicy},
		{name: "reset-iam-organization-policy",
			route: wire.Route{Method: post, Pattern: "/:reset" + path, Operation: control.ResetOrganizationPolicy, Target: ownOrganization}, do: resetOrganizationPolicy},
	}
}

func getOrganizationPolicy(c *call) (*wire.Answer, error) {
	o := c.View().Organization()
	if o.Policy == "" {
		return c.shown(jsontext.Value(allowAll))
	}
	return c.shown(shownDocument(o.Policy, o.Program))
}

func updateOrganizationPolicy(c *call) (*wire.Answer, error) {
	return c.setOrganizationPolicy(string(c.Body()))
}

// resetOrganizationPolicy lifts the policy (section 14.14).
func resetOrganizationPolicy(c *call) (*wire.Answer, error) { return c.setOrganizationPolicy("") }

func (c *call) setOrganizationPolicy(text string) (*wire.Answer, error) {
	return c.write(subject{iam.TypeOrganization, c.View().ID().UUID, ""}, func(d *iam.Draft) error { return d.SetOrganizationPolicy(text) })
}
