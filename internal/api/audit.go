package api

import (
	"strconv"
	"strings"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
	"github.com/writ-iam/writ/internal/wire"
)

func auditRoutes() []Route {
	const all, one = "/v1/audit-logs", "/v1/audit-logs/{log_id}"
	return []Route{
		{get, all, control.ListAuditLogs, anAuditLog.any, listAuditLogs},
		{get, one, control.GetAuditLog, anAuditLog.one, getAuditLog},
	}
}

func eventToWire(e *iam.Event) apitype.AuditLog {
	out := apitype.AuditLog{
		ID: e.ID.String(), Timestamp: apitype.Time{Time: e.Time}, ActorID: idOrNull(e.ActorID), ActorType: string(e.ActorKind),
		ActorName: textOrNull(e.ActorName), ActorEmail: textOrNull(e.ActorEmail), OrganizationID: e.Org.String(),
		Action: e.Action, Status: string(e.Status), ResourceType: textOrNull(e.ResourceType),
		ResourceID: textOrNull(e.ResourceID), ResourceName: textOrNull(e.ResourceName), IPAddress: textOrNull(e.IP),
		UserAgent: textOrNull(e.UserAgent), RequestID: textOrNull(e.RequestID), Details: e.Details,
		ErrorMessage: textOrNull(e.ErrorMessage),
	}
	if e.ErrorCode != "" {
		out.ErrorCode = new(strconv.Itoa(statusOf(iam.Code(e.ErrorCode))))
	}
	return out
}

func listAuditLogs(c *call) (*wire.Answer, error) {
	q, err := c.listQuery("actor_id", "actor_type", "action", "resource_type", "resource_id", "status", "ip_address", "from", "to")
	if err != nil {
		return nil, err
	}
	ask, err := eventQuery(q)
	if err != nil {
		return nil, err
	}
	events, total, err := c.Permit.Events(c.Ctx(), ask)
	if iam.CodeOf(err) == iam.NotFound {
		return nil, iam.FieldErrorf(iam.Invalid, "marker", "%s is not an item of this list", q.marker)
	}
	if err != nil {
		return nil, err
	}
	p := iam.Page[*iam.Event]{Total: total, More: len(events) > q.limit}
	out := apitype.AuditLogList{AuditLogs: []apitype.AuditLog{}}
	for i := range events[:min(len(events), q.limit)] {
		p.Items = append(p.Items, &events[i])
		out.AuditLogs = append(out.AuditLogs, eventToWire(&events[i]))
	}
	out.Meta = meta(q, p, func(e *iam.Event) iam.UUID { return e.ID.UUID })
	return c.ok(out)
}

// eventQuery reads the filters of section 4.
func eventQuery(q *listQuery) (store.Query, error) {
	out := store.Query{
		ActorID:      q.id("actor_id"),
		ActorKind:    iam.PrincipalKind(q.oneOf("actor_type", string(iam.KindOfUser), string(iam.KindOfServiceAccount), string(iam.KindOfSystem))),
		Action:       q.get("action"),
		ResourceType: q.get("resource_type"),
		ResourceID:   q.get("resource_id"),
		Status:       iam.Status(q.oneOf("status", string(iam.Success), string(iam.Failure), string(iam.Refused))),
		IP:           q.address("ip_address"),
		From:         q.time("from"),
		To:           q.time("to"),
		After:        iam.EventID{UUID: q.marker},
		Limit:        q.limit + 1, // one more tells whether there are more
	}
	if prefix, ok := strings.CutSuffix(out.Action, "*"); ok {
		out.Action, out.ActionPrefix = "", prefix
	}
	return out, q.err
}

func getAuditLog(c *call) (*wire.Answer, error) {
	id, err := anAuditLog.id(c)
	if err != nil {
		return nil, err
	}
	e, err := c.Permit.Event(c.Ctx(), iam.EventID{UUID: id})
	if err != nil {
		return nil, err
	}
	return c.ok(apitype.AuditLogAnswer{AuditLog: eventToWire(&e)})
}
