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

// Two questions with the same words and another answer, and what differs.
var (
	tourQuestion = []string{"user:ana@acme.example", "s3:GetObject", "crn:eu1:s3:object:reports/q3.pdf"}
	tourContext  = map[string]string{"allowed": "iam:source_ip=10.1.2.3", "denied": "iam:source_ip=203.0.113.9"}
)

func (t *tour) print(ctx context.Context) error {
	t.printf("writ is running at %s, with its data in %s.\n", t.at.URL, t.cfg.Data)
	if t.at.Metrics != "" {
		t.printf("Metrics are at http://%s/metrics. ", t.at.Metrics)
	}
	t.printf("Ctrl-C stops it; a later start finds the same data.\n\n")
	if t.example {
		t.printf("The example is the organization %s: three people (Olivia owns it, Ana is in developers, Ben in auditors), the\n"+
			"service account %s, four policies and the role %s.\n\n", exampleName, exampleAccount, exampleRole.name)
	}
	t.printf("In another terminal, the variables for clients:\n\n  eval \"$(%s)\"\n\n", t.command(&t.cfg.Config, "env"))
	if t.example {
		if err := t.decisions(ctx); err != nil {
			return err
		}
	}
	t.curl(ctx)
	t.printf("Documentation: the folder docs of the source, https://github.com/writ-iam/writ/tree/main/docs\n")
	return nil
}

// decisions asks the server two questions and prints its answers.
func (t *tour) decisions(ctx context.Context) error {
	for _, kind := range []string{"allowed", "denied"} {
		args := append([]string{"can"}, tourQuestion...)
		line := t.command(&t.cfg.Config, append(args, "--context", tourContext[kind])...)
		t.printf("A decision that is %s, and its reason:\n\n  %s\n", kind, line)
		values, err := parseContext([]string{tourContext[kind]})
		if err != nil {
			return err
		}
		q := question{principal: tourQuestion[0], action: tourQuestion[1], resource: tourQuestion[2], context: values}
		answer, err := q.ask(ctx, t.owner)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil: // the example is the user's to change
			t.printf("  (there is no answer any more: %s)\n\n", err)
		default:
			t.printf("  %s\n  %s\n\n", word(answer), reason(answer))
		}
	}
	why := append([]string{"explain"}, tourQuestion...)
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
	if crn, err := principal(ctx, t.owner, tourQuestion[0]); err == nil {
		key, value, _ := strings.Cut(tourContext["allowed"], "=")
		t.printf("  curl -sw '\\n' -H \"X-Api-Key: $WRIT_API_KEY\" -H 'Content-Type: application/json' \"$WRIT_URL/v1/iam/authorize\" \\\n"+
			"    -d '{\"principal\":\"%s\",\"action\":\"%s\",\"resource\":\"%s\",\"context\":{\"%s\":\"%s\"}}'\n",
			crn, tourQuestion[1], tourQuestion[2], key, value)
	}
	t.printf("  curl -sw '\\n' -H \"X-Api-Key: $WRIT_EXAMPLE_API_KEY\" \"$WRIT_URL/v1/iam/users\"\n")
	t.printf("  curl -sw '\\n' -H \"Authorization: Bearer $WRIT_TOKEN\" \"$WRIT_URL/v1/audit-logs?limit=3\"\n\n")
}
