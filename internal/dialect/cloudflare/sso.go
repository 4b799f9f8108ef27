package cloudflare

import (
	"errors"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// connectors is section 8: what is wrong with the domain has one code, what the state forbids another.
var connectors = area{kind: "connector", codes: codes{
	iam.NotFound: {404, 1003}, iam.Invalid: {400, 1001}, iam.Exists: {400, 1001}, iam.Quota: {400, 1001}, iam.Conflict: {400, 1002},
}}

func ssoRoutes() []wire.Route {
	const all, each = account + "/sso_connectors", account + "/sso_connectors/{sso_connector_id}"
	target := one(iam.TypeConnector, "sso_connector_id")
	return []wire.Route{
		connectors.route(get, all, control.ListConnectors, anyOf(iam.TypeConnector), listConnectors),
		connectors.route(post, all, control.CreateConnector, anyOf(iam.TypeConnector), createConnector),
		connectors.route(get, each, control.GetConnector, target, getConnector),
		connectors.route(patch, each, control.UpdateConnector, target, updateConnector),
		connectors.route(del, each, control.DeleteConnector, target, deleteConnector),
		connectors.route(post, each+"/begin_verification", control.VerifyConnector, target, beginVerification),
	}
}

type connector struct {
	ID           string       `json:"id"`
	EmailDomain  string       `json:"email_domain"`
	Enabled      bool         `json:"enabled"`
	FedRAMP      bool         `json:"use_fedramp_language"`
	CreatedOn    timestamp    `json:"created_on"`
	UpdatedOn    timestamp    `json:"updated_on"`
	Verification verification `json:"verification"`
}

type verification struct {
	Code   string `json:"code"`
	Status string `json:"status"`
}

func (c *call) connector(k *iam.Connector) connector {
	return connector{hexID(k.ID.UUID), k.Domain, k.Enabled, k.FedRAMP, timestamp(k.CreatedAt), timestamp(k.UpdatedAt),
		verification{k.Code, string(k.StatusAt(c.Permit.Now()))}}
}

func listConnectors(c *call) (*wire.Answer, error) {
	return c.shown(shows(slices.Collect(c.View().Connectors().All()), c.connector))
}

func (c *call) connectorInPath() iam.ConnectorID {
	return iam.ConnectorID{UUID: c.pathID("sso_connector_id")}
}

func getConnector(c *call) (*wire.Answer, error) {
	id := c.connectorInPath()
	k, err := c.View().Connector(id)
	if err != nil {
		return nil, err
	}
	return c.shown(c.connector(k))
}

// write drafts a change of a connector. A domain that another account has enabled is a matter of state.
func (c *call) writeConnector(draft func(*iam.Draft) (*iam.Connector, error)) (*iam.Connector, iam.Revision, error) {
	var k *iam.Connector
	at, err := c.Permit.Write(c.Ctx(), func(d *iam.Draft) (err error) {
		k, err = draft(d)
		return err
	})
	if e, ok := errors.AsType[*iam.Error](err); ok && e.Code == iam.Exists && e.Field == string(iam.SpaceDomain) {
		err = iam.Errorf(iam.Conflict, "the domain is enabled in another account")
	}
	return k, at, err
}

func (c *call) showConnector(k *iam.Connector, at iam.Revision, err error) (*wire.Answer, error) {
	if err != nil {
		return nil, err
	}
	return result(c.connector(k), at), nil
}

func createConnector(c *call) (*wire.Answer, error) {
	var in struct {
		EmailDomain jsontext.Value `json:"email_domain"`
		Begin       *bool          `json:"begin_verification"`
		FedRAMP     bool           `json:"use_fedramp_language"`
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	if in.EmailDomain.Kind() != '"' {
		return nil, iam.FieldErrorf(iam.Invalid, "email_domain", "must be a domain")
	}
	domain, err := jsontext.AppendUnquote(nil, in.EmailDomain)
	if err != nil {
		return nil, iam.FieldErrorf(iam.Invalid, "email_domain", "must be a domain")
	}
	k := iam.Connector{ID: iam.ConnectorID{UUID: c.Control.NewID()}, Domain: string(domain), Code: c.Control.NewConnectorCode(), FedRAMP: in.FedRAMP}
	c.Permit.Target.ID, c.Permit.Target.Name = k.ID.String(), k.Domain
	return c.showConnector(c.writeConnector(func(d *iam.Draft) (*iam.Connector, error) {
		return d.CreateConnector(k, in.Begin == nil || *in.Begin)
	}))
}

func updateConnector(c *call) (*wire.Answer, error) {
	id := c.connectorInPath()
	var in struct {
		Enabled *bool `json:"enabled"`
		FedRAMP *bool `json:"use_fedramp_language"`
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	return c.showConnector(c.writeConnector(func(d *iam.Draft) (*iam.Connector, error) {
		return d.UpdateConnector(id, func(k *iam.Connector) {
			if in.Enabled != nil {
				k.Enabled = *in.Enabled
			}
			if in.FedRAMP != nil {
				k.FedRAMP = *in.FedRAMP
			}
		})
	}))
}

func deleteConnector(c *call) (*wire.Answer, error) {
	id := c.connectorInPath()
	_, at, err := c.writeConnector(func(d *iam.Draft) (*iam.Connector, error) { return nil, d.DeleteConnector(id) })
	if err != nil {
		return nil, err
	}
	return removed(id.UUID, at), nil
}

// beginVerification answers without a result: its clients expect none (section 8).
func beginVerification(c *call) (*wire.Answer, error) {
	id := c.connectorInPath()
	_, at, err := c.writeConnector(func(d *iam.Draft) (*iam.Connector, error) { return d.BeginVerification(id) })
	if err != nil {
		return nil, err
	}
	out := result(nil, at)
	out.Body = struct {
		Success  bool      `json:"success"`
		Errors   []notice  `json:"errors"`
		Messages []message `json:"messages"`
	}{Success: true}
	return out, nil
}
