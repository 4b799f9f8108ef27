package exoscale

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

func eventOperations() []operation {
	return []operation{
		{name: "list-events", route: wire.Route{Method: get, Pattern: Prefix + "/event", Operation: control.ListAuditLogs, Target: anyOf(iam.TypeAuditLog)},
			do: listEvents},
	}
}

// What a list of events has.
const (
	eventsBefore = 24 * time.Hour // from, when nobody says
	maxEvents    = 1000           // the newest
)

// eventOut is an entry of the audit log in this API's words (section 4).
type eventOut struct {
	Timestamp  string         `json:"timestamp"`
	Handler    string         `json:"handler"`
	Status     int            `json:"status"`
	Message    string         `json:"message,omitzero"`
	URI        string         `json:"uri,omitzero"`
	RequestID  string         `json:"request-id,omitzero"`
	SourceIP   string         `json:"source-ip,omitzero"`
	Zone       string         `json:"zone"`
	BodyParams map[string]any `json:"body-params,omitempty"`
	PathParams map[string]any `json:"path-params,omitempty"`
	User       *eventUser     `json:"iam-user,omitzero"`
	Role       *eventRole     `json:"iam-role,omitzero"`
	Key        *keyOut        `json:"iam-api-key,omitzero"`
}

// eventRole is a role as events have it: without its policy, which a thousand events would repeat.
type eventRole struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// eventUser is a user as events have them.
type eventUser struct {
	ID    string     `json:"id"`
	Email string     `json:"email"`
	Role  *eventRole `json:"role,omitzero"`
}

// period reads from and to. What is absent is a day ago, and now.
func (c *call) period() (from, to time.Time, err error) {
	to = c.Permit.Now().Add(time.Microsecond) // what was recorded at this moment too
	from = to.Add(-eventsBefore)
	query, err := url.ParseQuery(c.R.URL.RawQuery)
	if err != nil {
		return from, to, iam.Errorf(iam.Invalid, "the query cannot be read")
	}
	if err := first(moment("from", query["from"], &from), moment("to", query["to"], &to)); err != nil {
		return from, to, err
	}
	if from.After(to) {
		return from, to, iam.FieldErrorf(iam.Invalid, "from", "must not be after to")
	}
	return from, to, nil
}

// moment reads a parameter that is a time, if it is there. What timestamp() of an expression cannot read is refused, so that a rule about
// the parameter does not fail where this does not.
func moment(name string, values []string, at *time.Time) error {
	switch {
	case len(values) == 0:
		return nil
	case len(values) > 1:
		return iam.FieldErrorf(iam.Invalid, name, "stands twice")
	}
	t, err := time.Parse(time.RFC3339, values[0])
	if year := t.UTC().Year(); err != nil || !dateTime.MatchString(values[0]) || year < 1 || year > 9999 {
		return iam.FieldErrorf(iam.Invalid, name, "must be a date and time as RFC 3339 has it, as in 2026-01-31T12:00:00Z")
	}
	*at = t
	return nil
}

// dateTime is the form that time.Parse and expressions read alike.
var dateTime = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

// listEvents gives a bare array, newest first.
func listEvents(c *call) (*wire.Answer, error) {
	from, to, err := c.period()
	if err != nil {
		return nil, err
	}
	events, _, err := c.Permit.Events(c.Ctx(), control.EventQuery{From: from, To: to, Limit: maxEvents})
	if err != nil {
		return nil, err
	}
	out := make([]eventOut, len(events))
	for i := range events {
		out[i] = c.eventOut(&events[i])
	}
	return c.shown(out)
}

func (c *call) eventOut(e *iam.Event) eventOut {
	out := eventOut{Timestamp: e.Time.UTC().Format("2006-01-02T15:04:05.000Z"), Handler: c.handler(e), Status: eventStatus(e),
		Message: e.ErrorMessage, RequestID: e.RequestID, SourceIP: e.IP, Zone: zone}
	if out.Message == "" {
		out.Message = "Success"
	}
	out.BodyParams, _ = e.Details["body_params"].(map[string]any)
	out.URI, out.PathParams = c.server.place(out.Handler, e)
	c.actor(&out, e)
	return out
}

// handler is the operation that an event is of: what it was called when it came through this API, else what this API calls it.
func (c *call) handler(e *iam.Event) string {
	if name, ok := e.Details["handler"].(string); ok {
		return name
	}
	for _, op := range control.Operations() {
		if op.Event == e.Action {
			return c.Control.Catalog().Spelling(catalog.Exoscale, op.Action)
		}
	}
	return strings.NewReplacer(".", "-", "_", "-").Replace(e.Action) // of writ's own doing
}

func eventStatus(e *iam.Event) int {
	if e.Status == iam.Success {
		return http.StatusOK
	}
	if status, ok := statuses[iam.Code(e.ErrorCode)]; ok {
		return status
	}
	return http.StatusInternalServerError
}

// place is the path of the operation that an event is of, if this API has it, and what stood in it.
func (s *server) place(handler string, e *iam.Event) (string, map[string]any) {
	o := s.named[handler]
	if o == nil {
		return "", nil
	}
	uri := o.path()
	if !strings.Contains(uri, "{id}") {
		return uri, nil
	}
	id := e.ResourceID
	if o.byKey {
		id, _ = e.Details["access_key_id"].(string)
	}
	if id == "" {
		return "", nil
	}
	return strings.ReplaceAll(uri, "{id}", id), map[string]any{"id": id}
}

// actor says who did it, as far as they are there still.
func (c *call) actor(out *eventOut, e *iam.Event) {
	switch e.ActorKind {
	case iam.KindOfUser:
		if u, err := c.View().User(iam.UserID{UUID: e.ActorID}); err == nil {
			m := c.memberOf(u)
			out.User = &eventUser{m.id.String(), m.email, &eventRole{m.role.ID.String(), m.role.Name}}
			return
		}
		out.User = &eventUser{ID: e.ActorID.String(), Email: e.ActorEmail}
	case iam.KindOfRole:
		if r, err := c.View().Role(iam.RoleID{UUID: e.ActorID}); err == nil {
			out.Role = &eventRole{r.ID.String(), r.Name}
		}
		key, _ := e.Details[control.ActorKey].(string)
		if k, ok := c.View().CredentialByAccessKey(key); ok {
			out.Key = new(keyToWire(k, ""))
		} else if key != "" {
			out.Key = &keyOut{Key: key, RoleID: e.ActorID.String()}
		}
	}
}
