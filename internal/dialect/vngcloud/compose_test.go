package vngcloud_test

import (
	"os"
	"strings"
	"testing"

	"github.com/writ-iam/writ/internal/policy"
)

// composeErrors are the codes of the reasons for which vectors are refused.
var composeErrors = map[policy.Reason]string{
	policy.ReasonSyntax: "BAD_REQUEST", policy.ReasonShape: "BAD_REQUEST", policy.ReasonStatement: "POLICY_STATEMENT_INVALID", policy.ReasonCharacters: "POLICY_CHARACTERS_INVALID",
	policy.ReasonCondition: "POLICY_CONDITION_INVALID", policy.ReasonProductInvalid: "POLICY_PRODUCT_INVALID", policy.ReasonProductNotFound: "POLICY_PRODUCT_NOTFOUND",
}

// TestComposeVectors sends the contract's vectors (section 8.3) to both paths. Wildcards are expanded over the catalogue in force, and
// not over the fixture's: of those vectors the answer is only held to be composed already, and to be what a policy can have.
func TestComposeVectors(t *testing.T) {
	source, err := os.ReadFile("../../compose/testdata/vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	o := w.owner()
	n := 0
	for _, block := range strings.Split(strings.TrimSpace(string(source)), "\n\n") {
		lines := strings.Split(block, "\n")
		if strings.HasPrefix(block, "#") || len(lines) != 3 {
			continue
		}
		n++
		name, in, want := lines[0], lines[1], lines[2]
		for _, path := range []string{"/compose-policy", "/policies/compose-policy"} {
			got := o.post(path, in)
			if reason, refused := strings.CutPrefix(want, "error "); refused {
				got.refused(400, composeErrors[policy.Reason(reason)])
				continue
			}
			got.want(200)
			o.post(path, string(got.body)).want(200)
			if string(o.post(path, string(got.body)).body) != string(got.body) {
				t.Errorf("%s: composing %s again changes it", name, got.body)
			}
			if actions := strings.Split(in, `"resources"`)[0]; !strings.Contains(actions, "*") || strings.Contains(in, `"resources":["*"`) {
				if a, b := canonical(t, got.body), canonical(t, []byte(want)); a != b {
					t.Errorf("%s:\n got %s\nwant %s", name, a, b)
				}
			}
			if string(got.body) != "[]" {
				o.policy(strings.ReplaceAll(strings.Split(name, ":")[0]+path, "/", " "), raw(got.body)...)
			}
		}
	}
	if n < 31 {
		t.Errorf("only %d vectors", n)
	}
	if got := o.get("/policies?pageNumber=0&pageSize=1").want(200).num("totalItems"); got < 40 {
		t.Errorf("%d policies were made of what was composed", got)
	}
}

// raw are the statements of a document.
func raw(document []byte) []any {
	r := &reply{t: &testing.T{}, body: document}
	l, _ := r.at("").([]any)
	return l
}
