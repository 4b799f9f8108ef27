package authz_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// The language of testdata/*.scenario is described in testdata/README.md.

// scenario is one file: an organization and the cases that are asked of it.
type scenario struct {
	names    map[string]iam.Holder // users, service accounts, groups and roles
	policies map[string]iam.PolicyID
	drafts   []func(d *iam.Draft) error // in the order of lines, after what they refer to
	cases    []scenarioCase
	multi    map[string]bool // operators that have a condition with several values
	foreign  bool            // a policy is in another language than the second opinion's
}

type scenarioCase struct {
	line int
	q    question
	want string
}

func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.scenario")
	if err != nil {
		t.Fatal(err)
	}
	cases, refused := 0, 0
	multi := map[string]bool{}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".scenario"), func(t *testing.T) {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			sc, err := parseScenario(string(source))
			if err != nil {
				t.Fatalf("%s:%v", file, err)
			}
			x, n, err := sc.index()
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			for _, c := range sc.cases {
				cases++
				if strings.HasPrefix(c.want, "deny") {
					refused++
				}
				if got, short := sc.answer(x, &c); got != c.want && short != c.want {
					t.Errorf("%s:%d: got\n\t=> %s\nwant\n\t=> %s", file, c.line, got, c.want)
				}
				if !sc.foreign {
					if what := disagreement(x, &c.q, n.decide(&c.q)); what != "" {
						t.Errorf("%s:%d: the second opinion differs: %s", file, c.line, what)
					}
				}
				if what := incoherent(x, c.q.request()); what != "" {
					t.Errorf("%s:%d: %s", file, c.line, what)
				}
			}
			for o := range sc.multi {
				multi[o] = true
			}
		})
	}
	if len(files) < 6 || cases < 120 || refused*2 < cases {
		t.Errorf("%d files with %d cases, of which %d are refusals", len(files), cases, refused)
	}
	for _, family := range operators {
		for _, o := range family.names {
			if !multi[o] {
				t.Errorf("no scenario has the operator %s with several values", o)
			}
		}
	}
}

// parseScenario reads a file. Its error begins with the line.
func parseScenario(source string) (*scenario, error) {
	sc := &scenario{names: map[string]iam.Holder{}, policies: map[string]iam.PolicyID{}, multi: map[string]bool{}}
	lines := strings.Split(source, "\n")
	for i := 0; i < len(lines); i++ {
		line, number := lines[i], i+1
		for strings.HasPrefix(line, "policy ") && i+1 < len(lines) && strings.HasPrefix(lines[i+1], " ") {
			i++
			line += "\n" + lines[i]
		}
		line = strings.TrimRight(line, " \t\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := sc.read(line, number); err != nil {
			return nil, fmt.Errorf("%d: %w", number, err)
		}
	}
	if len(sc.cases) == 0 {
		return nil, errors.New("1: the file has no cases")
	}
	return sc, nil
}

func (sc *scenario) read(line string, number int) error {
	if len(sc.cases) > 0 && !strings.Contains(line, " => ") {
		return errors.New("the organization is described before the first case")
	}
	word, rest, _ := strings.Cut(line, " ")
	switch {
	case word == "policy":
		return sc.policy(rest)
	case strings.Contains(line, " => "):
		return sc.ask(line, number)
	case word == "user", word == "service-account", word == "group", word == "role":
		return sc.member(word, strings.Fields(rest))
	case word == "attach":
		return sc.attach(strings.Fields(rest))
	case line == "suspended":
		sc.drafts = append(sc.drafts, func(d *iam.Draft) error { return d.SetSuspended(true) })
		return nil
	}
	return fmt.Errorf("unknown line %q", line)
}

// define gives a name its id; names are unique in a file, so that one of the wrong kind can be asked about.
func (sc *scenario) define(kind, name string) (iam.UUID, error) {
	if _, taken := sc.names[name]; taken || name == "nobody" {
		return iam.UUID{}, fmt.Errorf("the name %q is taken", name)
	}
	id := numbered(kind[0], len(sc.names)+1)
	sc.names[name] = iam.Holder{Type: kind, ID: id}
	return id, nil
}

func (sc *scenario) member(kind string, words []string) error {
	if len(words) == 0 {
		return fmt.Errorf("a %s needs a name", kind)
	}
	name := words[0]
	if kind == "user" && len(words) == 2 && words[1] == "owner" {
		if _, taken := sc.names[name]; taken {
			return fmt.Errorf("the name %q is taken", name)
		}
		sc.names[name] = iam.Holder{Type: iam.TypeUser, ID: numbered('u', 0)} // begin makes the owner
		return nil
	}
	id, err := sc.define(kind, name)
	if err != nil {
		return err
	}
	var groups []iam.GroupID
	disabled := false
	for i := 1; i < len(words); i++ {
		switch {
		case words[i] == "disabled" && (kind == "user" || kind == "service-account"):
			disabled = true
		case words[i] == "in" && i+1 < len(words) && (kind == "user" || kind == "service-account"):
			i++
			g, ok := sc.names[words[i]]
			if !ok || g.Type != iam.TypeGroup {
				return fmt.Errorf("%q is no group", words[i])
			}
			groups = append(groups, iam.GroupID{UUID: g.ID})
		default:
			return fmt.Errorf("a %s cannot be %q", kind, words[i])
		}
	}
	sc.drafts = append(sc.drafts, func(d *iam.Draft) error { return makeMember(d, kind, name, id, groups, disabled) })
	return nil
}

func makeMember(d *iam.Draft, kind, name string, id iam.UUID, groups []iam.GroupID, disabled bool) error {
	var err error
	switch kind {
	case iam.TypeUser:
		_, err = d.AddUser(iam.UserID{UUID: id}, person(numberOf(id)), groups)
		if disabled && err == nil {
			_, err = d.SetUserDisabled(iam.UserID{UUID: id}, true)
		}
	case iam.TypeGroup:
		_, err = d.CreateGroup(iam.Group{ID: iam.GroupID{UUID: id}, Name: name})
	case iam.TypeRole:
		_, err = d.CreateRole(iam.Role{ID: iam.RoleID{UUID: id}, Name: name}, nil)
	case iam.TypeServiceAccount:
		account := iam.ServiceAccountID{UUID: id}
		_, err = d.CreateServiceAccount(iam.ServiceAccount{ID: account, Name: name})
		for _, g := range groups {
			err = errors.Join(err, d.Join(g, iam.Principal{Kind: iam.KindOfServiceAccount, ID: id}))
		}
		if disabled && err == nil {
			_, err = d.UpdateServiceAccount(account, func(a *iam.ServiceAccount) { a.Enabled = false })
		}
	}
	return err
}

func (sc *scenario) policy(rest string) error {
	name, document, _ := strings.Cut(rest, " ")
	if _, taken := sc.policies[name]; taken {
		return fmt.Errorf("the policy %q is there already", name)
	}
	id := policyID(len(sc.policies) + 1)
	sc.policies[name] = id
	language := policy.Statements
	if word, rest, _ := strings.Cut(document, " "); slices.Contains(policy.Languages(), policy.Language(word)) {
		language, document, sc.foreign = policy.Language(word), rest, true
	} else if err := sc.note(document); err != nil {
		return err
	}
	if _, err := policy.Compile(language, []byte(document), scenarioWorld.Library); err != nil {
		return err
	}
	sc.drafts = append(sc.drafts, func(d *iam.Draft) error {
		_, err := d.CreatePolicy(iam.Policy{ID: id, Name: name, Language: language, Document: document})
		return err
	})
	return nil
}

// note keeps which operators a native document has.
func (sc *scenario) note(document string) error {
	var d naiveDocument
	if err := json.Unmarshal([]byte(document), &d); err != nil {
		return err
	}
	for _, s := range d.Statements {
		for _, c := range s.Conditions {
			sc.multi[c.Operator] = sc.multi[c.Operator] || len(c.Values) > 1
		}
	}
	return nil
}

// scenarioWorld has the products of VNG Cloud that scenarios speak of, and a few of its spellings.
var scenarioWorld = policy.World{
	Library: scenarioLibrary{},
	Dictionary: policy.NewDictionary(
		map[string]policy.Spellings{"iam:AttachGroupPolicy": {VNGCloud: "iam:AttachPolicyToGroup"}, "iam:GetUser": {VNGCloud: "iam:GetIamUser"}},
		map[[2]string]string{{"iam", "user"}: "iam-user"}, nil),
}

// scenarioLibrary knows products alone.
type scenarioLibrary struct{ policy.Library }

func (scenarioLibrary) Product(id string) bool              { return id == "iam" || id == "vserver" }
func (scenarioLibrary) ConditionKey(pattern, _ string) bool { return false }

// attach reads: POLICY to NAME NAME …
func (sc *scenario) attach(words []string) error {
	if len(words) < 3 || words[1] != "to" {
		return errors.New("want attach POLICY to NAME …")
	}
	id, ok := sc.policies[words[0]]
	if !ok {
		return fmt.Errorf("%q is no policy", words[0])
	}
	for _, name := range words[2:] {
		to, ok := sc.names[name]
		if !ok {
			return fmt.Errorf("%q is nobody", name)
		}
		sc.drafts = append(sc.drafts, func(d *iam.Draft) error { return d.Attach(id, to) })
	}
	return nil
}

// ask reads a case: KIND:NAME ACTION RESOURCE … KEY=VALUE … => ANSWER
func (sc *scenario) ask(line string, number int) error {
	left, want, _ := strings.Cut(line, " => ")
	words, err := scenarioWords(left)
	if err != nil {
		return err
	}
	if len(words) < 3 {
		return errors.New("want WHO ACTION RESOURCE … KEY=VALUE … => ANSWER")
	}
	c := scenarioCase{line: number, want: want}
	kind, name, _ := strings.Cut(words[0], ":")
	kinds := map[string]iam.PrincipalKind{"user": iam.KindOfUser, "service-account": iam.KindOfServiceAccount, "role": iam.KindOfRole}
	c.q.Who.Kind, c.q.Action = kinds[kind], words[1]
	if c.q.Who.Kind == "" || !strings.Contains(c.q.Action, ":") {
		return fmt.Errorf("cannot read %s %s", words[0], words[1])
	}
	switch to, known := sc.names[name]; {
	case known:
		c.q.Who.ID = to.ID
	case name == "nobody":
		c.q.Who.ID = numbered('n', 1)
	default:
		return fmt.Errorf("%q is nobody", name)
	}
	for _, word := range words[2:] {
		key, value, isFact := strings.Cut(word, "=")
		switch {
		case !isFact && len(c.q.Facts) == 0 && word == "nothing":
		case !isFact && len(c.q.Facts) == 0 && strings.Contains(word, ":"):
			c.q.Resources = append(c.q.Resources, word)
		case isFact:
			c.q.Facts = append(c.q.Facts, scenarioFact(key, value))
		default:
			return fmt.Errorf("cannot read %q", word)
		}
	}
	for _, start := range []string{"allow by ", "deny explicit by ", "deny implicit", "deny unknown", "deny disabled", "deny suspended"} {
		if strings.HasPrefix(want, start) {
			sc.cases = append(sc.cases, c)
			return nil
		}
	}
	return fmt.Errorf("cannot read the answer %q", want)
}

// scenarioWords splits at spaces that are in no quotes and no brackets.
func scenarioWords(s string) ([]string, error) {
	var words []string
	word, quoted, depth := "", false, 0
	for _, c := range s + " " {
		switch {
		case c == '"':
			quoted = !quoted
		case c == '[' && !quoted:
			depth++
		case c == ']' && !quoted:
			depth--
		}
		if c != ' ' || quoted || depth > 0 {
			word += string(c)
			continue
		}
		if word != "" {
			words = append(words, word)
		}
		word = ""
	}
	if quoted || depth != 0 {
		return nil, fmt.Errorf("a quote or bracket is open in %q", s)
	}
	return words, nil
}

// scenarioFact reads a value: JSON if it is, else a text.
func scenarioFact(key, value string) fact {
	if key == "source_ip" || key == "current_time" {
		key = "iam:" + key
	}
	var v any
	if err := json.Unmarshal([]byte(value), &v); err != nil {
		v = value
	}
	return fact{key, v}
}

func (sc *scenario) index() (*authz.Index, *naive, error) {
	d, err := beginIn(scenarioWorld)
	if err != nil {
		return nil, nil, err
	}
	for _, draft := range sc.drafts {
		if err := draft(d); err != nil {
			return nil, nil, err
		}
	}
	if sc.foreign {
		return authz.New(d.State()), nil, nil
	}
	return authz.New(d.State()), newNaive(d.State()), nil
}

// answer puts an explanation into the words of a case, in full and without the reasons of near misses. Near misses are
// told of implicit denials only.
func (sc *scenario) answer(x *authz.Index, c *scenarioCase) (full, short string) {
	why := x.Explain(c.q.request(), authz.NearMisses)
	var by []string
	for _, f := range why.Determining {
		one := f.PolicyName + "/" + f.Statement + " via " + string(f.Via)
		for name, h := range sc.names {
			if f.Via == authz.ViaGroup && h.ID == f.Group.UUID {
				one += " " + name
			}
		}
		if !slices.Contains(by, one) { // of several resources
			by = append(by, one)
		}
	}
	words := map[authz.Reason]string{
		authz.Allowed: "allow by " + strings.Join(by, ", "), authz.ExplicitDeny: "deny explicit by " + strings.Join(by, ", "),
		authz.UnknownPrincipal: "deny unknown", authz.Disabled: "deny disabled", authz.Suspended: "deny suspended", authz.NoMatch: "deny implicit",
	}
	full, short = words[why.Reason], words[why.Reason]
	if why.Reason != authz.NoMatch {
		return full, short
	}
	for _, f := range why.NearMisses {
		one := "; near miss " + f.PolicyName + "/" + f.Statement
		full, short = full+one+": "+f.Failure, short+one
	}
	return full, short
}

// TestScenarioLanguage: what is no scenario is refused, so that no line is passed over.
func TestScenarioLanguage(t *testing.T) {
	const org = "user ann\npolicy p {\"statements\":[{\"effect\":\"allow\",\"actions\":[\"*\"]}]}\nattach p to ann\n"
	const ask = "user:ann s3:Get crn:::t:x => allow by p/0 via direct\n"
	sc, err := parseScenario(org + "# a remark\n\n" + ask)
	if err != nil || len(sc.cases) != 1 {
		t.Fatalf("a good file is refused: %v", err)
	}
	for _, c := range []struct{ name, source, want string }{
		{"empty", "", "no cases"},
		{"no cases", org, "no cases"},
		{"only remarks", "# user:ann s3:Get crn:::t:x => allow by p/0 via direct", "no cases"},
		{"unknown word", org + "person bob\n" + ask, "4: unknown line"},
		{"arrow without spaces", org + "user:ann s3:Get crn:::t:x=>deny implicit\n" + ask, "4: unknown line"},
		{"unknown answer", org + "user:ann s3:Get crn:::t:x => refuse\n", "cannot read the answer"},
		{"answer without a statement", org + "user:ann s3:Get crn:::t:x => allow\n", "cannot read the answer"},
		{"unknown principal", org + "user:bob s3:Get crn:::t:x => deny unknown\n", `"bob" is nobody`},
		{"unknown kind", org + "group:ann s3:Get crn:::t:x => deny unknown\n", "cannot read group:ann"},
		{"no resource", org + "user:ann s3:Get => deny implicit\n", "want WHO ACTION"},
		{"a resource after the context", org + "user:ann s3:Get crn:::t:x k=v crn:::t:y => deny implicit\n", "cannot read"},
		{"open quote", org + "user:ann s3:Get crn:::t:x k=\"v => deny implicit\n", "open"},
		{"late definition", org + ask + "user bob\n", "before the first case"},
		{"name twice", org + "role ann\n" + ask, "is taken"},
		{"policy twice", org + "policy p {\"statements\":[]}\n" + ask, "there already"},
		{"policy that does not compile", org + "policy q {\"statements\":[]}\n" + ask, "statements"},
		{"policy in a language that does not compile", org + "policy q vngcloud [{}]\n" + ask, "effect: is missing"},
		{"policy in an unknown language", org + "policy q rego []\n" + ask, "invalid character"},
		{"attach to nobody", org + "attach p to bob\n" + ask, `"bob" is nobody`},
		{"attach what is not there", org + "attach q to ann\n" + ask, "no policy"},
		{"disabled role", org + "role bob disabled\n" + ask, "cannot be"},
		{"member of a role", org + "role r\nuser bob in r\n" + ask, "no group"},
	} {
		if _, err := parseScenario(c.source); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want %q", c.name, err, c.want)
		}
	}
}
