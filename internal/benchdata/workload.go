package benchdata

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"
)

// Seed is the seed of all published figures.
const Seed = 42

// Workload is an organization and what is asked of it.
type Workload struct {
	Groups     []Group
	Members    [][3]int // the groups of each principal
	Requests   []Request
	rng        *rand.Rand
	teams      int
	principals int
}

// Group has policies, which all its members hold.
type Group struct {
	Team     int
	Policies []Policy
}

// Policy is a few statements.
type Policy struct{ Statements []Statement }

// Statement is one rule in plain values.
type Statement struct {
	Deny      bool
	Actions   []string
	Resources []string
	Condition Condition
}

// Condition is at most one of the three kinds; the zero Condition always holds.
type Condition struct {
	Source netip.Prefix // source address within
	Env    string       // the attribute env equals
	Before time.Time    // the time is before
}

// Request is one question in plain values, with the right answer.
type Request struct {
	Principal        int
	Action, Resource string
	Source           netip.Addr
	Env              string
	Time             time.Time
	Allowed          bool
	Explicit         bool // denied by a statement
}

var (
	actionNames = []string{
		"GetObject", "GetObjectAcl", "GetObjectTagging", "GetObjectVersion", "GetBucketAcl", "GetBucketPolicy",
		"GetBucketLocation", "GetLifecycleConfiguration", "PutObject", "PutObjectAcl", "PutObjectTagging",
		"PutBucketPolicy", "PutLifecycleConfiguration", "ListBucket", "ListBucketVersions", "ListAllMyBuckets",
		"ListMultipartUploadParts", "DeleteObject", "DeleteObjectVersion", "DeleteObjectTagging", "DeleteBucket",
		"DeleteBucketPolicy", "CreateBucket", "RestoreObject",
	}
	subs       = []string{"logs", "reports", "images", "backups", "tmp", "exports", "models", "raw"}
	extensions = []string{"csv", "json", "parquet", "txt", "png"}
	envs       = []string{"prod", "staging", "dev"}
	epoch      = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

const (
	accounts            = 10
	policiesPerGroup    = 5
	statementsPerPolicy = 4
	requests            = 2000
)

// New makes the workload for a number of principals.
func New(principals int, seed uint64) *Workload {
	return Sized(principals, max(5, principals/10), seed)
}

// Sized makes the same with another number of groups, each of five policies, for figures that are not about decisions.
func Sized(principals, groups int, seed uint64) *Workload {
	w := &Workload{rng: rand.New(rand.NewPCG(seed, uint64(principals))), principals: principals}
	w.teams = max(50, groups)
	for range groups {
		w.Groups = append(w.Groups, w.group())
	}
	for range principals {
		w.Members = append(w.Members, w.membership(groups))
	}
	w.ask()
	return w
}

func (w *Workload) group() Group {
	g := Group{Team: w.rng.IntN(w.teams)}
	for range policiesPerGroup {
		var p Policy
		for range statementsPerPolicy {
			p.Statements = append(p.Statements, w.statement(g.Team))
		}
		g.Policies = append(g.Policies, p)
	}
	return g
}

func (w *Workload) membership(groups int) (m [3]int) {
	for i := range m {
	again:
		m[i] = w.rng.IntN(groups)
		for _, other := range m[:i] {
			if other == m[i] {
				goto again
			}
		}
	}
	return m
}

func (w *Workload) statement(team int) Statement {
	s := Statement{Deny: w.chance(10), Actions: []string{w.actionPattern()}, Resources: []string{w.resourcePattern(team)}}
	if w.chance(40) {
		s.Actions = append(s.Actions, w.actionPattern())
	}
	if w.chance(30) {
		s.Resources = append(s.Resources, w.resourcePattern(team))
	}
	if w.chance(20) {
		s.Condition = w.condition()
	}
	return s
}

func (w *Workload) chance(percent int) bool { return w.rng.IntN(100) < percent }

func pick[T any](w *Workload, from []T) T { return from[w.rng.IntN(len(from))] }

func (w *Workload) actionPattern() string {
	switch n := w.rng.IntN(100); {
	case n < 25:
		return "s3:Get*"
	case n < 40:
		return "s3:Put*"
	case n < 55:
		return "s3:List*"
	case n < 65:
		return "s3:Delete*"
	case n < 70:
		return "s3:*"
	case n < 80:
		return "s3:GetObject*"
	}
	return "s3:" + pick(w, actionNames)
}

func (w *Workload) resourcePattern(own int) string {
	team := own
	if !w.chance(60) {
		team = w.rng.IntN(w.teams)
	}
	switch n := w.rng.IntN(100); {
	case n < 50:
		return fmt.Sprintf("crn:*:s3:bucket/team-%d/*", team)
	case n < 65:
		return fmt.Sprintf("crn:acct-%d:s3:bucket/team-%d/*", w.rng.IntN(accounts), team)
	case n < 85:
		return fmt.Sprintf("crn:*:s3:bucket/team-%d/%s/*", team, pick(w, subs))
	case n < 95:
		return fmt.Sprintf("crn:*:s3:bucket/team-%d/*.%s", team, pick(w, extensions))
	}
	return w.object(team)
}

func (w *Workload) object(team int) string {
	return fmt.Sprintf("crn:acct-%d:s3:bucket/team-%d/%s/%d.%s", w.rng.IntN(accounts), team, pick(w, subs), w.rng.IntN(1000), pick(w, extensions))
}

func (w *Workload) condition() Condition {
	switch w.rng.IntN(3) {
	case 0:
		return Condition{Source: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(w.rng.IntN(64) * 4), 0, 0}), 14)}
	case 1:
		return Condition{Env: pick(w, envs)}
	}
	return Condition{Before: w.moment()}
}

// moment is uniform within 180 days of 2026-01-01.
func (w *Workload) moment() time.Time {
	const half = 180 * 24 * time.Hour
	return epoch.Add(time.Duration(w.rng.Int64N(int64(2*half))) - half).Truncate(time.Second)
}
