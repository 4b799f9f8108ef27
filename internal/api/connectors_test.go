package api_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/client"
	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/iam"
)

const connectors = "/v1/iam/connectors"

var connectorCatalogue = []operation{
	{name: "listConnectors", kind: "list", call: "GET " + connectors, on: "connector:*", shape: linked("connectors", aConnector)},
	{name: "createConnector", kind: "create", call: "POST " + connectors, on: "connector:*",
		body:  `{"email_domain":"New.Acme.Example","begin_verification":true,"use_fedramp_language":true}`,
		shape: wrote("connector", aConnector), event: "iam.connector.create", about: ":connector.id", called: "new.acme.example",
		bad: refusals(
			refusal{why: "domain taken", body: `{"email_domain":"mail.{domain}"}`, status: 409, details: "email_domain: "},
			refusal{why: "domain taken but for case", body: `{"email_domain":"MAIL.{domain}"}`, status: 409, details: "email_domain: "},
			refusal{why: "no domain", body: `{}`, status: 400, details: "email_domain: "},
			refusal{why: "no domain but null", body: `{"email_domain":null}`, status: 400, details: "email_domain: "},
			refusal{why: "an address", body: `{"email_domain":"olga@acme.example"}`, status: 400, details: "email_domain: "},
			refusal{why: "no dot", body: `{"email_domain":"acme"}`, status: 400, details: "email_domain: "},
			refusal{why: "a space", body: `{"email_domain":" acme.example"}`, status: 400, details: "email_domain: "},
			refusal{why: "a public provider", body: `{"email_domain":"gmail.com"}`, status: 400, details: "email_domain: "},
			refusal{why: "a school", body: `{"email_domain":"cs.mit.edu"}`, status: 400, details: "email_domain: "},
			refusal{why: "another type", body: `{"email_domain":["acme.example"]}`, status: 400, details: "email_domain: "},
			refusal{why: "beginning with a text", body: `{"email_domain":"new.acme.example","begin_verification":"no"}`, status: 400, details: "begin_verification: "},
			refusal{why: "too much", body: strings.Repeat(" ", 257<<10), status: 413},
		)},
	{name: "getConnector", kind: "get", call: "GET " + connectors + "/{connector}", on: "connector:{connector}", shape: one("connector", aConnector)},
	{name: "updateConnector", kind: "update", call: "PATCH " + connectors + "/{connector}", on: "connector:{connector}",
		body: `{"enabled":true,"use_fedramp_language":true}`, shape: wrote("connector", aConnector), event: "iam.connector.update",
		about: "{connector}", called: "mail.{domain}", undo: switchConnector(false),
		bad: refusals(
			refusal{why: "not verified", call: "PATCH " + connectors + "/{awaiting}", body: `{"enabled":true}`, status: 409, details: "enabled: "},
			refusal{why: "null", body: `{"enabled":null}`, status: 400, details: "enabled: "},
			refusal{why: "the wording null", body: `{"use_fedramp_language":null}`, status: 400, details: "use_fedramp_language: "},
			refusal{why: "a text", body: `{"enabled":"true"}`, status: 400, details: "enabled: "},
		)},
	{name: "deleteConnector", kind: "end", call: "DELETE " + connectors + "/{connector}", on: "connector:{connector}",
		event: "iam.connector.delete", about: "{connector}", called: "mail.{domain}",
		bad: []refusal{{why: "enabled", status: 409, prepare: switchConnector(true), undo: switchConnector(false)}}},
	{name: "verifyConnector", kind: "resend", call: "POST " + connectors + "/{awaiting}/verify", on: "connector:{awaiting}",
		shape: wrote("connector", aConnector), event: "iam.connector.verify", about: "{awaiting}", called: "lab.{domain}"},
}

func switchConnector(on bool) func(*estate) {
	return func(e *estate) { e.as(e.owner).patch(e.fill(connectors+"/{connector}"), obj{"enabled": on}).want(200) }
}

// TestConnectorLife is a connector's life on the wire, with its two days.
func TestConnectorLife(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.as(e.owner)
	is := func(r *reply, status string, enabled bool) {
		t.Helper()
		if r.str("connector.verification.status") != status || r.at("connector.enabled") != enabled {
			t.Errorf("want %s, enabled %v: %s", status, enabled, r.body)
		}
	}
	made := owner.post(connectors, `{"email_domain":"life.example","begin_verification":false}`).want(201)
	is(made, "awaiting", false)
	at, code := connectors+"/"+made.str("connector.id"), made.str("connector.verification.code")
	owner.patch(at, `{"enabled":true}`).want(409)
	is(owner.patch(at, `{"enabled":false}`).want(200), "awaiting", false)
	is(owner.post(at+"/verify", nil).want(200), "pending", false)
	tail := e.tail()
	is(owner.post(at+"/verify", nil).want(200), "pending", false)
	if e.tail() != tail {
		t.Error("asking twice has changed something")
	}
	owner.patch(at, `{"enabled":true}`).want(409)
	e.clock.advance(iam.VerificationLasts)
	is(owner.get(at).want(200), "failed", false)
	owner.patch(at, `{"enabled":true}`).want(409)
	again := owner.post(at+"/verify", nil).want(200)
	if is(again, "pending", false); again.str("connector.verification.code") != code {
		t.Errorf("it has another code: %s", again.body)
	}
	e.confirm(e.owner, made.str("connector.id"))
	is(owner.post(at+"/verify", nil).want(200), "verified", false)
	is(owner.patch(at, `{"enabled":true,"email_domain":"other.example"}`).want(200), "verified", true)
	if got := owner.get(at).want(200).str("connector.email_domain"); got != "life.example" {
		t.Errorf("the domain is %s", got)
	}
	owner.del(at).want(409)
	is(owner.patch(at, `{"enabled":false}`).want(200), "verified", false)
	owner.del(at).want(204)
	owner.get(at).want(404)
	owner.post(at+"/verify", nil).want(404)
	is(owner.post(connectors, `{"email_domain":"life.example"}`).want(201), "pending", false)
}

// TestDomainOfAnother: a domain that another organization has enabled cannot be enabled, and the answer does not say whose it is.
func TestDomainOfAnother(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	var paths [2]string
	tokens := [2]string{e.owner, e.names["other.token"]}
	for i, token := range tokens {
		r := e.as(token).post(connectors, `{"email_domain":"shared.example"}`).want(201)
		e.confirm(token, r.str("connector.id"))
		paths[i] = connectors + "/" + r.str("connector.id")
	}
	e.as(tokens[0]).patch(paths[0], `{"enabled":true}`).want(200)
	r := e.as(tokens[1]).patch(paths[1], `{"enabled":true}`).want(409)
	r.detail(409, "email_domain: the domain is taken")
	if strings.Contains(string(r.body), e.org) || strings.Contains(string(r.body), "Acme") {
		t.Errorf("it says whose it is: %s", r.body)
	}
	if got := e.as(tokens[1]).get(paths[1]).want(200).at("connector.enabled"); got != false {
		t.Error("it is enabled")
	}
	e.clock.advance(time.Second)
	e.as(tokens[0]).patch(paths[0], `{"enabled":false}`).want(200)
	e.as(tokens[1]).patch(paths[1], `{"enabled":true}`).want(200)
	e.as(tokens[0]).patch(paths[0], `{"enabled":true}`).want(409)
}

// TestConnectorsOfClient makes every call through the public client.
func TestConnectorsOfClient(t *testing.T) {
	w := newWorld(t)
	server := httptest.NewServer(w.handler)
	defer server.Close()
	c, err := client.New(client.Config{URL: server.URL, Token: w.owner})
	must(t, err)
	ctx := t.Context()
	made, err := c.CreateConnector(ctx, apitype.CreateConnectorRequest{EmailDomain: "corp.example", BeginVerification: new(false)})
	must(t, err)
	id := made.Connector.ID
	begun, err := c.VerifyConnector(ctx, id)
	must(t, err)
	if made.Connector.Verification.Status != "awaiting" || begun.Connector.Verification.Status != "pending" || begun.Revision != made.Revision+1 {
		t.Errorf("%+v then %+v", made, begun)
	}
	_, err = c.UpdateConnector(ctx, id, apitype.UpdateConnectorRequest{UseFedRAMPLanguage: apitype.Some(true)})
	must(t, err)
	if _, err = c.UpdateConnector(ctx, id, apitype.UpdateConnectorRequest{Enabled: apitype.Some(true)}); err == nil {
		t.Error("enabled before it was verified")
	}
	one, err := c.GetConnector(ctx, id)
	must(t, err)
	list, err := c.ListConnectors(ctx, client.ListParams{Name: "corp.*"})
	must(t, err)
	if !one.Connector.UseFedRAMPLanguage || len(list.Connectors) != 1 || list.Connectors[0] != one.Connector {
		t.Errorf("%+v and %+v", one, list)
	}
	_, err = c.DeleteConnector(ctx, id)
	must(t, err)
	if _, err = c.GetConnector(ctx, id); err == nil {
		t.Error("it is still there")
	}
}

// TestConnectorsByName: connectors are found by their domains.
func TestConnectorsByName(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for filter, want := range map[string]int{"mail.acme.example": 1, "mail.*": 1, "*": 2, "Mail.acme.example": 0, "acme.example": 0, "mail.other.example": 0} {
		if r := e.as(e.owner).get(fmt.Sprintf("%s?name=%s", connectors, filter)).want(200); r.len("connectors") != want {
			t.Errorf("%s: want %d: %s", filter, want, r.body)
		}
	}
}
