package doctest

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/world"
)

const policiesPage = "policies.md"

func TestPolicies(t *testing.T) {
	var last *policy.Program
	documents, refusals, decisions := 0, 0, 0
	for _, b := range blocks(t, policiesPage) {
		info, language := languageOf(b.info)
		switch info {
		case "json policy":
			documents++
			p, err := policy.Compile(language, []byte(ids(b.text)), everything.Library)
			if err != nil {
				t.Fatalf("%s:%d: %v", b.page, b.line, err)
			}
			last = p
		case "json policy error":
			refusals++
			_, err := policy.Compile(language, []byte(b.text), everything.Library)
			if err == nil || b.expected == "" || missing(b.expected, err.Error()) != "" {
				t.Errorf("%s:%d: the error is %q, and the page says %q", b.page, b.line, fmt.Sprint(err), b.expected)
			}
		case "json trust":
			if _, err := policy.ParseTrust([]byte(b.text)); err != nil {
				t.Errorf("%s:%d: %v", b.page, b.line, err)
			}
		case "text decisions":
			for line := range strings.Lines(b.text) {
				decisions++
				if err := decide(last, line); err != nil {
					t.Errorf("%s:%d: %s: %v", b.page, b.line, strings.TrimSpace(line), err)
				}
			}
		}
	}
	if documents < 4 || refusals < 5 || decisions < 15 {
		t.Errorf("only %d documents, %d refusals and %d decisions were found", documents, refusals, decisions)
	}
}

// everything is the world that the page speaks of.
var everything = world.Of(catalog.Builtin())

// languageOf takes the language out of a block's first line, as in "json policy exoscale error".
func languageOf(info string) (string, policy.Language) {
	for _, l := range policy.Languages() {
		if rest, found := strings.CutPrefix(info, "json policy "+string(l)); found {
			return "json policy" + rest, l
		}
	}
	return info, policy.Statements
}

// ids puts the ids of permission groups for their labels: nobody could read them on the page.
func ids(document string) string {
	return labels.ReplaceAllStringFunc(document, func(s string) string {
		_, label, _ := strings.Cut(s, ":")
		g, ok := catalog.Builtin().PermissionGroupLabelled(label)
		if !ok {
			return s
		}
		return g.ID()
	})
}

var labels = regexp.MustCompile(`PERMISSION_GROUP:\w+`)

// decide makes the decision of a line and compares it with what the line says.
func decide(p *policy.Program, line string) error {
	question, want, ok := strings.Cut(line, "→")
	words := strings.Fields(question)
	if !ok || len(words) < 2 || p == nil {
		return fmt.Errorf("want ACTION RESOURCE KEY=VALUE… → DECISION, after a policy")
	}
	ctx, err := contextOf(words[2:])
	if err != nil {
		return err
	}
	q := policy.Setting{World: everything, Account: "7"}.NewQuery(words[0], words[1], ctx)
	got := "no match"
	for i := range p.Len() {
		switch {
		case !p.Match(i, &q):
		case p.Effect(i) == policy.Deny:
			got = "denied"
		case got == "no match":
			got = "allowed"
		}
	}
	if want = strings.TrimSpace(want); got != want {
		return fmt.Errorf("it is %s", got)
	}
	return nil
}

func contextOf(pairs []string) (*policy.Context, error) {
	ctx := &policy.Context{}
	for _, pair := range pairs {
		key, text, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, fmt.Errorf("%q is not KEY=VALUE", pair)
		}
		value := policy.String(text)
		if list, ok := strings.CutPrefix(text, "["); ok {
			var elements []policy.Value
			for e := range strings.SplitSeq(strings.TrimSuffix(list, "]"), ",") {
				elements = append(elements, policy.String(e))
			}
			value = policy.List(elements...)
		}
		tag, isTag := strings.CutPrefix(key, "resource_tag/")
		var err error
		switch {
		case key == "iam:source_ip":
			ctx.SourceIP, err = netip.ParseAddr(text)
		case key == "iam:current_time":
			ctx.Now, err = time.Parse(time.RFC3339, text)
		case isTag:
			ctx.ResourceTags = append(ctx.ResourceTags, policy.Attr{Key: tag, Value: value})
		case key == "iam:project_id":
			ctx.ProjectID = text
		case strings.HasPrefix(key, "parameters."):
			ctx.More = &policy.More{Parameters: map[string]any{strings.TrimPrefix(key, "parameters."): text}}
		case strings.HasPrefix(key, "iam:"), strings.HasPrefix(key, "request_tag/"):
			err = fmt.Errorf("%s is not known to this test", key)
		default:
			ctx.Attributes = append(ctx.Attributes, policy.Attr{Key: key, Value: value})
		}
		if err != nil {
			return nil, err
		}
	}
	return ctx, nil
}

// TestOperators: the table has every operator and no other.
func TestOperators(t *testing.T) {
	_, err := policy.Compile(policy.Statements,
		[]byte(`{"statements":[{"effect":"allow","actions":["*"],"conditions":[{"operator":"none","key":"k","values":["v"]}]}]}`), nil)
	_, list, ok := strings.Cut(fmt.Sprint(err), "use one of ")
	if !ok {
		t.Fatalf("the error lists no operators: %v", err)
	}
	var got []string
	for _, row := range table(section(t, policiesPage, "## Conditions"), "| `") {
		if len(row) == 4 && !strings.ContainsAny(row[0], ":/") && strings.HasPrefix(row[0], "`") {
			got = append(got, strings.Trim(row[0], "`"))
		}
	}
	if want := strings.Split(list, ", "); !slices.Equal(got, want) {
		t.Errorf("the table has the operators\n%v\nand the engine\n%v", got, want)
	}
}

// TestKeys: the engine has a meaning of its own for each iam: key of the table.
func TestKeys(t *testing.T) {
	keys := regexp.MustCompile("(?m)^\\| `(iam:[a-z_]+)`").FindAllStringSubmatch(section(t, policiesPage, "### Keys"), -1)
	if len(keys) != 9 {
		t.Errorf("%d keys", len(keys))
	}
	for _, k := range keys {
		document := `{"statements":[{"effect":"allow","actions":["*"],"resources":["*"],"conditions":[{"operator":"exists","key":"` +
			k[1] + `","values":["true"]}]}]}`
		p, err := policy.Compile(policy.Statements, []byte(document), nil)
		if err != nil {
			t.Fatal(err)
		}
		if w := p.Warnings(); len(w) > 0 {
			t.Errorf("%s: %v", k[1], w)
		}
	}
}

func TestPolicyLimits(t *testing.T) {
	text := section(t, policiesPage, "## Limits")
	for what, limit := range map[string]int{
		"bytes of a document": policy.MaxDocument, "statements in a document": policy.MaxStatements,
		"actions in a statement": policy.MaxActions, "resources in a statement": policy.MaxResources,
		"conditions in a statement": policy.MaxConditions, "values in a condition": policy.MaxValues,
		"principals in a trust policy": policy.MaxPrincipals, "bytes of an action pattern": policy.MaxActionPattern,
		"bytes of a resource pattern": policy.MaxResourcePattern, "bytes of a trust pattern": policy.MaxPrincipalPattern,
		"bytes of a value": policy.MaxValue, "bytes of a key": policy.MaxKey, "bytes of a sid": policy.MaxSID,
	} {
		if row := fmt.Sprintf("| %s | %d |", what, limit); !strings.Contains(text, row) {
			t.Errorf("the limits lack the row %q", row)
		}
	}
}
