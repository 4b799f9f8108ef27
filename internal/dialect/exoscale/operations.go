package exoscale

import (
	"net/http"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// subject is what a change is about: its type, its id, and what else clients know it by.
type subject struct {
	typ  string
	id   iam.UUID
	name string
}

// operationOut is an operation in answers (section 4). Clients dereference reference, so it is always there.
type operationOut struct {
	ID        string    `json:"id"`
	State     string    `json:"state"`
	Reference reference `json:"reference"`
}

type reference struct {
	ID      string `json:"id"`
	Link    string `json:"link"`
	Command string `json:"command"`
}

// operationToWire shows an operation as it is at the time of the call.
func (c *call) operationToWire(o *iam.Operation) operationOut {
	out := operationOut{ID: o.ID.String(), State: "success", Reference: referenceTo(o)}
	if !o.DoneBy(c.Permit.Now()) {
		out.State = "pending"
	}
	return out
}

// referenceTo is what an operation was about (section 5).
func referenceTo(o *iam.Operation) reference {
	id := o.Subject.String()
	switch o.Type {
	case iam.TypeCredential:
		return reference{id, Prefix + "/api-key/" + o.Name, "get-api-key"}
	case iam.TypeUser:
		return reference{id, Prefix + "/user/" + id, "get-user"}
	case iam.TypeOrganization:
		return reference{id, Prefix + "/iam-organization-policy", "get-iam-organization-policy"}
	}
	return reference{id, Prefix + "/iam-role/" + id, "get-iam-role"}
}

// write makes a change and its operation in one commit, and answers with the operation.
func (c *call) write(about subject, draft func(*iam.Draft) error) (*wire.Answer, error) {
	record, o := c.operation(about)
	at, err := c.Permit.Write(c.Ctx(), func(d *iam.Draft) error {
		if err := draft(d); err != nil {
			return err
		}
		return record(d)
	})
	if err != nil {
		return nil, err
	}
	return answer(c.operationToWire(*o), at), nil
}

// operation gives what records an operation about something, in the commit of the change, and where the operation is then.
func (c *call) operation(about subject) (record func(*iam.Draft) error, made **iam.Operation) {
	o := iam.Operation{ID: iam.OperationID{UUID: c.Control.NewID()}, Type: about.typ, Subject: about.id, Name: about.name}
	made = new(*iam.Operation)
	return func(d *iam.Draft) (err error) {
		*made, err = d.AddOperation(o, c.server.pending)
		return err
	}, made
}

func organizationOperations() []operation {
	return []operation{
		{name: "get-organization",
			route: wire.Route{Method: get, Pattern: Prefix + "/organization", Operation: control.GetOwnOrganization, Target: ownOrganization}, do: getOrganization},
		{name: "get-operation",
			route: wire.Route{Method: get, Pattern: Prefix + "/operation/{id}", Operation: control.GetOperation, Target: one(iam.TypeOperation)}, do: getOperation},
		{name: "list-zones", route: wire.Route{Method: get, Pattern: Prefix + "/zone"}, do: listZones},
	}
}

// getOperation tells any key of the organization what became of a change (section 10.4), for a day (section 14.17).
func getOperation(c *call) (*wire.Answer, error) {
	o, err := c.View().OperationAt(iam.OperationID{UUID: pathID(c.Call)}, c.Permit.Now())
	if err != nil {
		return nil, err
	}
	return c.shown(c.operationToWire(o))
}

// getOrganization tells what is known of an organization: addresses and money are not.
func getOrganization(c *call) (*wire.Answer, error) {
	o := c.View().Organization()
	return c.shown(struct {
		ID       string  `json:"id"`
		Name     string  `json:"name"`
		Address  string  `json:"address"`
		Postcode string  `json:"postcode"`
		City     string  `json:"city"`
		Country  string  `json:"country"`
		Currency string  `json:"currency"`
		Balance  float64 `json:"balance"`
	}{ID: o.ID.String(), Name: o.Name})
}

// zones are the vendor's (section 1). All of them are this server.
var zones = []string{zone, "ch-dk-2", "de-fra-1", "de-muc-1", "at-vie-1", "at-vie-2", "bg-sof-1", "hr-zag-1"}

type zoneOut struct {
	Name     string `json:"name"`
	Endpoint string `json:"api-endpoint"`
}

// listZones tells anybody where the zones are: here (section 1).
func listZones(c *call) (*wire.Answer, error) {
	out := struct {
		Zones []zoneOut `json:"zones"`
	}{}
	for _, name := range zones {
		out.Zones = append(out.Zones, zoneOut{name, c.Base() + Prefix})
	}
	return &wire.Answer{Status: http.StatusOK, Body: out}, nil
}
