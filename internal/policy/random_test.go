package policy

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"
)

// random makes documents and queries that meet often enough to tell something.
type random struct{ *rand.Rand }

func newRandom(stream uint64) random { return random{rand.New(rand.NewPCG(42, stream))} }

func (r random) pick(from ...string) string { return from[r.IntN(len(from))] }

func (r random) join(n int, separator string, from ...string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = r.pick(from...)
	}
	return strings.Join(parts, separator)
}

func (r random) action() string {
	return r.pick("s3", "S3", "iam", "s", "é") + ":" + r.pick("Get", "get", "GE", "Put", "List") + r.pick("", "Object", "Role", "object")
}

// resource is mostly a CRN, sometimes nearly one.
func (r random) resource() string {
	identifier := r.join(1+r.IntN(3), r.pick("/", ":", "-"), "team", "a", "b", "é", "reports", "x.csv", "*", "")
	switch r.IntN(8) {
	case 0:
		return identifier
	case 1:
		return "crn:" + r.pick("", "r") + ":s3:" + identifier
	default:
		return "crn:" + r.pick("", "r", "eu/1") + ":" + r.pick("s3", "iam", "S3") + ":" + r.pick("t", "bucket") + ":" + identifier
	}
}

// glob makes a pattern out of a name: some of its characters become wildcards, so that it often matches that name.
func (r random) glob(name string, wildcards ...string) string {
	runes := []rune(name)
	var b strings.Builder
	for i := 0; i < len(runes); i++ {
		if r.IntN(6) > 0 {
			b.WriteRune(runes[i])
			continue
		}
		wildcard := r.pick(wildcards...)
		b.WriteString(wildcard)
		if wildcard == "*" {
			i += r.IntN(6)
		}
	}
	return b.String()
}

func (r random) actionPattern() string {
	for {
		pattern := r.pick("*", "*:*", "s3:*", r.action(), r.glob(r.action(), "*"), r.glob(r.action(), "*"))
		if checkAction(pattern) == "" {
			return pattern
		}
	}
}

func (r random) resourcePattern() string {
	name := r.resource()
	if parts := strings.SplitN(name, ":", 5); len(parts) == 5 && r.IntN(2) == 0 {
		name = parts[4]
	}
	pattern := r.pick("*", name, r.glob(name, "*", "?"), r.glob(name, "*", "?", "**"))
	if pattern == "" {
		return "*"
	}
	return pattern
}

func (r random) condition() string {
	key := r.pick("k", "n", "iam:source_ip", "iam:current_time", "resource_tag/env", "iam:operation", "gone", "list")
	var operator, value string
	switch r.IntN(6) {
	case 0:
		operator, value = r.pick("equals", "not_equals", "in", "not_in", "equals_ignore_case"), r.pick("a", "B", "1", "true", "10.0.0.1", "2026-01-01T00:00:00Z", "get-object")
	case 1:
		operator, value = r.pick("like", "not_like"), r.pick("*", "a*", "?", "get*", "10.*", "é?")
	case 2:
		operator, value = r.pick("numeric_equals", "numeric_less_than", "numeric_less_than_equals", "numeric_greater_than", "numeric_greater_than_equals"), r.pick("1", "0.5", "-1e3")
	case 3:
		operator, value = r.pick("date_before", "date_after"), r.pick("2026-01-01T00:00:00Z", "2025-06-01T00:00:00.5+02:00")
	case 4:
		operator, value = r.pick("bool", "exists"), r.pick("true", "false")
	case 5:
		operator, value = r.pick("ip_address", "not_ip_address"), r.pick("10.0.0.0/8", "::/0", "::ffff:10.0.0.1")
	}
	return fmt.Sprintf(`{"operator":%s,"key":%s,"values":[%s,%s]}`, quote(operator), quote(key), quote(value), quote(value))
}

func (r random) statement(i int) string {
	some := func(most int, item func() string) string {
		return list(times(1+r.IntN(most), item)...)
	}
	s := fmt.Sprintf(`{"effect":%q,"actions":%s`, r.pick("allow", "deny"), some(3, r.actionPattern))
	if r.IntN(4) > 0 {
		s += `,"resources":` + some(3, r.resourcePattern)
	}
	if r.IntN(3) == 0 {
		s += fmt.Sprintf(`,"sid":"S %d\u00e9\"\\"`, i)
	}
	if r.IntN(2) == 0 {
		s += `,"conditions":[` + strings.Join(times(r.IntN(3), r.condition), ", ") + `]`
	}
	return s + "}"
}

func (r random) document() string {
	var statements []string
	for i := range 1 + r.IntN(4) {
		statements = append(statements, r.statement(i))
	}
	return `{"version":"2024-01-01","statements":[` + strings.Join(statements, ",") + `]}`
}

func (r random) context() *Context {
	value := func() Value {
		switch r.IntN(6) {
		case 0:
			return Number(float64(r.IntN(3)))
		case 1:
			return Bool(r.IntN(2) == 0)
		case 2:
			return List(String(r.pick("a", "1")), Number(1), List())
		case 3:
			return Value{}
		default:
			return String(r.pick("a", "b", "éa", "10.0.0.1", "2025-12-31T00:00:00Z", "true"))
		}
	}
	ctx := &Context{Attributes: []Attr{{"k", value()}, {"n", value()}, {"list", List(value(), value())}}, ResourceTags: []Attr{{"env", value()}}}
	if r.IntN(3) > 0 {
		ctx.SourceIP = netip.MustParseAddr(r.pick("10.0.0.1", "192.0.2.1", "::1", "::ffff:10.0.0.1"))
		ctx.Now = time.Unix(1767225600+int64(r.IntN(3)-1), 0)
	}
	return ctx
}

func times[T any](n int, item func() T) []T {
	var out []T
	for range n {
		out = append(out, item())
	}
	return out
}
