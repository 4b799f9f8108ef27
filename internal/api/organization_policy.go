package api

import (
	"encoding/json"
	"net/http"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/wire"
)

func organizationPolicyRoutes() []Route {
	const path = "/v1/iam/organization-policy"
	return []Route{
		{get, path, control.GetOrganizationPolicy, ownOrganization, getOrganizationPolicy},
		{put, path, control.UpdateOrganizationPolicy, ownOrganization, updateOrganizationPolicy},
		{del, path, control.ResetOrganizationPolicy, ownOrganization, resetOrganizationPolicy},
	}
}

// ownOrganization is the target of calls about the caller's organization itself.
func ownOrganization(c *wire.Call) control.Target {
	return control.On(iam.Name(iam.TypeOrganization, c.In.Actor.Org.UUID))
}

func organizationPolicyToWire(o *iam.Organization) apitype.OrganizationPolicy {
	out := apitype.OrganizationPolicy{Language: string(policy.Exoscale), Document: json.RawMessage("null")}
	if o.Policy != "" {
		out.Document = json.RawMessage(o.Policy)
	}
	return out
}

func getOrganizationPolicy(c *call) (*wire.Answer, error) {
	return c.ok(apitype.OrganizationPolicyAnswer{OrganizationPolicy: organizationPolicyToWire(c.View().Organization())})
}

func updateOrganizationPolicy(c *call) (*wire.Answer, error) {
	var in apitype.SetOrganizationPolicyRequest
	if err := c.decode(&in, func(f *form) { f.document("document", in.Document) }); err != nil {
		return nil, err
	}
	at, err := c.Control.SetOrganizationPolicy(c.Ctx(), c.Permit, string(in.Document))
	if err != nil {
		return nil, err
	}
	o := c.View().Organization()
	body := apitype.OrganizationPolicyAnswer{OrganizationPolicy: organizationPolicyToWire(o), Revision: apitype.Revision(at)}
	for _, w := range o.Program.Warnings() {
		body.Warnings = append(body.Warnings, w.Path+": "+w.Message)
	}
	return &wire.Answer{Status: http.StatusOK, Body: body, Revision: at}, nil
}

func resetOrganizationPolicy(c *call) (*wire.Answer, error) {
	return done(c.Control.SetOrganizationPolicy(c.Ctx(), c.Permit, ""))
}
