package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/writ-iam/writ/client"
	"github.com/writ-iam/writ/client/apitype"
)

const canHelp = `Asks a running server whether a principal may do an action on a resource, and prints "allow" or "deny" and a line that
says why. The exit code is 0 for allow, 1 for deny, and 2 if there is no answer.
` + questionHelp

const explainHelp = `Asks a running server whether a principal may do an action on a resource, and prints all that led to the decision:
the statements that determined it, with their policy and the path by which it reaches the principal, and the near
misses, which name the action and yet do not apply, with the condition that failed and the value that it saw.
The exit code is 0 whatever the decision, and 2 if there is no answer.
` + questionHelp

const questionHelp = `
PRINCIPAL  user:EMAIL, sa:NAME (a service account), role:NAME, or a CRN
ACTION     service:Action, as in s3:GetObject
RESOURCE   a CRN: crn:<region>:<service>:<type>:<id>; the id * is "none in particular"

With --http 'METHOD PATH', it asks about an HTTP request instead: its action and resources are those of the catalogue's
row that the request fits (docs/catalog.md). PRINCIPAL may then be "nobody".

The server and the token are those of WRIT_URL and WRIT_TOKEN, or else of the env file. Who the token belongs to must be
allowed to do iam:Authorize, or iam:AuthorizeHTTP.

Examples:
`

const canExamples = `
  writ can user:ana@acme.example s3:GetObject crn:eu1:s3:object:reports/q3.pdf --context iam:source_ip=10.1.2.3
  if writ can sa:ci-deployer compute:StartInstance crn:eu1:compute:instance:web-1; then …; fi
  writ can sa:ci-deployer --http 'GET /v1/folders/2026/reports/may' --backend reports-api`

const explainExamples = `
  writ explain user:ana@acme.example s3:GetObject crn:eu1:s3:object:reports/q3.pdf
  writ explain role:release compute:StopInstance crn:eu1:compute:instance:web-1 --context iam:zone=eu1-a`

func (a *app) canCommand() *cobra.Command {
	return a.questionCommand(&cobra.Command{
		Use: "can PRINCIPAL [ACTION RESOURCE]", Short: "Ask whether somebody may do something", Long: canHelp + canExamples,
	}, a.can)
}

func (a *app) explainCommand() *cobra.Command {
	return a.questionCommand(&cobra.Command{
		Use: "explain PRINCIPAL [ACTION RESOURCE]", Short: "Ask why somebody may do something, or may not", Long: explainHelp + explainExamples,
	}, a.explain)
}

func (a *app) questionCommand(c *cobra.Command, say func(question, *apitype.AuthorizeAnswer) error) *cobra.Command {
	request := c.Flags().String("http", "", "ask about the request `'METHOD PATH'` instead of an action and a resource")
	backend := c.Flags().String("backend", "", "backend of the request (default: the only one that it fits)")
	c.Args = func(c *cobra.Command, args []string) error {
		if *request != "" {
			return cobra.ExactArgs(1)(c, args)
		}
		if *backend != "" {
			return errors.New("--backend is for --http")
		}
		return cobra.ExactArgs(3)(c, args)
	}
	pairs := c.Flags().StringArray("context", nil, "`KEY=VALUE` that conditions see; may be given several times")
	c.RunE = a.work(func(ctx context.Context, args []string) error {
		q, answer, err := a.ask(ctx, args, *request, *backend, *pairs)
		if err != nil {
			return &exitError{exitUsage, err}
		}
		return say(q, answer)
	})
	return c
}

// question is what a user asks.
type question struct {
	principal, action, resource string // as the user wrote them
	method, path, backend       string // of a request, instead of action and resource
	crn                         string // of the principal
	context                     map[string]any
}

// answerWithin bounds a question.
const answerWithin = 30 * time.Second

func (a *app) ask(ctx context.Context, args []string, request, backend string, pairs []string) (q question, answer *apitype.AuthorizeAnswer, err error) {
	q = question{principal: args[0], backend: backend}
	if request == "" {
		q.action, q.resource = args[1], args[2]
	} else {
		var ok bool
		if q.method, q.path, ok = strings.Cut(request, " "); !ok || q.method == "" || !strings.HasPrefix(q.path, "/") {
			return q, nil, fmt.Errorf("--http %q is not right; want 'METHOD PATH', as in 'GET /v1/reports'", request)
		}
	}
	if q.context, err = parseContext(pairs); err != nil {
		return q, nil, err
	}
	c, err := a.connect()
	if err != nil {
		return q, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	answer, err = q.ask(ctx, c)
	return q, answer, err
}

func (q *question) ask(ctx context.Context, c *client.Client) (answer *apitype.AuthorizeAnswer, err error) {
	if q.method != "" {
		return q.askHTTP(ctx, c)
	}
	if q.crn, err = principal(ctx, c, q.principal); err != nil {
		return nil, err
	}
	answer, err = c.Authorize(ctx, apitype.AuthorizeRequest{
		Principal: q.crn, Action: q.action, Resource: q.resource, Context: q.context, Explain: true,
	})
	if err == nil && answer.Explanation == nil {
		answer.Explanation = &apitype.Explanation{Reason: answer.Reason} // a server that does not explain
	}
	return answer, err
}

// nobody is the principal of a request that nobody is known to make.
const nobody = "nobody"

// askHTTP asks about a request, and puts what it means in the place of action and resource.
func (q *question) askHTTP(ctx context.Context, c *client.Client) (answer *apitype.AuthorizeAnswer, err error) {
	if q.principal != nobody {
		if q.crn, err = principal(ctx, c, q.principal); err != nil {
			return nil, err
		}
	}
	x, err := c.AuthorizeHTTP(ctx, apitype.AuthorizeHTTPRequest{
		Principal: q.crn, Backend: q.backend, Method: q.method, Path: q.path, Context: q.context, Explain: true,
	})
	if err != nil {
		return nil, err
	}
	q.action, q.resource = "unknown", "unknown"
	if x.Action != nil {
		q.action, q.resource = *x.Action, strings.Join(x.Resources, ", ")
	}
	return &apitype.AuthorizeAnswer{Allowed: x.Allowed, Reason: x.Reason, MatchedStatements: x.MatchedStatements,
		Revision: x.Revision, Explanation: x.Explanation}, nil
}

// parseContext reads KEY=VALUE pairs. Values are texts, which conditions understand as their operators need; a key that
// is given several times has a list.
func parseContext(pairs []string) (map[string]any, error) {
	out := map[string]any{}
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("--context %q is not right; want KEY=VALUE", pair)
		}
		switch have := out[key].(type) {
		case nil:
			out[key] = value
		case string:
			out[key] = []string{have, value}
		case []string:
			out[key] = append(have, value)
		}
	}
	return out, nil
}

func (a *app) can(q question, answer *apitype.AuthorizeAnswer) error {
	a.printf("%s\n%s\n", word(answer), reason(answer))
	if q.method != "" && answer.Reason != apitype.NoRoute {
		a.printf("%s on %s\n", q.action, q.resource)
	}
	if !answer.Allowed {
		return &exitError{code: exitFailed}
	}
	return nil
}

func (a *app) explain(q question, answer *apitype.AuthorizeAnswer) error {
	a.printf("%s: %s\n\n", word(answer), reason(answer))
	a.printf("principal  %s\n", cmp.Or(q.crn, nobody))
	if q.method != "" {
		a.printf("request    %s %s\n", q.method, q.path)
	}
	a.printf("action     %s\nresource   %s\nrevision   %d\n", q.action, q.resource, answer.Revision)
	e := answer.Explanation
	a.printf("\nDetermining statements:\n")
	if len(e.Determining) == 0 {
		a.printf("  none\n")
	}
	for _, f := range e.Determining {
		a.printf("  %-5s  %s\n", f.Effect, source(&f))
	}
	if len(e.NearMisses) == 0 {
		return nil
	}
	a.printf("\nNear misses, which name the action and do not apply:\n")
	for _, f := range e.NearMisses {
		a.printf("  %-5s  %s\n", f.Effect, source(&f))
		if f.Failure != nil {
			a.printf("         %s\n", *f.Failure)
		}
	}
	return nil
}

func word(answer *apitype.AuthorizeAnswer) string {
	if answer.Allowed {
		return "allow"
	}
	return "deny"
}

// reason says in a line why a decision is what it is.
func reason(answer *apitype.AuthorizeAnswer) string {
	e := answer.Explanation
	if len(e.Determining) > 0 {
		first := &e.Determining[0]
		if first.Via == "owner" {
			return "the organization's owner may do everything"
		}
		verb := "denies it"
		if answer.Allowed {
			verb = "allows it"
		}
		return source(first) + ", " + verb
	}
	switch e.Reason {
	case "unknown_principal":
		return "the organization has no such principal"
	case "principal_disabled":
		return "the principal is disabled, or the session has ended"
	case "organization_suspended":
		return "the organization is suspended"
	case apitype.NoRoute:
		return "no row of the catalogue certainly fits the request"
	case apitype.NoPrincipal:
		return "somebody has to make the request, and nobody is named"
	case apitype.CallerType:
		return "the request is not for callers of this type"
	case apitype.NoAuthentication:
		return "the request is open to everybody"
	case apitype.NoAuthorization:
		return "the request is open to every caller"
	}
	for _, miss := range e.NearMisses {
		if miss.Effect == "allow" && miss.Failure != nil {
			return "nothing allows it; " + source(&miss) + ", does not apply: " + *miss.Failure
		}
	}
	return "nothing allows it"
}

// source names a statement and the path by which it reaches the principal.
func source(f *apitype.Finding) string {
	s := "statement " + f.StatementID + " of policy " + f.PolicyName
	switch {
	case f.Via == "group" && f.Group != nil:
		return s + ", via group " + f.Group.Name
	case f.Via == "direct":
		return s + ", attached directly"
	case f.Via == "role":
		return s + ", of the role"
	}
	return s
}
