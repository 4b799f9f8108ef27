package authz

import (
	"slices"
	"strconv"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/pmap"
	"github.com/writ-iam/writ/internal/policy"
)

// Index is who holds which programs in one organization, at one revision. It is immutable.
type Index struct {
	revision  iam.Revision
	founded   bool // the organization exists
	suspended bool
	owner     iam.UUID
	world     policy.World
	account   string    // the organization's short number
	spells    bool      // some policy is, or was, in VNG Cloud's language
	boundary  *Boundary // of the whole organization; nil for none

	principals pmap.Map[iam.UUID, principal]
	groupAt    pmap.Map[iam.UUID, uint32]     // the slot in groups of a group or role
	policyAt   pmap.Map[iam.PolicyID, uint32] // its slot in policies
	groups     pmap.Vec[holder]               // and roles, whose sessions and users are as members of them
	policies   pmap.Vec[bound]
	dead       int // slots whose owner is gone
}

// holder is whatever policies are attached to.
type holder struct {
	rows // the statements of the policies that are its own alone, or nearly
	more *attachments
}

// attachments is what a plain decision need not look at; nil when nothing is attached.
type attachments struct {
	group  iam.GroupID // when the holder is a group; zero for a role
	role   bool        // the holder is a role
	own    []uint32    // slots of the policies whose rows are here, in the order of rows.programs
	common []uint32    // slots of those whose rows are with the policy
}

// principal is a user, service account or role as decisions see it.
type principal struct {
	groups  slots
	own     *holder // nil when nothing is attached to it
	kind    kind
	enabled bool
	owner   bool // has the role Owner, or is it
}

// kind is an iam.PrincipalKind in a byte.
type kind uint8

const (
	noPrincipal kind = iota
	user
	serviceAccount
	role
)

func kindOf(k iam.PrincipalKind) kind {
	switch k {
	case iam.KindOfUser:
		return user
	case iam.KindOfServiceAccount:
		return serviceAccount
	case iam.KindOfRole:
		return role
	default:
		return noPrincipal
	}
}

// slots is a list of slots. Most principals are in a few groups, and those are read without another step.
type slots struct {
	n    uint32
	few  [3]uint32
	rest *[]uint32 // beyond few
}

func (s *slots) add(slot uint32) {
	if s.n < uint32(len(s.few)) {
		s.few[s.n] = slot
	} else {
		if s.rest == nil {
			s.rest = new([]uint32)
		}
		*s.rest = append(*s.rest, slot)
	}
	s.n++
}

func (s *slots) at(i int) uint32 {
	if i < len(s.few) {
		return s.few[i]
	}
	return (*s.rest)[i-len(s.few)]
}

// bound is a policy in its slot. The zero bound is the slot of a policy that is gone; it has no statements.
type bound struct {
	program *policy.Program
	id      iam.PolicyID
	name    string
	common  *rows // when they are here instead of with the holders
}

// maxCopied is how many rows of one policy may be copied to its holders, taken together. Beyond it the policy is
// common: it bounds both the memory for copies and the work that a change of the policy makes.
const maxCopied = 512

// commonWith tells whether a policy's rows should be kept with the policy, given the number of its holders. The number of rows
// is estimated, so that the answer for one document and one number of holders is always the same.
func commonWith(holders int, p *policy.Program) bool { return holders*p.Len()*2 > maxCopied }

// New builds the index of a state.
func New(s *iam.State) *Index {
	b := builder{Index: &Index{}, state: s, edit: pmap.NewEdit()}
	b.organization()
	for p := range s.Policies().All() {
		b.setPolicy(p.ID)
	}
	for g := range s.Groups().All() {
		b.setGroup(g.ID)
	}
	for r := range s.Roles().All() {
		b.setRole(r.ID)
	}
	for u := range s.Users().All() {
		b.setPrincipal(iam.KindUser, u.ID.UUID)
	}
	for a := range s.ServiceAccounts().All() {
		b.setPrincipal(iam.KindServiceAccount, a.ID.UUID)
	}
	b.setBoundary()
	return b.Index
}

// Next gives the index of s, which the changes made from the state that x is the index of.
func (x *Index) Next(s *iam.State, changes []iam.Change) *Index {
	// A slot is never given to another policy or group, so that no stale reference can come to mean something else.
	// When most slots are dead, it is time to start over.
	if x.dead > 1024 && x.dead > x.policyAt.Len()+x.groupAt.Len() {
		return New(s).WithBoundary(x.boundary)
	}
	next := *x
	b := builder{Index: &next, old: x, state: s, edit: pmap.NewEdit()}
	b.organization()
	// Policies before groups and roles before principals: a reference needs the slot that it refers to.
	for _, c := range changes {
		switch c.Kind {
		case iam.KindOrganization:
			b.setBoundary()
		case iam.KindPolicy:
			b.changePolicy(iam.PolicyID{UUID: c.ID})
		case iam.KindResourceGroup: // what it covers is in the programs of the policies that name it
			for p := range s.ResourceGroupPolicies(iam.ResourceGroupID{UUID: c.ID}).All() {
				b.changePolicy(p.ID)
			}
		}
	}
	for _, c := range changes {
		if c.Kind == iam.KindGroup || c.Kind == iam.KindRole {
			b.changeHolder(c.Kind, c.ID)
		}
	}
	for _, c := range changes {
		switch c.Kind {
		case iam.KindUser, iam.KindServiceAccount:
			b.changeHolder(c.Kind, c.ID)
		}
	}
	return b.Index
}

// Revision is the revision of the state that x is the index of.
func (x *Index) Revision() iam.Revision { return x.revision }

// builder is an Index in the making, of a state.
type builder struct {
	*Index
	old   *Index // that it is made from; nil in New
	state *iam.State
	edit  *pmap.Edit
}

func (b *builder) organization() {
	b.revision, b.world = b.state.Revision(), b.state.World()
	if o := b.state.Organization(); o != nil {
		if !b.founded {
			for r := range b.state.PredefinedRoles().All() { // which no change tells of
				b.setRole(r.ID)
			}
		}
		b.founded, b.suspended, b.owner = true, o.Suspended, o.Owner.UUID
		b.account = strconv.FormatInt(o.Account, 10)
	}
}

// changePolicy brings a policy and the copies of its rows up to date.
func (b *builder) changePolicy(id iam.PolicyID) {
	slot, known := b.policyAt.Get(id)
	copied := known && b.policies.At(int(slot)).common == nil
	b.setPolicy(id)
	if slot, there := b.policyAt.Get(id); there && (copied || known && b.policies.At(int(slot)).common == nil) {
		b.setHolders(id)
	}
}

// changeHolder brings a user, service account, role or group up to date, and with it the policies that it has gained or
// lost, if they became common by that or stopped being so. What it had is asked of the old index: the holder may be built
// anew already, because one of its policies changed.
func (b *builder) changeHolder(kind iam.Kind, id iam.UUID) {
	before := b.old.attachedTo(kind, id)
	b.setHolder(kind, id)
	after := b.attachedTo(kind, id)
	for _, slot := range before {
		if !slices.Contains(after, slot) {
			b.settle(slot)
		}
	}
	for _, slot := range after {
		if !slices.Contains(before, slot) {
			b.settle(slot)
		}
	}
}

// settle makes a policy common, or no longer so, when the number of its holders says so.
func (b *builder) settle(slot uint32) {
	at := b.policies.At(int(slot))
	if at.program == nil || (at.common != nil) == commonWith(b.holders(at.id), at.program) {
		return
	}
	id := at.id // at is gone once its slot is set
	b.setPolicy(id)
	b.setHolders(id)
}

func (x *Index) attachedTo(kind iam.Kind, id iam.UUID) []uint32 {
	if kind == iam.KindGroup || kind == iam.KindRole {
		if slot, ok := x.groupAt.Get(id); ok {
			return x.groups.At(int(slot)).attached()
		}
		return nil
	}
	if p, ok := x.principals.Get(id); ok {
		return p.own.attached()
	}
	return nil
}

// setPolicy puts a policy into its slot, or empties the slot if the policy is gone.
func (b *builder) setPolicy(id iam.PolicyID) {
	slot, known := b.policyAt.Get(id)
	p, err := b.state.Policy(id)
	if err != nil {
		if known {
			b.policies = b.policies.Set(b.edit, int(slot), bound{})
			b.policyAt = b.policyAt.Delete(b.edit, id)
			b.dead++
		}
		return
	}
	b.putPolicy(id, p.Name, p.Program, b.holders(id))
}

// holders is the number of a policy's holders that are in the index: an invitation decides nothing.
func (b *builder) holders(id iam.PolicyID) int {
	return b.state.PolicyUsers(id).Len() + b.state.PolicyServiceAccounts(id).Len() + b.state.PolicyGroups(id).Len() +
		b.state.PolicyRoles(id).Len()
}

// putPolicy puts a policy into its slot, the next one if it is new.
func (b *builder) putPolicy(id iam.PolicyID, name string, program *policy.Program, holders int) {
	b.spells = b.spells || program.Language() == policy.VNGCloud
	at := bound{program: program, id: id, name: name}
	if commonWith(holders, program) {
		rows := newRows([]*policy.Program{program}, false)
		at.common = &rows
	}
	if slot, known := b.policyAt.Get(id); known {
		b.policies = b.policies.Set(b.edit, int(slot), at)
		return
	}
	b.policyAt = b.policyAt.Set(b.edit, id, uint32(b.policies.Len()))
	b.policies = b.policies.Append(b.edit, at)
}

// setHolders rebuilds everything that a policy is attached to.
func (b *builder) setHolders(id iam.PolicyID) {
	for g := range b.state.PolicyGroups(id).All() {
		b.setGroup(g.ID)
	}
	for u := range b.state.PolicyUsers(id).All() {
		b.setPrincipal(iam.KindUser, u.ID.UUID)
	}
	for a := range b.state.PolicyServiceAccounts(id).All() {
		b.setPrincipal(iam.KindServiceAccount, a.ID.UUID)
	}
	for r := range b.state.PolicyRoles(id).All() {
		b.setRole(r.ID)
	}
}

func (b *builder) setHolder(kind iam.Kind, id iam.UUID) {
	switch kind {
	case iam.KindGroup:
		b.setGroup(iam.GroupID{UUID: id})
	case iam.KindRole:
		b.setRole(iam.RoleID{UUID: id})
	default:
		b.setPrincipal(kind, id)
	}
}

// setGroup puts a group into its slot, or empties the slot if the group is gone.
func (b *builder) setGroup(id iam.GroupID) {
	g, err := b.state.Group(id)
	if err != nil {
		b.dropGroup(id.UUID)
		return
	}
	h := b.holderOf(b.slotsOf(g.Policies))
	if h.more != nil {
		h.more.group = id
	}
	b.putGroup(id.UUID, h)
}

// setRole puts a role into its slot, and makes it a principal that is a member of itself alone; or removes it if it is gone.
func (b *builder) setRole(id iam.RoleID) {
	r, err := b.state.Role(id)
	if err != nil {
		b.dropGroup(id.UUID)
		b.principals = b.principals.Delete(b.edit, id.UUID)
		return
	}
	h := b.holderOf(b.slotsOf(r.Policies))
	if h.more != nil {
		h.more.role = true
	}
	b.putGroup(id.UUID, h)
	if b.principals.At(id.UUID) != nil {
		return // it is what it was
	}
	p := principal{kind: role, enabled: true, owner: b.state.IsOwnerRole(id)}
	slot, _ := b.groupAt.Get(id.UUID)
	p.groups.add(slot)
	b.principals = b.principals.Set(b.edit, id.UUID, p)
}

// dropGroup empties the slot of a group or role that is gone.
func (b *builder) dropGroup(id iam.UUID) {
	if slot, known := b.groupAt.Get(id); known {
		b.groups = b.groups.Set(b.edit, int(slot), holder{})
		b.groupAt = b.groupAt.Delete(b.edit, id)
		b.dead++
	}
}

// putGroup puts a group or role into its slot, the next one if it is new.
func (b *builder) putGroup(id iam.UUID, h holder) {
	if slot, known := b.groupAt.Get(id); known {
		b.groups = b.groups.Set(b.edit, int(slot), h)
		return
	}
	b.groupAt = b.groupAt.Set(b.edit, id, uint32(b.groups.Len()))
	b.groups = b.groups.Append(b.edit, h)
}

// setPrincipal stores a principal, or removes it if it is gone.
func (b *builder) setPrincipal(kind iam.Kind, id iam.UUID) {
	p, ok := b.principalOf(kind, id)
	if !ok {
		b.principals = b.principals.Delete(b.edit, id)
		return
	}
	b.principals = b.principals.Set(b.edit, id, p)
}

func (b *builder) principalOf(kind iam.Kind, id iam.UUID) (principal, bool) {
	switch kind {
	case iam.KindUser:
		if u, err := b.state.User(iam.UserID{UUID: id}); err == nil {
			groups := b.groupSlots(u.Groups)
			if slot, ok := b.groupAt.Get(u.Role.UUID); ok {
				groups.add(slot)
			}
			return principal{groups, b.ownOf(b.slotsOf(u.Policies)), user, !u.Disabled, b.state.IsOwnerRole(u.Role)}, true
		}
	case iam.KindServiceAccount:
		if a, err := b.state.ServiceAccount(iam.ServiceAccountID{UUID: id}); err == nil {
			return principal{b.groupSlots(a.Groups), b.ownOf(b.slotsOf(a.Policies)), serviceAccount, a.Enabled, false}, true
		}
	}
	return principal{}, false
}

// slotsOf finds the slots of attached policies. iam keeps attachments whole: a policy that is attached exists. A managed one gets its
// slot when somebody holds it, and keeps it.
func (b *builder) slotsOf(attached []iam.Attached) []uint32 {
	out := make([]uint32, 0, len(attached))
	for _, a := range attached {
		slot, ok := b.policyAt.Get(a.Policy)
		if !ok {
			b.setPolicy(a.Policy)
			slot, ok = b.policyAt.Get(a.Policy)
		}
		if ok {
			out = append(out, slot)
		}
	}
	return out
}

func (b *builder) ownOf(policies []uint32) *holder {
	if len(policies) == 0 {
		return nil
	}
	h := b.holderOf(policies)
	return &h
}

// holderOf lays out what the policies in these slots say.
func (b *builder) holderOf(policies []uint32) holder {
	if len(policies) == 0 {
		return holder{}
	}
	programs := make([]*policy.Program, 0, len(policies))
	more := &attachments{own: make([]uint32, 0, len(policies))}
	for _, slot := range policies {
		if at := b.policies.At(int(slot)); at.common != nil {
			more.common = append(more.common, slot)
		} else {
			more.own, programs = append(more.own, slot), append(programs, at.program)
		}
	}
	return holder{newRows(programs, len(more.common) > 0), more}
}

// attached are the slots of all policies of a holder.
func (h *holder) attached() []uint32 {
	if h == nil || h.more == nil {
		return nil
	}
	return slices.Concat(h.more.own, h.more.common)
}

// groupSlots resolves memberships. iam keeps them whole: a group that has members exists.
func (b *builder) groupSlots(joined []iam.Joined) (out slots) {
	for _, j := range joined {
		if slot, ok := b.groupAt.Get(j.Group.UUID); ok {
			out.add(slot)
		}
	}
	return out
}
