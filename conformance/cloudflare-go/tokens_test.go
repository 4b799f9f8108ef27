package cloudflarego

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/accounts"
	"github.com/cloudflare/cloudflare-go/v7/iam"
	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/cloudflare/cloudflare-go/v7/shared"
	"github.com/cloudflare/cloudflare-go/v7/user"
)

// groups lists the user groups of an account as a token.
func (a *account) groups(token string) error {
	_, err := bearer(token).IAM.UserGroups.List(a.Context(), iam.UserGroupListParams{AccountID: text(a.id)})
	return err
}

// create makes a user group as a token.
func (a *account) create(token, name string) error {
	_, err := bearer(token).IAM.UserGroups.New(a.Context(), iam.UserGroupNewParams{AccountID: text(a.id), Name: text(name)})
	return err
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAccountTokenLife(t *testing.T) {
	a := newAccount(t)
	ctx, tokens := t.Context(), a.Accounts.Tokens
	made := a.token(nil, "Account Settings Read")
	isID(t, made.ID)
	isRecent(t, made.IssuedOn)
	if made.Status != "active" || !strings.HasPrefix(made.Value, "cfat_") || len(made.Value) < 40 || len(made.Value) > 80 {
		t.Errorf("made: %s", made.JSON.RawJSON())
	}
	if p := made.Policies[0]; p.Effect != shared.TokenPolicyEffectAllow || p.PermissionGroups[0].Name != "Account Settings Read" {
		t.Errorf("policy: %s", p.JSON.RawJSON())
	}
	got := must(tokens.Get(ctx, made.ID, accounts.TokenGetParams{AccountID: text(a.id)}))(t)
	shown := fields(t, made.JSON.RawJSON())
	delete(shown, "value")
	same(t, "got", shown, fields(t, got.JSON.RawJSON()))

	verified := must(bearer(made.Value).Accounts.Tokens.Verify(ctx, accounts.TokenVerifyParams{AccountID: text(a.id)}))(t)
	if verified.ID != made.ID || verified.Status != "active" {
		t.Errorf("verified: %+v", verified)
	}
	ok(t, a.groups(made.Value))
	refused(t, a.create(made.Value, "mine"), 403, 10000)

	set := func(status shared.TokenStatus, names ...string) *shared.Token {
		t.Helper()
		return must(tokens.Update(ctx, made.ID, accounts.TokenUpdateParams{AccountID: text(a.id), Token: shared.TokenParam{
			Name: text("renamed"), Policies: cloudflare.F(a.tokenPolicies(names...)), Status: cloudflare.F(status)}}))(t)
	}
	same(t, "renamed", "renamed", set(shared.TokenStatusActive, "Account Settings Write").Name)
	ok(t, a.create(made.Value, "by a token"))
	same(t, "disabled", shared.TokenStatusDisabled, set(shared.TokenStatusDisabled, "Account Settings Write").Status)
	refused(t, a.groups(made.Value), 401, 10000)
	set(shared.TokenStatusActive, "Account Settings Write")
	ok(t, a.groups(made.Value))

	rolled := must(tokens.Value.Update(ctx, made.ID, accounts.TokenValueUpdateParams{AccountID: text(a.id)}))(t)
	refused(t, a.groups(made.Value), 401, 10000)
	ok(t, a.groups(*rolled))

	deleted := must(tokens.Delete(ctx, made.ID, accounts.TokenDeleteParams{AccountID: text(a.id)}))(t)
	same(t, "deleted", made.ID, deleted.ID)
	refused(t, a.groups(*rolled), 401, 10000)
	_, err := tokens.Get(ctx, made.ID, accounts.TokenGetParams{AccountID: text(a.id)})
	refused(t, err, 404, 0)
}

func TestAccountTokenList(t *testing.T) {
	a := newAccount(t)
	policies := a.tokenPolicies("Billing Read")
	var ids []string
	for i := range 55 {
		made := must(a.Accounts.Tokens.New(t.Context(), accounts.TokenNewParams{AccountID: text(a.id), Name: text(fmt.Sprint("token ", i)), Policies: cloudflare.F(policies)}))(t)
		ids = append(ids, made.ID)
	}
	list := func(params accounts.TokenListParams, requests int, query ...option.RequestOption) []string {
		t.Helper()
		client, wire := a.recorded()
		params.AccountID = text(a.id)
		got := all(t, client.Accounts.Tokens.ListAutoPaging(t.Context(), params, query...))
		if len(wire.sent) != requests {
			t.Errorf("%d requests, want %d", len(wire.sent), requests)
		}
		return values(got, func(k shared.Token) string { return k.ID })
	}
	newest := slices.Clone(ids)
	slices.Reverse(newest)
	same(t, "by default", newest, list(accounts.TokenListParams{}, 4))
	same(t, "pages of 10", newest, list(accounts.TokenListParams{PerPage: cloudflare.F(10.0)}, 7))
	same(t, "oldest first", ids, list(accounts.TokenListParams{Direction: cloudflare.F(accounts.TokenListParamsDirectionAsc)}, 4))
	same(t, "with those that have expired", newest, list(accounts.TokenListParams{PerPage: cloudflare.F(50.0)}, 3, option.WithQuery("include_expired", "true")))
}

func TestAccountTokenConditions(t *testing.T) {
	a := newAccount(t)
	type networks = accounts.TokenNewParamsConditionRequestIP
	list := func(networks ...string) []shared.TokenConditionCIDRListParam { return networks }
	for _, test := range []struct {
		why string
		ip  networks
		may bool
	}{
		{"in", networks{In: cloudflare.F(list("127.0.0.0/8"))}, true},
		{"not in another", networks{NotIn: cloudflare.F(list("203.0.113.0/24"))}, true},
		{"elsewhere", networks{In: cloudflare.F(list("203.0.113.0/24"))}, false},
		{"not in", networks{NotIn: cloudflare.F(list("127.0.0.0/8"))}, false},
		{"in and not in", networks{In: cloudflare.F(list("127.0.0.0/8")), NotIn: cloudflare.F(list("127.0.0.1/32"))}, false},
	} {
		t.Run(test.why, func(t *testing.T) {
			made := a.token(func(p *accounts.TokenNewParams) {
				p.Condition = cloudflare.F(accounts.TokenNewParamsCondition{RequestIP: cloudflare.F(test.ip)})
			}, "Account Settings Read")
			if test.may {
				ok(t, a.groups(made.Value))
			} else {
				refused(t, a.groups(made.Value), 403, 9109)
			}
		})
	}

	early := a.token(func(p *accounts.TokenNewParams) { p.NotBefore = cloudflare.F(time.Now().Add(time.Hour)) }, "Account Settings Read")
	refused(t, a.groups(early.Value), 401, 10000)

	short := a.token(func(p *accounts.TokenNewParams) { p.ExpiresOn = cloudflare.F(time.Now().Add(2 * time.Second)) }, "Account Settings Read")
	eventually(t, "the token to expire", func() (bool, error) { return a.groups(short.Value) != nil, nil }, func(expired bool) bool { return expired })
	refused(t, a.groups(short.Value), 401, 10000)
	_, err := bearer(short.Value).Accounts.Tokens.Verify(t.Context(), accounts.TokenVerifyParams{AccountID: text(a.id)})
	refused(t, err, 401, 1000)
}

func TestAccountTokenRefusals(t *testing.T) {
	a, b := newAccount(t), newAccount(t)
	ctx, tokens := t.Context(), a.Accounts.Tokens
	policies := a.tokenPolicies("Account Settings Read")
	noGroups, unknownGroup, noResources := policies[0], policies[0], policies[0]
	noGroups.PermissionGroups = cloudflare.F([]shared.TokenPolicyPermissionGroupParam{})
	unknownGroup.PermissionGroups = cloudflare.F([]shared.TokenPolicyPermissionGroupParam{{ID: text(unknownID)}})
	noResources.Resources = cloudflare.F[shared.TokenPolicyResourcesUnionParam](shared.TokenPolicyResourcesIAMResourcesTypeObjectStringParam{})
	for _, test := range []struct {
		why, name string
		policies  []shared.TokenPolicyParam
		code      int64
	}{
		{"empty name", "", policies, 400},
		{"long name", strings.Repeat("x", 121), policies, 400},
		{"no permission groups", "n", []shared.TokenPolicyParam{noGroups}, 0},
		{"unknown permission group", "n", []shared.TokenPolicyParam{unknownGroup}, 0},
		{"no resources", "n", []shared.TokenPolicyParam{noResources}, 0},
		{"another account", "n", b.tokenPolicies("Account Settings Read"), 0},
	} {
		t.Run(test.why, func(t *testing.T) {
			_, err := tokens.New(ctx, accounts.TokenNewParams{AccountID: text(a.id), Name: text(test.name), Policies: cloudflare.F(test.policies)})
			refused(t, err, 400, test.code)
		})
	}
	_, err := tokens.New(ctx, accounts.TokenNewParams{AccountID: text(a.id), Name: text("n"), Policies: cloudflare.F(policies)},
		option.WithJSONSet("policies.0.id", unknownID))
	refused(t, err, 400, 1001)

	theirs := b.token(nil, "Account Settings Read")
	for _, id := range []string{unknownID, theirs.ID} {
		_, err := tokens.Get(ctx, id, accounts.TokenGetParams{AccountID: text(a.id)})
		refused(t, err, 404, 0)
		_, err = tokens.Delete(ctx, id, accounts.TokenDeleteParams{AccountID: text(a.id)})
		refused(t, err, 404, 0)
		_, err = tokens.Value.Update(ctx, id, accounts.TokenValueUpdateParams{AccountID: text(a.id)})
		refused(t, err, 404, 0)
	}
	for _, id := range malformedIDs {
		_, err := tokens.Get(ctx, id, accounts.TokenGetParams{AccountID: text(a.id)})
		refused(t, err, 404, 7003)
	}
	refused(t, a.groups(theirs.Value), 403, 10000)
	_, err = bearer("cfat_"+strings.Repeat("x", 48)).Accounts.Tokens.Verify(ctx, accounts.TokenVerifyParams{AccountID: text(a.id)})
	refused(t, err, 401, 1000)
}

func TestTokenPermissionGroups(t *testing.T) {
	a := newAccount(t)
	ctx := t.Context()
	list := all(t, a.Accounts.Tokens.PermissionGroups.ListAutoPaging(ctx, accounts.TokenPermissionGroupListParams{AccountID: text(a.id)}))
	got := must(a.Accounts.Tokens.PermissionGroups.Get(ctx, accounts.TokenPermissionGroupGetParams{AccountID: text(a.id)}))(t)
	same(t, "get has as many as list", len(list), len(*got))
	zones := all(t, a.Accounts.Tokens.PermissionGroups.ListAutoPaging(ctx, accounts.TokenPermissionGroupListParams{AccountID: text(a.id), Scope: text("com.cloudflare.api.account.zone")}))
	if len(zones) == 0 || len(zones) == len(list) {
		t.Errorf("%d of %d are of zones", len(zones), len(list))
	}
	mine := all(t, a.User.Tokens.PermissionGroups.ListAutoPaging(ctx, user.TokenPermissionGroupListParams{Name: text("Account Settings Read")}))
	if len(mine) != 1 || mine[0].Name != "Account Settings Read" {
		t.Errorf("%+v", mine)
	}
}

func TestUserTokenLife(t *testing.T) {
	a := newAccount(t)
	ctx, tokens := t.Context(), a.User.Tokens
	made := must(tokens.New(ctx, user.TokenNewParams{Name: text("laptop"), Policies: cloudflare.F(a.tokenPolicies("Account Settings Read"))}))(t)
	isID(t, made.ID)
	if !strings.HasPrefix(made.Value, "cfut_") || made.Name != "laptop" {
		t.Errorf("made: %s", made.JSON.RawJSON())
	}
	got := must(tokens.Get(ctx, made.ID))(t)
	same(t, "got", "laptop", got.Name)
	list := all(t, tokens.ListAutoPaging(ctx, user.TokenListParams{}))
	if len(list) == 0 || list[0].ID != made.ID {
		t.Errorf("the newest is not first: %+v", list)
	}
	verified := must(bearer(made.Value).User.Tokens.Verify(ctx))(t)
	same(t, "verified", made.ID, verified.ID)
	ok(t, a.groups(made.Value))
	refused(t, a.create(made.Value, "mine"), 403, 10000)

	updated := must(tokens.Update(ctx, made.ID, user.TokenUpdateParams{Token: shared.TokenParam{
		Name: text("desktop"), Policies: cloudflare.F(a.tokenPolicies("Account Settings Write"))}}))(t)
	same(t, "updated", "desktop", updated.Name)
	ok(t, a.create(made.Value, "by a user token"))

	rolled := must(tokens.Value.Update(ctx, made.ID, user.TokenValueUpdateParams{}))(t)
	refused(t, a.groups(made.Value), 401, 10000)
	ok(t, a.groups(*rolled))

	deleted := must(tokens.Delete(ctx, made.ID))(t)
	same(t, "deleted", made.ID, deleted.ID)
	refused(t, a.groups(*rolled), 401, 10000)
	_, err := tokens.Get(ctx, made.ID)
	refused(t, err, 404, 0)
	_, err = bearer(*rolled).User.Tokens.Verify(ctx)
	refused(t, err, 401, 1000)
}

// TestUserTokenFollowsUser makes a token while its user may everything, and takes their rights away.
func TestUserTokenFollowsUser(t *testing.T) {
	a := newAccount(t)
	m := a.member("super_admin")
	made := must(bearer(a.secret(m)).User.Tokens.New(t.Context(), user.TokenNewParams{Name: text("n"), Policies: cloudflare.F(a.tokenPolicies("Account Settings Write"))}))(t)
	ok(t, a.create(made.Value, "while I may"))
	must(a.Accounts.Members.Update(t.Context(), m.ID, a.replaceWith("admin_readonly")))(t)
	ok(t, a.groups(made.Value))
	refused(t, a.create(made.Value, "no more"), 403, 10000)
	must(a.Accounts.Members.Delete(t.Context(), m.ID, accounts.MemberDeleteParams{AccountID: text(a.id)}))(t)
	refused(t, a.groups(made.Value), 401, 10000)
}
