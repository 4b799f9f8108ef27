package cli

import (
	"context"
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

The server and the token are those of WRIT_URL and WRIT_TOKEN, or else of the env file. Who the token belongs to must be
allowed to do iam:Authorize.

Examples:
`

const canExamples = `
  writ can user:ana@acme.example s3:GetObject crn:eu1:s3:object:reports/q3.pdf --context iam:source_ip=10.1.2.3
  if writ can sa:ci-deployer compute:StartInstance crn:eu1:compute:instance:web-1; then …; fi`

const explainExamples = `
  writ explain user:ana@acme.example s3:GetObject crn:eu1:s3:object:reports/q3.pdf
  writ explain role:release compute:StopInstance crn:eu1:compute:instance:web-1 --context iam:zone=eu1-a`

func (a *app) canCommand() *cobra.Command {
	return a.questionCommand(&cobra.Command{
		Use: "can PRINCIPAL ACTION RESOURCE", Short: "Ask whether somebody may do something", Long: canHelp + canExamples,
	}, a.can)
}

func (a *app) explainCommand() *cobra.Command {
	return a.questionCommand(&cobra.Command{
		Use: "explain PRINCIPAL ACTION RESOURCE", Short: "Ask why somebody may do something, or may not", Long: explainHelp + explainExamples,
	}, a.explain)
}

func (a *app) questionCommand(c *cobra.Command, say func(question, *apitype.AuthorizeAnswer) error) *cobra.Command {
	c.Args = cobra.ExactArgs(3)
	pairs := c.Flags().StringArray("context", nil, "`KEY=VALUE` that conditions see; may be given several times")
	c.RunE = a.work(func(ctx context.Context, args []string) error {
		q, answer, err := a.ask(ctx, args, *pairs)
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
	crn                         string // of the principal
	context                     map[string]any
}

// answerWithin bounds a question.
const answerWithin = 30 * time.Second

func (a *app) ask(ctx context.Context, args, pairs []string) (q question, answer *apitype.AuthorizeAnswer, err error) {
	q = question{principal: args[0], action: args[1], resource: args[2]}
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

func (a *app) can(_ question, answer *apitype.AuthorizeAnswer) error {
	a.printf("%s\n%s\n", word(answer), reason(answer))
	if !answer.Allowed {
		return &exitError{code: exitFailed}
	}
	return nil
}

func (a *app) explain(q question, answer *apitype.AuthorizeAnswer) error {
	a.printf("%s: %s\n\n", word(answer), reason(answer))
	a.printf("principal  %s\naction     %s\nresource   %s\nrevision   %d\n", q.crn, q.action, q.resource, answer.Revision)
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
