package control

import (
	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/guard"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// HTTPQuestion is what a gateway asks about a request that somebody makes to a service behind it.
type HTTPQuestion struct {
	Principal    iam.CRN        // as in Question; zero if nobody is known to make the request
	Backend      string         // of the catalogue's rows; "" if the request fits those of one backend only
	Method, Path string         // the path as it was sent: with its escapes, without its query
	Context      policy.Context // what is absent and the server knows, it fills in
	Depth        authz.Depth
}

// AuthorizeHTTP answers whether a principal may make an HTTP request, and why, by the catalogue that the organization's
// policies are compiled with. The permit is for the operation AuthorizeHTTP.
func (c *Control) AuthorizeHTTP(p *Permit, q HTTPQuestion) guard.Answer {
	c.stats.Decisions.Add(1)
	s := p.now
	g := guard.Question{Backend: q.Backend, Method: q.Method, Path: q.Path}
	if q.Principal != (iam.CRN{}) {
		who, reason := c.principal(s, q.Principal, p.Now())
		g.Kind, g.Owner = who.Kind, who.Kind == iam.KindOfUser && who.ID == s.state.Organization().Owner.UUID
		g.Ask = func(action string, resources []string) authz.Explanation {
			return c.ask(p, &authz.Request{Principal: who, Action: action, Resources: resources, Context: q.Context}, reason, q.Depth)
		}
	}
	a := guard.Decide(s.words.catalog, &g)
	a.Explanation.Revision = s.head.Revision
	return a
}
