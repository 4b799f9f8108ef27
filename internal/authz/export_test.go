package authz

import (
	"iter"

	"github.com/writ-iam/writ/internal/iam"
)

// What tests see of the layout.

// MaxCopied is the bound beyond which a policy is common.
const MaxCopied = maxCopied

// Common tells whether a policy's rows are kept with the policy.
func (x *Index) Common(id iam.PolicyID) bool {
	slot, ok := x.policyAt.Get(id)
	return ok && x.policies.At(int(slot)).common != nil
}

// Copied is how many rows a user, service account, role or group has of its own.
func (x *Index) Copied(h iam.Holder) int {
	if h.Type == iam.TypeGroup || h.Type == iam.TypeRole {
		slot, ok := x.groupAt.Get(h.ID)
		if !ok {
			return -1
		}
		return x.groups.At(int(slot)).rows.len()
	}
	p, ok := x.principals.Get(h.ID)
	if !ok {
		return -1
	}
	if p.own == nil {
		return 0
	}
	return p.own.rows.len()
}

// len is how many rows there are.
func (r *rows) len() (n int) {
	for i := range r.sets() {
		n += len(r.of(i))
	}
	return n
}

// Dead is how many slots are held by nobody.
func (x *Index) Dead() int { return x.dead }

// Moved counts what two indexes do not share: slots of policies, slots of groups, and principals among those asked for.
func (x *Index) Moved(y *Index, principals []iam.UUID) (policies, groups, people int) {
	for i := range min(x.policies.Len(), y.policies.Len()) {
		if x.policies.At(i) != y.policies.At(i) {
			policies++
		}
	}
	for i := range min(x.groups.Len(), y.groups.Len()) {
		if x.groups.At(i) != y.groups.At(i) {
			groups++
		}
	}
	for _, id := range principals {
		a, _ := x.principals.Get(id)
		if b, _ := y.principals.Get(id); a != b {
			people++
		}
	}
	return policies, groups, people
}

// Ascending yields ids in order.
func Ascending(ids []iam.UUID) iter.Seq[iam.UUID] { return ascending(ids) }
