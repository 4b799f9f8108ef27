package iam

import (
	"time"

	"github.com/writ-iam/writ/internal/pmap"
)

// Operation is a change that a client may ask about later. It is made with the change, in the same commit (exoscale.md, section 5).
type Operation struct {
	ID      OperationID `json:"id"`
	Type    string      `json:"type"` // of what was changed: TypeRole, TypeUser, TypeCredential or TypeOrganization
	Subject UUID        `json:"subject"`
	Name    string      `json:"name,omitempty"` // that clients know the subject by, if it is not its id: an access key
	// DoneAt is from when on it shows as done. What it did was done with the commit.
	DoneAt    time.Time `json:"done_at"`
	CreatedAt time.Time `json:"created_at"`
}

// How long operations are kept, and how many.
const (
	OperationsKept = 24 * time.Hour
	MaxOperations  = 10_000
)

func (o *Operation) entry() entry { return entry{o.ID.UUID, o.CreatedAt, nil} }

// DoneBy reports whether the operation shows as done at a time.
func (o *Operation) DoneBy(now time.Time) bool { return !now.Before(o.DoneAt) }

// OperationAt finds an operation that is still to be seen at a time; NotFound otherwise.
func (s *State) OperationAt(id OperationID, now time.Time) (*Operation, error) {
	o, err := get(&s.operations, id.UUID, "operation")
	if err == nil && o.goneAt(now) {
		return nil, Errorf(NotFound, "operation %s does not exist", id)
	}
	return o, err
}

func (o *Operation) goneAt(now time.Time) bool { return !now.Before(o.CreatedAt.Add(OperationsKept)) }

func (s *State) putOperation(e *pmap.Edit, id UUID, o *Operation) {
	old, _ := s.operations.get(id)
	s.operations.replace(e, old, o)
}

// AddOperation records an operation from its ID, Type, Subject and Name, to show as done after a while. Where there are many, the
// oldest goes.
func (d *Draft) AddOperation(o Operation, after time.Duration) (*Operation, error) {
	if err := fresh(&d.s.operations, o.ID.UUID); err != nil {
		return nil, err
	}
	if d.s.operations.len() >= MaxOperations {
		d.dropOperation(d.s.operations.order.At(0).id)
	}
	o.CreatedAt = d.now
	o.DoneAt = d.now.Add(after)
	d.touch(KindOperation, o.ID.UUID)
	d.s.putOperation(d.edit, o.ID.UUID, &o)
	return &o, nil
}

// pruneOperations removes those that nobody is shown any more.
func (d *Draft) pruneOperations() {
	for d.s.operations.len() > 0 {
		o, _ := d.s.operations.get(d.s.operations.order.At(0).id)
		if !o.goneAt(d.now) {
			return
		}
		d.dropOperation(o.ID.UUID)
	}
}

func (d *Draft) dropOperation(id UUID) {
	d.touch(KindOperation, id)
	d.s.putOperation(d.edit, id, nil)
}
