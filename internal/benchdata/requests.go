package benchdata

import (
	"fmt"
	"net/netip"
	"strings"
)

// ask draws requests until there are as many allowed as denied, a fifth of the denied by a statement.
func (w *Workload) ask() {
	want := map[string]int{"allow": requests / 2, "explicit": requests / 10, "implicit": requests/2 - requests/10}
	for len(w.Requests) < requests {
		r := w.request()
		r.Allowed, r.Explicit = w.Scan(&r, All)
		kind := "implicit"
		switch {
		case r.Allowed:
			kind = "allow"
		case r.Explicit:
			kind = "explicit"
		}
		if want[kind] > 0 {
			want[kind]--
			w.Requests = append(w.Requests, r)
		}
	}
	w.rng.Shuffle(len(w.Requests), func(i, j int) { w.Requests[i], w.Requests[j] = w.Requests[j], w.Requests[i] })
}

// request aims at a statement: of one of the principal's groups in 70 %, with a fitting action in 70 %, with a fitting
// resource in most cases.
func (w *Workload) request() Request {
	r := Request{Principal: w.rng.IntN(w.principals), Env: pick(w, envs), Time: w.moment(),
		Source: netip.AddrFrom4([4]byte{10, byte(w.rng.IntN(256)), byte(w.rng.IntN(256)), byte(w.rng.IntN(256))})}
	g := w.Groups[w.rng.IntN(len(w.Groups))]
	if w.chance(70) {
		g = w.Groups[w.Members[r.Principal][w.rng.IntN(3)]]
	}
	s := pick(w, pick(w, g.Policies).Statements)
	r.Action = "s3:" + pick(w, actionNames)
	if w.chance(70) {
		r.Action = w.fitAction(pick(w, s.Actions))
	}
	r.Resource = w.object(w.rng.IntN(w.teams))
	if w.chance(85) {
		r.Resource = w.fitResource(pick(w, s.Resources))
	}
	return r
}

func (w *Workload) fitAction(pattern string) string {
	var fitting []string
	for _, name := range actionNames {
		if glob(pattern, "s3:"+name) {
			fitting = append(fitting, "s3:"+name)
		}
	}
	return pick(w, fitting)
}

// fitResource fills the wildcards of a pattern.
func (w *Workload) fitResource(pattern string) string {
	pattern = strings.Replace(pattern, "crn:*:", fmt.Sprintf("crn:acct-%d:", w.rng.IntN(accounts)), 1)
	if rest, ok := strings.CutSuffix(pattern, "/*"); ok {
		return fmt.Sprintf("%s/%s/%d.%s", rest, pick(w, subs), w.rng.IntN(1000), pick(w, extensions))
	}
	return strings.Replace(pattern, "*", fmt.Sprintf("%s/%d", pick(w, subs), w.rng.IntN(1000)), 1)
}

// Parts says which parts of a statement a Scan heeds. Leaving one out must change answers, or the requests have no
// teeth.
type Parts uint8

// The parts.
const (
	Denies Parts = 1 << iota
	Conditions
	Actions
	Resources
	All = Denies | Conditions | Actions | Resources
)

// Scan answers a request by going through every statement of the principal's groups.
func (w *Workload) Scan(r *Request, heed Parts) (allowed, explicit bool) {
	for _, g := range w.Members[r.Principal] {
		for _, p := range w.Groups[g].Policies {
			for _, s := range p.Statements {
				switch {
				case !s.applies(r, heed):
				case !s.Deny:
					allowed = true
				case heed&Denies != 0:
					return false, true
				}
			}
		}
	}
	return allowed, false
}

func (s *Statement) applies(r *Request, heed Parts) bool {
	return (heed&Actions == 0 || anyGlob(s.Actions, r.Action)) &&
		(heed&Resources == 0 || anyGlob(s.Resources, r.Resource)) &&
		(heed&Conditions == 0 || s.Condition.holds(r))
}

func (c Condition) holds(r *Request) bool {
	switch {
	case c.Source.IsValid():
		return c.Source.Contains(r.Source)
	case c.Env != "":
		return c.Env == r.Env
	case !c.Before.IsZero():
		return r.Time.Before(c.Before)
	}
	return true
}

func anyGlob(patterns []string, s string) bool {
	for _, p := range patterns {
		if glob(p, s) {
			return true
		}
	}
	return false
}

// glob matches "*" against any run of characters, by trying every length.
func glob(pattern, s string) bool {
	before, after, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == s
	}
	if !strings.HasPrefix(s, before) {
		return false
	}
	for i := len(before); i <= len(s); i++ {
		if glob(after, s[i:]) {
			return true
		}
	}
	return false
}
