package cli

import (
	"context"
	"strings"

	"github.com/writ-iam/writ/client"
	"github.com/writ-iam/writ/internal/config"
	"github.com/writ-iam/writ/internal/server"
)

// tour tells a newcomer what is running and what to try.
type tour struct {
	*app
	cfg     *server.Config
	at      server.Addresses
	env     *config.Env
	owner   *client.Client
	example bool // the organization is the example's
}

// tourQuestion is a question that the tour asks, in the words of the command can.
type tourQuestion struct {
	about     string // what its answer shows
	principal string
	action    string
	resource  string
	context   string
}

// Two questions with the same words and another answer, and what differs; and one that a policy in a vendor's language decides.
var tourQuestions = []tourQuestion{
	{"A decision that is allowed", "user:ana@acme.example", "s3:GetObject", "crn:eu1:s3:object:reports/q3.pdf", "iam:source_ip=10.1.2.3"},
	{"A decision that is denied", "user:ana@acme.example", "s3:GetObject", "crn:eu1:s3:object:reports/q3.pdf", "iam:source_ip=203.0.113.9"},
	{"One that comes from a policy in Scaleway's language", "user:ana@acme.example", "instances:StartServer", "crn::instances:server:web-1",
		"iam:source_ip=10.1.2.3"},
}

func (q *tourQuestion) words() []string { return []string{q.principal, q.action, q.resource} }

func (t *tour) print(ctx context.Context) error {
	t.printf("writ is running at %s, with its data in %s.\n", t.at.URL, t.cfg.Data)
	if t.at.Metrics != "" {
		t.printf("Metrics are at http://%s/metrics. ", t.at.Metrics)
	}
	t.printf("Ctrl-C stops it; a later start finds the same data.\n\n")
	if t.example {
		t.printf("The example is the organization %s: three people (Olivia owns it, Ana is in developers, Ben in auditors), the\n"+
			"service account %s, the role %s, and eight policies in five languages.\n\n", exampleName, exampleAccount.name, exampleRole.name)
	}
	t.printf("In another terminal, the variables for clients:\n\n  eval \"$(%s)\"\n\n"+
		"The clients of Cloudflare, Scaleway, VNG Cloud, Exoscale and ByCloud work with these variables (docs/dialects).\n\n", t.command(&t.cfg.Config, "env"))
	if t.example {
		if err := t.decisions(ctx); err != nil {
			return err
		}
	}
	t.curl(ctx)
	t.printf("Documentation: the folder docs of the source, https://github.com/writ-iam/writ/tree/main/docs\n")
	return nil
}

// decisions asks the server the questions and prints its answers.
func (t *tour) decisions(ctx context.Context) error {
	for _, q := range tourQuestions {
		line := t.command(&t.cfg.Config, append(append([]string{"can"}, q.words()...), "--context", q.context)...)
		t.printf("%s, and its reason:\n\n  %s\n", q.about, line)
		values, err := parseContext([]string{q.context})
		if err != nil {
			return err
		}
		ask := question{principal: q.principal, action: q.action, resource: q.resource, context: values}
		answer, err := ask.ask(ctx, t.owner)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil: // the example is the user's to change
			t.printf("  (there is no answer any more: %s)\n\n", err)
		default:
			t.printf("  %s\n  %s\n\n", word(answer), reason(answer))
		}
	}
	why := append([]string{"explain"}, tourQuestions[0].words()...)
	t.printf("The whole reasoning:\n\n  %s\n\n", t.command(&t.cfg.Config, why...))
	return nil
}

// curl prints calls that work where the variables are set.
func (t *tour) curl(ctx context.Context) {
	t.printf("The same API with curl: who there is, a decision, what the service account may not see, what happened:\n\n")
	t.printf("  curl -sw '\\n' -H \"Authorization: Bearer $WRIT_TOKEN\" \"$WRIT_URL/v1/iam/users\"\n")
	if !t.example {
		t.printf("  curl -sw '\\n' -H \"X-Api-Key: $WRIT_API_KEY\" \"$WRIT_URL/v1/audit-logs?limit=3\"\n\n")
		return
	}
	q := &tourQuestions[0]
	if crn, err := principal(ctx, t.owner, q.principal); err == nil {
		key, value, _ := strings.Cut(q.context, "=")
		t.printf("  curl -sw '\\n' -H \"X-Api-Key: $WRIT_API_KEY\" -H 'Content-Type: application/json' \"$WRIT_URL/v1/iam/authorize\" \\\n"+
			"    -d '{\"principal\":\"%s\",\"action\":\"%s\",\"resource\":\"%s\",\"context\":{\"%s\":\"%s\"}}'\n",
			crn, q.action, q.resource, key, value)
	}
	t.printf("  curl -sw '\\n' -H \"X-Api-Key: $WRIT_EXAMPLE_API_KEY\" \"$WRIT_URL/v1/iam/users\"\n")
	t.printf("  curl -sw '\\n' -H \"Authorization: Bearer $WRIT_TOKEN\" \"$WRIT_URL/v1/audit-logs?limit=3\"\n\n")
}
