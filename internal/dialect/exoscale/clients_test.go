package exoscale_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// program is a client program that talks to a real server over HTTP. It keeps what it asked for.
type program struct {
	e      *estate
	key    key
	agent  string
	asked  []string
	server *httptest.Server
}

// runs starts the server that a program is for.
func (e *estate) runs(agent string, k key) *program {
	server := httptest.NewServer(e.wire)
	e.t.Cleanup(server.Close)
	return &program{e: e, key: k, agent: agent, server: server}
}

// at sends a request to an endpoint, which ends in /v2. No redirect is followed: a signature would not be good for where it leads.
func (p *program) at(endpoint string, k key, method, path, body string) *answer {
	t := p.e.t
	t.Helper()
	p.e.Clock.Advance(time.Second)
	url := endpoint + path
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("User-Agent", p.agent)
	r.Header.Set("Accept-Encoding", "gzip")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if k != (key{}) {
		r.Header.Set("Authorization", sign(k, method, r.URL.RequestURI(), body, p.e.Clock.Now().Unix()+600))
	}
	in, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Body.Close()
	text, err := io.ReadAll(in.Body)
	if err != nil {
		t.Fatal(err)
	}
	p.asked = append(p.asked, method+" "+strings.TrimPrefix(url, p.server.URL)+" "+body)
	return &answer{t: t, what: method + " " + url, status: in.StatusCode, header: in.Header, body: text}
}

// zone does what the CLI does before every command: it asks for the zones without a signature, finds its own and goes on there
// (section 1).
func (p *program) zone() (endpoint string) {
	p.e.t.Helper()
	a := p.at(p.server.URL+"/v2", key{}, "GET", "/zone", "").want(200)
	at := a.named("zones", "ch-gva-2")
	if a.str(at+".api-endpoint") != p.server.URL+"/v2" {
		p.e.t.Fatalf("the CLI would go to %s", a.str(at+".api-endpoint"))
	}
	return a.str(at + ".api-endpoint")
}

// command runs requests as one command of the CLI.
func (p *program) command(do func(call func(method, path, body string) *answer)) {
	p.e.t.Helper()
	endpoint := p.zone()
	do(func(method, path, body string) *answer {
		p.e.t.Helper()
		return p.at(endpoint, p.key, method, path, body)
	})
}

// find finds a role by its name or id as the SDK does: what fits twice is a conflict.
func find(t testing.TB, list *answer, nameOrID string) map[string]any {
	t.Helper()
	var found []map[string]any
	for _, v := range list.want(200).list("iam-roles") {
		if r := v.(map[string]any); r["id"] == nameOrID || r["name"] == nameOrID {
			found = append(found, r)
		}
	}
	if len(found) > 1 {
		t.Fatalf("%q is ambiguous", nameOrID)
	}
	if len(found) == 0 {
		return nil
	}
	if found[0]["policy"] == nil {
		t.Fatalf("a role without its policy, which the CLI shows from the list: %v", found[0])
	}
	return found[0]
}

// done is an operation that the SDK does not wait for, with the reference that the CLI goes on with.
func done(a *answer) (id string) {
	a.t.Helper()
	a.want(200)
	if a.str("state") != "success" {
		a.t.Fatalf("%s", a.body)
	}
	return a.str("reference.id")
}

// TestCLI replays what exo's commands send (sections 12 and 13).
func TestCLI(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	p := e.runs("exocli/1.96.3/dafc113 egoscale/v3.1.42 (go1.26; linux/amd64)", e.owner())
	type call = func(method, path, body string) *answer

	// exo iam role create nightly --description … --label … --policy …
	p.command(func(call call) {
		id := done(call("POST", "/iam-role", `{"description":"Backups","editable":true,"labels":{"team":"zeta"},"name":"nightly","policy":{"default-service-strategy":"deny","services":{"iam":{"rules":[{"action":"allow","expression":"operation.startsWith('list-') \u0026\u0026 true"}],"type":"rules"}}}}`))
		p.zone() // what it made is shown as by the command show
		if r := find(t, call("GET", "/iam-role", ""), id); r["name"] != "nightly" {
			t.Errorf("made %v", r)
		}
	})
	// exo iam role list
	p.command(func(call call) {
		if names := call("GET", "/iam-role", "").want(200).names("iam-roles"); names[0] != "Owner" || names[len(names)-1] != "nightly" {
			t.Errorf("roles %v", names)
		}
	})
	// exo iam role show nightly --policy
	p.command(func(call call) {
		text, _ := json.Marshal(find(t, call("GET", "/iam-role", ""), "nightly")["policy"])
		if !bytes.Contains(text, []byte(`operation.startsWith('list-') \u0026\u0026 true`)) {
			t.Errorf("the policy is %s", text)
		}
	})
	// exo iam role update nightly --policy …: an update of nothing goes before.
	p.command(func(call call) {
		id := find(t, call("GET", "/iam-role", ""), "nightly")["id"].(string)
		done(call("PUT", "/iam-role/"+id, `{}`))
		done(call("PUT", "/iam-role/"+id+":policy", `{"default-service-strategy":"allow","services":{}}`))
		p.zone()
		if r := find(t, call("GET", "/iam-role", ""), id); r["description"] != "Backups" || r["policy"].(map[string]any)["default-service-strategy"] != "allow" {
			t.Errorf("updated to %v", r)
		}
	})
	// exo iam role update nightly --description …
	p.command(func(call call) {
		id := find(t, call("GET", "/iam-role", ""), "nightly")["id"].(string)
		done(call("PUT", "/iam-role/"+id, `{"description":"Nightly backups"}`))
	})
	// exo iam api-key create, list, delete
	p.command(func(call call) {
		e.names["nightly"] = find(t, call("GET", "/iam-role", ""), "nightly")["id"].(string)
		a := call("POST", "/api-key", `{"name":"backup","role-id":"`+e.names["nightly"]+`"}`).want(200)
		e.names["backup_key"], e.names["backup_secret"] = a.str("key"), a.str("secret")
	})
	p.command(func(call call) {
		keys := call("GET", "/api-key", "").want(200)
		if r := find(t, call("GET", "/iam-role", ""), keys.str(keys.named("api-keys", "backup")+".role-id")); r["name"] != "nightly" {
			t.Errorf("the key's role is %v", r)
		}
	})
	// exo iam role delete nightly: not while a key has it.
	p.command(func(call call) {
		id := find(t, call("GET", "/iam-role", ""), "nightly")["id"].(string)
		if a := call("DELETE", "/iam-role/"+id, "").want(409); a.str("message") == "" {
			t.Errorf("%s", a.body)
		}
	})
	p.command(func(call call) {
		keys := call("GET", "/api-key", "").want(200)
		done(call("DELETE", "/api-key/"+keys.str(keys.named("api-keys", "backup")+".key"), ""))
	})
	p.command(func(call call) {
		id := find(t, call("GET", "/iam-role", ""), "nightly")["id"].(string)
		done(call("DELETE", "/iam-role/"+id, ""))
	})
	p.command(func(call call) {
		if r := find(t, call("GET", "/iam-role", ""), "nightly"); r != nil {
			t.Errorf("there is still %v", r)
		}
	})
	// exo iam org-policy show, update, reset: its reset is an update.
	p.command(func(call call) { call("GET", "/iam-organization-policy", "").want(200) })
	p.command(func(call call) {
		done(call("PUT", "/iam-organization-policy", `{"default-service-strategy":"allow","services":{"sos":{"type":"deny"}}}`))
		call("GET", "/iam-organization-policy", "").want(200)
	})
	p.command(func(call call) {
		done(call("PUT", "/iam-organization-policy", `{"default-service-strategy":"allow","services":{}}`))
	})
	// exo api list-iam-roles, with a key that is not good any more.
	p.key = e.key("backup")
	p.command(func(call call) { call("GET", "/iam-role", "").says(403, "Invalid request signature") })

	for _, asked := range p.asked {
		if strings.HasPrefix(asked, "GET /v2/operation/") {
			t.Errorf("%s: with an operation that succeeded at once none is asked for", asked)
		}
	}
}

// tf is Terraform's provider with the SDK v2 (section 5): it waits for every operation, though the first answer says that it succeeded, and
// then reads the role. It reads only what is 200 and JSON.
type tf struct{ *program }

func (p tf) call(method, path, body string) *answer {
	p.e.t.Helper()
	a := p.at(p.server.URL+"/v2", p.key, method, path, body)
	if a.status == 200 && !strings.Contains(a.header.Get("Content-Type"), "json") {
		p.e.t.Fatalf("%s: it would crash: %v", a.what, a.header)
	}
	return a
}

func (p tf) wait(a *answer) (id string) {
	p.e.t.Helper()
	for range 3 {
		p.e.Clock.Advance(3 * time.Second)
		if o := p.call("GET", "/operation/"+a.want(200).str("id"), "").want(200); o.str("state") != "pending" {
			if o.str("state") != "success" {
				p.e.t.Fatalf("%s: %s", a.what, o.body)
			}
			return o.str("reference.id")
		}
	}
	p.e.t.Fatalf("%s is still pending", a.what)
	return ""
}

// TestTerraform replays an apply, a plan, a change, and a destroy of the provider's three resources, with operations that succeed at once
// and with some that take a while.
func TestTerraform(t *testing.T) {
	t.Parallel()
	for name, pending := range map[string]time.Duration{"at once": 0, "after a while": 5 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEstate(t)
			if pending > 0 {
				e = e.waiting(pending)
			}
			p := tf{e.runs("Exoscale-Terraform-Provider/0.70.0 (b692022) Terraform-SDK/2.38.1 egoscale/0.102.4 (go1.26; linux/amd64)", e.owner())}
			const rules = `{"default-service-strategy":"deny","services":{"sos":{"rules":[{"action":"allow","expression":"parameters.bucket == \"a\u003cb\""},{"action":"deny","expression":"true"}],"type":"rules"}}}`

			// resource "exoscale_iam_role"
			id := p.wait(p.call("POST", "/iam-role", `{"description":"By Terraform","editable":true,"labels":{},"name":"tf","permissions":[],"policy":`+rules+`}`))
			for range 2 { // once to make it and once to plan
				r := p.call("GET", "/iam-role/"+id, "").want(200)
				if r.has("labels") || r.has("permissions") || !strings.Contains(string(r.body), `"policy":`+rules) {
					t.Errorf("a plan would have changes: %s", r.body)
				}
			}
			p.wait(p.call("PUT", "/iam-role/"+id, `{"description":"Changed","labels":{"a":"b"}}`))
			p.wait(p.call("PUT", "/iam-role/"+id+":policy", `{"default-service-strategy":"allow","services":{}}`))
			if r := p.call("GET", "/iam-role/"+id, "").want(200); r.str("labels.a") != "b" || r.str("description") != "Changed" || !strings.Contains(string(r.body), `"services":{}`) {
				t.Errorf("%s", r.body)
			}
			p.wait(p.call("PUT", "/iam-role/"+id, `{"labels":{}}`)) // the labels are gone from the configuration
			if r := p.call("GET", "/iam-role/"+id, "").want(200); r.has("labels") {
				t.Errorf("%s", r.body)
			}

			// resource "exoscale_iam_api_key"
			k := p.call("POST", "/api-key", `{"name":"tf","role-id":"`+id+`"}`).want(200)
			if a := p.call("GET", "/api-key/"+k.str("key"), "").want(200); a.str("role-id") != id || a.str("name") != "tf" {
				t.Errorf("%s", a.body)
			}

			// resource "exoscale_iam_org_policy", whose destroy does nothing
			p.wait(p.call("PUT", "/iam-organization-policy", `{"default-service-strategy":"allow","services":{"sos":{"rules":[{"action":"deny","expression":"test"}],"type":"rules"}}}`))
			if a := p.call("GET", "/iam-organization-policy", "").want(200); a.str("services.sos.rules.0.expression") != "test" {
				t.Errorf("%s", a.body)
			}

			p.wait(p.call("DELETE", "/api-key/"+k.str("key"), ""))
			p.call("GET", "/api-key/"+k.str("key"), "").says(404, "Not Found")
			p.wait(p.call("DELETE", "/iam-role/"+id, ""))
			p.call("GET", "/iam-role/"+id, "").says(404, "Not Found")
		})
	}
}
