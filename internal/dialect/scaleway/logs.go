package scaleway

import (
	"strings"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

func logRoutes() []route {
	return []route{
		aLog.does(lists, get, "/logs", control.ListAuditLogs, aLog.any, listLogs),
		aLog.does(reads, get, "/logs/{log_id}", control.GetAuditLog, aLog.one, getLog),
	}
}

// logEntry is Log of section 4.10.
type logEntry struct {
	ID             string    `json:"id"`
	CreatedAt      timestamp `json:"created_at"`
	IP             string    `json:"ip"`
	UserAgent      string    `json:"user_agent"`
	Action         string    `json:"action"`
	BearerID       string    `json:"bearer_id"`
	OrganizationID string    `json:"organization_id"`
	ResourceType   string    `json:"resource_type"`
	ResourceID     string    `json:"resource_id"`
}

// What logs say was done.
const (
	created = "created"
	updated = "updated"
	deleted = "deleted"
)

// logged are the events of the audit log that are logs here, by what was done to which type of resource.
var logged = map[string]struct{ action, resource string }{
	"iam.group.create": {created, "group"}, "iam.group.update": {updated, "group"}, "iam.group.delete": {deleted, "group"},
	"iam.policy.create": {created, "policy"}, "iam.policy.update": {updated, "policy"}, "iam.policy.delete": {deleted, "policy"},
	"iam.service_account.create": {created, "application"}, "iam.service_account.update": {updated, "application"},
	"iam.service_account.delete": {deleted, "application"},
	"iam.user.add":               {created, "user"}, "iam.user.update": {updated, "user"}, "iam.user.remove": {deleted, "user"},
	"iam.user.lock": {updated, "user"}, "iam.user.unlock": {updated, "user"},
	"iam.invitation.update": {updated, "user"}, "iam.invitation.delete": {deleted, "user"},
	"iam.credential.create": {created, "api_key"}, "iam.credential.update": {updated, "api_key"}, "iam.credential.roll": {updated, "api_key"},
	"iam.credential.delete": {deleted, "api_key"},
}

func (c *call) logEntry(e *iam.Event) logEntry {
	words := logged[e.Action]
	out := logEntry{ID: e.ID.String(), CreatedAt: timestamp(e.Time), IP: e.IP, UserAgent: e.UserAgent, Action: words.action,
		OrganizationID: e.Org.String(), ResourceType: words.resource, ResourceID: e.ResourceID}
	if !e.ActorID.IsZero() {
		out.BearerID = e.ActorID.String()
	}
	if words.resource == "api_key" {
		out.ResourceID = c.accessKey(e)
	}
	return out
}

// accessKey is how this API calls the credential that an event is about; its id if it is gone and the event does not say.
func (c *call) accessKey(e *iam.Event) string {
	if key, ok := e.Details["access_key_id"].(string); ok && key != "" {
		return key
	}
	id, _ := iam.ParseUUID(e.ResourceID)
	if k, err := c.View().Credential(iam.CredentialID{UUID: id}); err == nil && k.AccessKey != "" {
		return k.AccessKey
	}
	return e.ResourceID
}

// listLogs lists what has been done, oldest first unless asked otherwise.
func listLogs(c *call) (*wire.Answer, error) {
	q := c.query()
	action := q.oneOf("action", "unknown_action", created, updated, deleted)
	resource := q.oneOf("resource_type", "unknown_resource_type", "api_key", "user", "application", "group", "policy")
	order := q.oneOf("order_by", "", "created_at_asc", "created_at_desc")
	w := q.window()
	ask := control.EventQuery{Status: iam.Success, From: q.time("created_after"), To: q.time("created_before"), Involved: c.involved(q.text("search")),
		OldestFirst: order != "created_at_desc", Offset: w.from, Limit: w.size}
	if q.err != nil {
		return nil, q.err
	}
	for name, words := range logged {
		if (action == "" || words.action == action) && (resource == "" || words.resource == resource) {
			ask.Actions = append(ask.Actions, name)
		}
	}
	events, total, err := c.Permit.Events(c.Ctx(), ask)
	if err != nil {
		return nil, err
	}
	return c.page("logs", shows(events, func(e iam.Event) logEntry { return c.logEntry(&e) }), total)
}

// involved is what a search looks for inside: an access key is a credential.
func (c *call) involved(search string) string {
	if k, ok := c.View().CredentialByAccessKey(search); ok {
		return k.ID.String()
	}
	return strings.ToLower(search)
}

func getLog(c *call) (*wire.Answer, error) {
	e, err := c.Permit.Event(c.Ctx(), iam.EventID{UUID: pathID(c.Call, "log_id")})
	if err != nil {
		return nil, err
	}
	if _, is := logged[e.Action]; !is || e.Status != iam.Success {
		return nil, missing(aLog.word, e.ID.String())
	}
	return c.shown(c.logEntry(&e))
}
