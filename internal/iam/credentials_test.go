package iam

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/policy"
)

func prefixes(texts ...string) (out []netip.Prefix) {
	for _, text := range texts {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}

func own(n int, document string) CredentialPolicy {
	return CredentialPolicy{ID: policyID(n), Language: policy.Statements, Document: document}
}

func TestStatusAt(t *testing.T) {
	at := func(d time.Duration) *time.Time { return new(epoch.Add(d)) }
	for _, tc := range []struct {
		k    Credential
		want CredentialStatus
	}{
		{Credential{}, CredentialActive},
		{Credential{NotBefore: at(0)}, CredentialActive},
		{Credential{NotBefore: at(1)}, CredentialPending},
		{Credential{ExpiresAt: at(1)}, CredentialActive},
		{Credential{ExpiresAt: at(0)}, CredentialExpired},
		{Credential{NotBefore: at(-2), ExpiresAt: at(-1)}, CredentialExpired},
		{Credential{NotBefore: at(-1), ExpiresAt: at(1)}, CredentialActive},
		{Credential{Disabled: true}, CredentialDisabled},
		{Credential{Disabled: true, ExpiresAt: at(-1)}, CredentialDisabled},
	} {
		if got := tc.k.StatusAt(epoch); got != tc.want {
			t.Errorf("%+v is %s, want %s", tc.k, got, tc.want)
		}
	}
}

func TestAdmits(t *testing.T) {
	for _, tc := range []struct {
		allowed, denied []netip.Prefix
		from            string // "" is unknown
		want            bool
	}{
		{nil, nil, "", true},
		{nil, nil, "192.0.2.1", true},
		{prefixes("192.0.2.0/24"), nil, "192.0.2.1", true},
		{prefixes("192.0.2.0/24"), nil, "::ffff:192.0.2.1", true},
		{prefixes("192.0.2.0/24"), nil, "192.0.3.1", false},
		{prefixes("192.0.2.0/24"), nil, "", false},
		{prefixes("192.0.2.0/24"), nil, "2001:db8::1", false},
		{prefixes("192.0.2.0/24"), prefixes("192.0.2.7/32"), "192.0.2.7", false},
		{prefixes("192.0.2.0/24"), prefixes("192.0.2.7/32"), "::ffff:192.0.2.7", false},
		{prefixes("192.0.2.0/24"), prefixes("192.0.2.7/32"), "192.0.2.8", true},
		{nil, prefixes("192.0.2.0/24"), "192.0.2.8", false},
		{nil, prefixes("192.0.2.0/24"), "192.0.3.8", true},
		{nil, prefixes("192.0.2.0/24"), "", false},
		{prefixes("2001:db8::/32"), nil, "2001:db8::1", true},
		{prefixes("2001:db8::/32"), nil, "2001:db9::1", false},
		{prefixes("2001:db8::/32"), nil, "192.0.2.1", false},
		{nil, prefixes("fe80::/10"), "fe80::1%eth0", false},
		{prefixes("::/0"), nil, "192.0.2.1", false},
		{prefixes("0.0.0.0/0", "::/0"), nil, "2001:db8::1", true},
	} {
		k := Credential{AllowedIPs: tc.allowed, DeniedIPs: tc.denied}
		var from netip.Addr
		if tc.from != "" {
			from = netip.MustParseAddr(tc.from)
		}
		if got := k.Admits(from); got != tc.want {
			t.Errorf("in %v, not in %v, from %q: %t, want %t", tc.allowed, tc.denied, tc.from, got, tc.want)
		}
	}
}

// TestCredentialLimits: what is refused when a credential is made is refused when it is changed.
func TestCredentialLimits(t *testing.T) {
	now := newWorld(t, 1).now
	many := slices.Repeat(prefixes("192.0.2.0/24"), MaxCredentialRanges+1)
	var policies []CredentialPolicy
	for i := range MaxCredentialPolicies + 1 {
		policies = append(policies, own(100+i, allowAll))
	}
	for _, tc := range []struct {
		why   string
		code  Code
		field string
		limit func(*Credential)
	}{
		{"expired", Invalid, "expires_at", func(k *Credential) { k.ExpiresAt = &now }},
		{"begins at its end", Invalid, "not_before", func(k *Credential) { k.NotBefore, k.ExpiresAt = new(now.Add(time.Hour)), new(now.Add(time.Hour)) }},
		{"too many ranges", Invalid, "allowed_ips", func(k *Credential) { k.AllowedIPs = many }},
		{"too many denied ranges", Invalid, "denied_ips", func(k *Credential) { k.DeniedIPs = many }},
		{"no range", Invalid, "allowed_ips[1]", func(k *Credential) { k.AllowedIPs = append(prefixes("::/0"), netip.Prefix{}) }},
		{"IPv4 in IPv6", Invalid, "denied_ips[0]", func(k *Credential) { k.DeniedIPs = prefixes("::ffff:192.0.2.0/120") }},
		{"too many policies", Invalid, "policies", func(k *Credential) { k.Policies = policies }},
		{"no document", Invalid, "policies[1].document", func(k *Credential) { k.Policies = []CredentialPolicy{own(1, allowAll), own(2, "")} }},
		{"a broken document", Invalid, "policies[0].document.statements[0].actions", func(k *Credential) { k.Policies = []CredentialPolicy{own(1, `{"statements":[{"effect":"allow"}]}`)} }},
		{"no language", Invalid, "policies[0].document", func(k *Credential) { k.Policies = []CredentialPolicy{{ID: policyID(1), Document: allowAll}} }},
		{"no id", Internal, "", func(k *Credential) {
			k.Policies = []CredentialPolicy{{Language: policy.Statements, Document: allowAll}}
		}},
		{"an id twice", Internal, "", func(k *Credential) { k.Policies = []CredentialPolicy{own(1, allowAll), own(1, allowRead)} }},
		{"no name", Invalid, "name", func(k *Credential) { k.Name = "" }},
	} {
		t.Run(tc.why, func(t *testing.T) {
			w := newWorld(t, 1)
			w.refuse(tc.code, tc.field, func(d *Draft) error {
				k := accessKey(9, asUser(1))
				tc.limit(&k)
				return second(d.CreateCredential(k))
			})
			w.refuse(tc.code, tc.field, func(d *Draft) error { return second(d.UpdateCredential(asUser(1), credentialID(1), tc.limit)) })
		})
	}
}

func TestUpdateCredential(t *testing.T) {
	nothing := func(*Credential) {}
	refuseAll(t, []refusal{
		{"none", NotFound, "", func(d *Draft) error { return second(d.UpdateCredential(asUser(1), credentialID(9), nothing)) }},
		{"somebody else's", NotFound, "", func(d *Draft) error { return second(d.UpdateCredential(asUser(2), credentialID(1), nothing)) }},
		{"an account's as a user's", NotFound, "", func(d *Draft) error {
			return second(d.UpdateCredential(Principal{KindOfUser, testID('a', 1)}, credentialID(2), nothing))
		}},
	})
	w := newWorld(t, 1)
	before, _ := w.s.Credential(credentialID(1))
	update := func(edit func(*Credential)) *Credential {
		t.Helper()
		w.accept(func(d *Draft) error { return second(d.UpdateCredential(asUser(1), credentialID(1), edit)) })
		k, err := w.s.Credential(credentialID(1))
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	end := w.now.Add(time.Minute)
	k := update(func(k *Credential) {
		k.Name, k.NotBefore, k.ExpiresAt, k.AllowedIPs = "new", &epoch, &end, prefixes("192.0.2.77/24")
		k.Policies = []CredentialPolicy{own(50, allowRead)}
		k.ID, k.Principal, k.Kind, k.AccessKey, k.Hash, k.CreatorEmail = credentialID(70), asUser(2), Token, "AKIAx", nil, "x" // not for edits
	})
	if k.Name != "new" || !k.UpdatedAt.Equal(w.now) || !k.CreatedAt.Equal(before.CreatedAt) || k.AccessKey != before.AccessKey ||
		k.Principal != before.Principal || k.Kind != AccessKey || k.CreatorEmail != "" || k.AllowedIPs[0].String() != "192.0.2.0/24" || k.Policies[0].Program == nil {
		t.Errorf("got %+v", k)
	}
	if _, ok := w.s.CredentialBySecret(before.Hash); !ok {
		t.Error("its secret is lost")
	}
	w.now = w.now.Add(time.Hour) // it has expired, and may stay so
	revision := w.s.Revision()
	same := update(func(k *Credential) { k.Policies = []CredentialPolicy{own(51, allowRead)} })
	if same != k && (same.Policies[0].ID != policyID(50) || !same.UpdatedAt.Equal(k.UpdatedAt)) || w.s.Revision() != revision+1 {
		t.Errorf("the same policies under another id are a change: %+v", same)
	}
	k = update(func(k *Credential) { k.Disabled, k.Policies, k.AllowedIPs = true, nil, nil })
	if k.StatusAt(w.now) != CredentialDisabled || k.Policies != nil || !k.UpdatedAt.Equal(w.now) {
		t.Errorf("got %+v", k)
	}
	w.refuse(Invalid, "expires_at", func(d *Draft) error {
		return second(d.UpdateCredential(asUser(1), credentialID(1), func(k *Credential) { k.ExpiresAt = new(end.Add(time.Second)) }))
	})
	d := w.s.BeginAdministration(w.now, system)
	if got, err := d.UpdateCredential(asUser(1), credentialID(1), nothing); err != nil || got != k || !d.Empty() {
		t.Errorf("nothing changes, and something is touched: %v", err)
	}
}

func TestRollCredential(t *testing.T) {
	roll := func(of Principal, n int, hash string) func(*Draft) error {
		return func(d *Draft) error { return second(d.RollCredential(of, credentialID(n), []byte(hash))) }
	}
	refuseAll(t, []refusal{
		{"none", NotFound, "", roll(asUser(1), 9, "new")},
		{"somebody else's", NotFound, "", roll(asUser(2), 1, "new")},
		{"a signed token", Invalid, "", roll(asUser(1), 3, "new")},
		{"to its own secret", Internal, "", roll(asUser(1), 1, "hash of AKIAb")},
		{"to another's secret", Internal, "", roll(asUser(1), 1, "hash of AKIAc")},
		{"to none", Internal, "", roll(asUser(1), 1, "")},
	})
	w := newWorld(t, 1)
	w.accept(roll(asUser(1), 1, "new")) // which holds that the old key is released and the new one claimed
	k, ok := w.s.CredentialBySecret([]byte("new"))
	if !ok || k.ID != credentialID(1) || k.AccessKey != "AKIAb" || !k.UpdatedAt.Equal(w.now) {
		t.Errorf("got %+v, %t", k, ok)
	}
	if _, ok := w.s.CredentialBySecret([]byte("hash of AKIAb")); ok {
		t.Error("the old secret is still good")
	}
}

func TestAccountTokens(t *testing.T) {
	token := func(n int, name string) func(*Draft) error {
		return func(d *Draft) error {
			k := accessKey(n, asUser(1)) // whose it is said to be does not matter
			k.Name = name
			_, _, err := d.CreateAccountToken(ServiceAccount{ID: accountID(n), Name: "x", Token: credentialID(1)}, k)
			return err
		}
	}
	w := newWorld(t, 1)
	w.accept(token(9, "ci"))
	w.now = w.now.Add(time.Second)
	w.accept(token(8, "ci"))
	var listed []string
	for k := range w.s.AccountTokens().All() {
		listed = append(listed, fmt.Sprintf("%t %s %s", k.ID == credentialID(9), k.Name, k.Principal.Kind))
	}
	if got := strings.Join(listed, ", "); got != "true ci service_account, false ci service_account" {
		t.Errorf("listed: %s", got)
	}
	a, err := w.s.ServiceAccount(accountID(9))
	if err != nil || a.Name != "token "+credentialID(9).String() || *a.DisplayName != "ci" || a.Token != credentialID(9) || !a.Enabled {
		t.Errorf("got %+v, %v", a, err)
	}
	if _, err := w.s.AccountToken(credentialID(9)); err != nil {
		t.Error(err)
	}
	if _, err := w.s.AccountToken(credentialID(2)); CodeOf(err) != NotFound {
		t.Errorf("a service account's key is taken for an account token: %v", err)
	}
	page, err := w.s.AccountTokens().Page(PageQuery[*Credential]{After: credentialID(9).UUID, Limit: 5})
	if err != nil || len(page.Items) != 1 || page.Items[0].ID != credentialID(8) {
		t.Errorf("the second page is %+v, %v", page, err)
	}

	w.refuse(Conflict, "", func(d *Draft) error { return second(d.CreateCredential(accessKey(7, asAccount(9)))) })
	w.refuse(Invalid, "name", token(7, ""))
	w.refuse(Internal, "", token(2, "id taken"))
	w.accept(func(d *Draft) error {
		return second(d.UpdateServiceAccount(accountID(1), func(a *ServiceAccount) { a.Token, a.Enabled = credentialID(2), false }))
	})
	if a, _ := w.s.ServiceAccount(accountID(1)); !a.Token.IsZero() || a.Enabled {
		t.Errorf("a service account becomes a token: %+v", a)
	}
	w.accept(func(d *Draft) error {
		return second(d.UpdateCredential(asAccount(9), credentialID(9), func(k *Credential) { k.Name = "deploy" }))
	})
	if a, _ := w.s.ServiceAccount(accountID(9)); *a.DisplayName != "deploy" {
		t.Errorf("it is shown as %q", *a.DisplayName)
	}
	w.accept(func(d *Draft) error { return d.DeleteCredential(asAccount(9), credentialID(9)) })
	if _, err := w.s.ServiceAccount(accountID(9)); CodeOf(err) != NotFound {
		t.Errorf("its service account stays: %v", err)
	}
	w.accept(func(d *Draft) error { return d.DeleteServiceAccount(accountID(8)) })
	if w.s.AccountTokens().Len() != 0 {
		t.Error("a token outlives its service account")
	}
}

// TestOldCredentials: records of versions that knew no changes are read as never changed.
func TestOldCredentials(t *testing.T) {
	old := `{"id":"` + credentialID(1).String() + `","principal":{"kind":"user","id":"` + userID(1).String() +
		`"},"kind":"access_key","name":"k","access_key":"AKIA","hash":"aGFzaA==","created_at":"2026-01-01T00:00:00Z"}`
	s, err := NewState(orgID(1)).Apply(1, []Change{{Kind: KindCredential, ID: credentialID(1).UUID, Data: []byte(old)}})
	if err != nil {
		t.Fatal(err)
	}
	k, err := s.Credential(credentialID(1))
	if err != nil || !k.UpdatedAt.Equal(k.CreatedAt) || k.StatusAt(epoch) != CredentialActive || !k.Admits(netip.Addr{}) || k.Policies != nil {
		t.Errorf("got %+v, %v", k, err)
	}
	broken := strings.Replace(old, `"kind":"access_key"`, `"kind":"access_key","policies":[{"id":"`+policyID(1).String()+`","language":"statements","document":"{"}]`, 1)
	if _, err := s.Apply(2, []Change{{Kind: KindCredential, ID: credentialID(1).UUID, Data: []byte(broken)}}); CodeOf(err) != Internal {
		t.Errorf("a policy that does not compile is read: %v", err)
	}
}

// TestCredentialWithin: another world leaves a credential as it is but for the programs that may refer to it, and an
// organization is not in a world in which one of them does not compile.
func TestCredentialWithin(t *testing.T) {
	w := newWorld(t, 1)
	other := CredentialPolicy{ID: policyID(51), Language: policy.Exoscale, Document: `{"default-service-strategy":"deny","services":{}}`}
	d := w.s.BeginAdministration(w.now, system)
	for n, p := range map[int]CredentialPolicy{1: other, 3: own(50, allowAll)} {
		if _, err := d.UpdateCredential(asUser(1), credentialID(n), func(k *Credential) { k.Policies = []CredentialPolicy{p} }); err != nil {
			t.Fatal(err)
		}
	}
	s := d.State()
	program := func(s *State, n int) *policy.Program {
		k, err := s.Credential(credentialID(n))
		if err != nil {
			t.Fatal(err)
		}
		return k.Policies[0].Program
	}
	before := program(s, 1)
	next, err := s.Within(policy.World{Dictionary: &policy.Dictionary{}})
	if err != nil {
		t.Fatal(err)
	}
	if program(next, 1) == before || program(next, 1) == nil || program(s, 1) != before {
		t.Error("a policy that may refer to the world was not compiled anew, or in place")
	}
	if program(next, 3) != program(s, 3) {
		t.Error("a policy that refers to nothing was compiled anew")
	}

	d = s.BeginAdministration(w.now, system)
	k, _ := s.Credential(credentialID(1))
	lost := *k
	lost.Policies = []CredentialPolicy{{ID: policyID(52), Language: policy.Scaleway, Program: before,
		Document: `{"rules":[{"permission_set_names":["Nowhere"],"organization_id":"x"}]}`}}
	d.putCredential(&lost)
	if next, err := d.State().Within(policy.World{}); next != nil || CodeOf(err) != Internal {
		t.Errorf("got %v, %v", next, err)
	}
}

func TestParseRange(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.0/24": "192.0.2.0/24", "192.0.2.7": "192.0.2.7/32", "2001:db8::/32": "2001:db8::/32", "::1": "::1/128",
		"::ffff:192.0.2.7": "192.0.2.7/32",
		"":                 "", "everywhere": "", "192.0.2.0/33": "", "192.0.2": "", "fe80::1%eth0": "", "192.0.2.0/24/8": "", " 192.0.2.7": "",
	} {
		p, ok := ParseRange(text)
		if ok != (want != "") || ok && p.String() != want {
			t.Errorf("%q: %v, %t", text, p, ok)
		}
	}
}

// TestTooFar: times that RFC 3339 cannot write are refused, wherever they come from.
func TestTooFar(t *testing.T) {
	w := newWorld(t, 1)
	far := time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -3600)) // the year 10000 in UTC
	k := accessKey(9, asUser(1))
	k.ExpiresAt = &far
	w.refuse(Invalid, "expires_at", func(d *Draft) error { return second(d.CreateCredential(k)) })
	k.ExpiresAt, k.NotBefore = nil, &far
	w.refuse(Invalid, "not_before", func(d *Draft) error { return second(d.CreateCredential(k)) })
	w.refuse(Invalid, "expires_at", func(d *Draft) error {
		return second(d.UpdateCredential(asUser(1), credentialID(1), func(k *Credential) { k.ExpiresAt = &far }))
	})
	last := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	k.NotBefore, k.ExpiresAt = nil, &last
	w.accept(func(d *Draft) error { return second(d.CreateCredential(k)) })
}
