package engine

import (
	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/policy"
)

// Context is what conditions see.
type Context = policy.Context

// More is what only expressions see.
type More = policy.More

// Attr is an attribute or a tag of a Context.
type Attr = policy.Attr

// Value is a value of an Attr.
type Value = policy.Value

// String is a text value.
func String(s string) Value { return policy.String(s) }

// Number is a numeric value.
func Number(f float64) Value { return policy.Number(f) }

// Bool is a truth value.
func Bool(b bool) Value { return policy.Bool(b) }

// List is a list of values.
func List(values ...Value) Value { return policy.List(values...) }

// Effect is what a statement does when it applies.
type Effect = policy.Effect

// The effects.
const (
	Deny  = policy.Deny
	Allow = policy.Allow
)

// Request is one question.
type Request struct {
	Principal Ref
	Action    string   // service:Action
	Resources []string // each a CRN, crn:<region>:<service>:<type>:<id>; all must be allowed, none at all is denied
	Context   Context  // conditions on what is absent here do not hold
}

// Decision is the answer. Its zero value denies.
type Decision = authz.Decision

// Reason says how a decision came about; see its constants in docs/policies.md, "What an answer says".
type Reason = authz.Reason

// Decide answers.
func (e *Engine) Decide(r *Request) Decision {
	return e.index.Decide(r.request())
}

func (r *Request) request() *authz.Request {
	return &authz.Request{Principal: r.Principal.principal, Action: r.Action, Resources: r.Resources, Context: r.Context}
}

// Finding is one statement that mattered.
type Finding struct {
	Policy    string // its name
	Statement string // its id, or its place
	Effect    Effect
	Via       string // "direct", "group", "role", "owner", or "boundary"
	Group     string // for "group"
	Resource  string // of those asked about
	Failure   string // of a near miss: why the statement did not apply
}

// Explanation is a decision with its grounds.
type Explanation struct {
	Decision
	// Determining are the statements that decided; none when nothing matched.
	Determining []Finding
	// NearMisses are statements that name the action but failed on the resource or on a condition; at most 100.
	NearMisses []Finding
}

// Explain answers as Decide does, and says why. nearMisses asks for those, too, which costs more.
func (e *Engine) Explain(r *Request, nearMisses bool) Explanation {
	depth := authz.Determining
	if nearMisses {
		depth = authz.NearMisses
	}
	x := e.index.Explain(r.request(), depth)
	return Explanation{x.Decision, e.findings(x.Determining), e.findings(x.NearMisses)}
}

func (e *Engine) findings(in []authz.Finding) []Finding {
	var out []Finding
	for _, f := range in {
		out = append(out, Finding{Policy: f.PolicyName, Statement: f.Statement, Effect: f.Effect, Via: string(f.Via),
			Group: e.groups[f.Group], Resource: f.Resource, Failure: f.Failure})
	}
	return out
}
