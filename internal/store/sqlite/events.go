package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// eventRow is what the columns for filters hold of an event. It is comparable.
type eventRow struct {
	time                             int64
	actorID                          iam.UUID
	actorKind, action                string
	resourceType, resourceID, status string
	ip                               string
}

const eventColumns = "time, actor_id, actor_kind, action, resource_type, resource_id, status, ip"

func columnsOf(e *iam.Event) eventRow {
	return eventRow{
		time:    e.Time.UnixMicro(),
		actorID: e.ActorID, actorKind: string(e.ActorKind), action: e.Action,
		resourceType: e.ResourceType, resourceID: e.ResourceID, status: string(e.Status),
		ip: canonicalIP(e.IP),
	}
}

// canonicalIP makes one text of all that mean the same address: IPv4 in IPv6 is IPv4.
func canonicalIP(s string) string {
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return ""
	}
	return addr.Unmap().String()
}

// Append implements store.Store.
func (d *DB) Append(ctx context.Context, events []iam.Event) error {
	if err := d.use(ctx); err != nil {
		return err
	}
	defer d.life.RUnlock()
	if d.writer == nil {
		return errReadOnly()
	}
	if len(events) == 0 {
		return nil
	}
	normal, texts := make([]iam.Event, len(events)), make([][]byte, len(events))
	for i := range events {
		var err error
		if normal[i], texts[i], err = store.NormalEvent(events[i]); err != nil {
			return failure(ctx, "an event is not JSON", err)
		}
	}
	return d.writer.do(ctx, func() error {
		for i := range normal {
			if err := addEvent(d.writer.addEvent, &normal[i], texts[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// Event implements store.Store. An event whose columns were changed, to hide it from a filter, is iam.Internal.
func (d *DB) Event(ctx context.Context, org iam.OrgID, id iam.EventID) (iam.Event, error) {
	if err := d.use(ctx); err != nil {
		return iam.Event{}, err
	}
	defer d.life.RUnlock()
	e, err := readEvent(d.reader.event.QueryRowContext(ctx, org.UUID[:], id.UUID[:]), org, id)
	if errors.Is(err, sql.ErrNoRows) {
		return iam.Event{}, errNoEvent(id)
	}
	if err != nil {
		return iam.Event{}, failure(ctx, "an event cannot be read", err)
	}
	return e, nil
}

func errNoEvent(id iam.EventID) error { return iam.Errorf(iam.NotFound, "there is no event %s", id) }

func readEvent(row *sql.Row, org iam.OrgID, id iam.EventID) (e iam.Event, err error) {
	var c eventRow
	var actor, data []byte
	if err := row.Scan(&c.time, &actor, &c.actorKind, &c.action, &c.resourceType, &c.resourceID, &c.status, &c.ip, &data); err != nil {
		return iam.Event{}, err
	}
	if err := json.Unmarshal(data, &e); err != nil {
		return iam.Event{}, err
	}
	copy(c.actorID[:], actor)
	if len(actor) != len(c.actorID) || c != columnsOf(&e) || e.Org != org || e.ID != id {
		return iam.Event{}, fmt.Errorf("event %s contradicts its own columns", id)
	}
	return e, nil
}
