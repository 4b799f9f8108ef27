package api

import (
	"net/http"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

func connectorRoutes() []Route {
	const all, one = "/v1/iam/connectors", "/v1/iam/connectors/{connector_id}"
	return []Route{
		{get, all, control.ListConnectors, aConnector.any, list(connectors, (*iam.State).Connectors)},
		{post, all, control.CreateConnector, aConnector.any, createConnector},
		{get, one, control.GetConnector, aConnector.one, getOne(aConnector, (*iam.State).Connector, connectors)},
		{patch, one, control.UpdateConnector, aConnector.one, updateConnector},
		{del, one, control.DeleteConnector, aConnector.one, deleteOne(aConnector, (*iam.Draft).DeleteConnector)},
		{post, one + "/verify", control.VerifyConnector, aConnector.one, verifyConnector},
	}
}

var aConnector = thing{iam.TypeConnector, "connector_id", "connector"}

var connectors = kind[*iam.Connector, apitype.Connector]{
	id:   func(k *iam.Connector) iam.UUID { return k.ID.UUID },
	wire: connectorToWire,
	one: func(k apitype.Connector, at apitype.Revision) any {
		return apitype.ConnectorAnswer{Connector: k, Revision: at}
	},
	many: func(ks []apitype.Connector, p apitype.Page) any {
		return apitype.ConnectorList{Connectors: ks, Page: p}
	},
}

func connectorToWire(c *call, k *iam.Connector) apitype.Connector {
	return apitype.Connector{
		ID: k.ID.String(), CRN: iam.Name(iam.TypeConnector, k.ID.UUID).String(), EmailDomain: k.Domain,
		Enabled: k.Enabled, UseFedRAMPLanguage: k.FedRAMP,
		Verification: apitype.Verification{Code: k.Code, Status: string(k.StatusAt(c.Permit.Now()))},
		CreatedAt:    apitype.Time{Time: k.CreatedAt}, UpdatedAt: apitype.Time{Time: k.UpdatedAt},
	}
}

func createConnector(c *call) (*wire.Answer, error) {
	var in apitype.CreateConnectorRequest
	if err := c.decode(&in, func(*form) {}); err != nil {
		return nil, err
	}
	domain, err := iam.CheckDomain("email_domain", in.EmailDomain)
	if err != nil {
		return nil, err
	}
	k := iam.Connector{ID: iam.ConnectorID{UUID: c.Control.NewID()}, Domain: domain, Code: c.Control.NewConnectorCode(),
		FedRAMP: in.UseFedRAMPLanguage}
	begin := in.BeginVerification == nil || *in.BeginVerification
	return create(c, connectors, k.ID.UUID, domain, func(d *iam.Draft) (*iam.Connector, error) { return d.CreateConnector(k, begin) })
}

func updateConnector(c *call) (*wire.Answer, error) {
	id, err := aConnector.id(c)
	if err != nil {
		return nil, err
	}
	var in apitype.UpdateConnectorRequest
	err = c.decode(&in, func(f *form) {
		f.notNull("enabled", in.Enabled.Null)
		f.notNull("use_fedramp_language", in.UseFedRAMPLanguage.Null)
	})
	if err != nil {
		return nil, err
	}
	return write(c, http.StatusOK, connectors, func(d *iam.Draft) (*iam.Connector, error) {
		return d.UpdateConnector(iam.ConnectorID{UUID: id}, func(k *iam.Connector) {
			apply(in.Enabled, &k.Enabled)
			apply(in.UseFedRAMPLanguage, &k.FedRAMP)
		})
	})
}

func verifyConnector(c *call) (*wire.Answer, error) {
	id, err := aConnector.id(c)
	if err != nil {
		return nil, err
	}
	return write(c, http.StatusOK, connectors, func(d *iam.Draft) (*iam.Connector, error) {
		return d.BeginVerification(iam.ConnectorID{UUID: id})
	})
}
