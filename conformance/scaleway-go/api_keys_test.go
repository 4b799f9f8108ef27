package scalewaygo

import (
	"regexp"
	"slices"
	"testing"
	"time"

	iam "github.com/scaleway/scaleway-sdk-go/api/iam/v1alpha1"
	"github.com/scaleway/scaleway-sdk-go/scw"
)

var (
	accessKey = regexp.MustCompile(`^SCW[0-9A-HJKMNP-TV-Z]{17}$`)
	secretKey = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
)

// soon is a time in a while, to the second, as the SDK sends it.
func soon(d time.Duration) *time.Time { return new(time.Now().UTC().Add(d).Truncate(time.Second)) }

func TestAPIKeyLife(t *testing.T) {
	o := newOrganization(t)
	application, expires := o.application("ci"), soon(time.Hour)
	made := must(o.CreateAPIKey(&iam.CreateAPIKeyRequest{ApplicationID: &application.ID, Description: "nightly backup", ExpiresAt: expires}))(t)
	if !accessKey.MatchString(made.AccessKey) || made.SecretKey == nil || !secretKey.MatchString(*made.SecretKey) {
		t.Fatalf("the key is %s with the secret %v", made.AccessKey, made.SecretKey)
	}
	isRecent(t, made.CreatedAt)
	isRecent(t, made.UpdatedAt)
	shown := &iam.APIKey{AccessKey: made.AccessKey, ApplicationID: &application.ID, Description: "nightly backup", CreatedAt: made.CreatedAt,
		UpdatedAt: made.UpdatedAt, ExpiresAt: expires, DefaultProjectID: o.ID, Editable: true, Deletable: true, CreationIP: "127.0.0.1",
		Srn: "srn://iam.127.0.0.1/api-keys/" + made.AccessKey}
	same(t, "got", shown, must(o.GetAPIKey(&iam.GetAPIKeyRequest{AccessKey: made.AccessKey}))(t))
	shown.SecretKey = made.SecretKey
	same(t, "made", shown, made)

	project := o.project("p")
	changed := must(o.UpdateAPIKey(&iam.UpdateAPIKeyRequest{AccessKey: made.AccessKey, Description: new("weekly"), DefaultProjectID: &project}))(t)
	shown.SecretKey, shown.Description, shown.DefaultProjectID, shown.UpdatedAt = nil, "weekly", project, changed.UpdatedAt
	same(t, "changed", shown, changed)
	_, err := o.UpdateAPIKey(&iam.UpdateAPIKeyRequest{AccessKey: made.AccessKey, ExpiresAt: soon(2 * time.Hour)})
	invalid(t, err, "expires_at", "constraint")

	done(t, o.DeleteAPIKey(&iam.DeleteAPIKeyRequest{AccessKey: made.AccessKey}))
	_, err = o.GetAPIKey(&iam.GetAPIKeyRequest{AccessKey: made.AccessKey})
	missing(t, err, "access_key", made.AccessKey)
	missing(t, o.DeleteAPIKey(&iam.DeleteAPIKeyRequest{AccessKey: made.AccessKey}), "access_key", made.AccessKey)
}

func TestAPIKeyRevoked(t *testing.T) {
	o := newOrganization(t)
	a := o.actor(o.rule("IAMReadOnly"))
	must(a.ListGroups(&iam.ListGroupsRequest{}))(t)
	done(t, o.DeleteAPIKey(&iam.DeleteAPIKeyRequest{AccessKey: a.key.AccessKey}))
	_, err := a.ListGroups(&iam.ListGroupsRequest{})
	unauthenticated(t, err, "api_key", "not_found")
}

func TestAPIKeyExpires(t *testing.T) {
	o := newOrganization(t)
	a := o.actor(o.rule("IAMReadOnly"))
	key := must(o.CreateAPIKey(&iam.CreateAPIKeyRequest{ApplicationID: &a.application.ID, ExpiresAt: soon(4 * time.Second)}))(t)
	api := o.as(key)
	must(api.ListGroups(&iam.ListGroupsRequest{}))(t)
	var err error
	eventually(t, "the key to expire", func() bool {
		_, err = api.ListGroups(&iam.ListGroupsRequest{})
		return err != nil
	})
	unauthenticated(t, err, "api_key", "expired")
	expired := must(o.ListAPIKeys(&iam.ListAPIKeysRequest{Expired: new(true)}))(t)
	same(t, "expired", []string{key.AccessKey}, values(expired.APIKeys, (func(k *iam.APIKey) string { return k.AccessKey })))
}

func TestAPIKeyBearers(t *testing.T) {
	o, other := newOrganization(t), newOrganization(t)
	user, application := o.member("ada"), o.application("ci")
	if made := must(o.CreateAPIKey(&iam.CreateAPIKeyRequest{UserID: &user.ID}))(t); made.UserID == nil || *made.UserID != user.ID || made.ApplicationID != nil {
		t.Errorf("a user's: %+v", made)
	}
	_, err := o.CreateAPIKey(&iam.CreateAPIKeyRequest{})
	invalid(t, err, "bearer", "required")
	_, err = o.CreateAPIKey(&iam.CreateAPIKeyRequest{UserID: &user.ID, ApplicationID: &application.ID})
	invalid(t, err, "bearer", "constraint")
	_, err = o.CreateAPIKey(&iam.CreateAPIKeyRequest{UserID: new(unknownID)})
	missing(t, err, "user", unknownID)
	theirs := other.application("theirs").ID
	_, err = o.CreateAPIKey(&iam.CreateAPIKeyRequest{ApplicationID: &theirs})
	missing(t, err, "application", theirs)
	_, err = o.CreateAPIKey(&iam.CreateAPIKeyRequest{ApplicationID: &application.ID, DefaultProjectID: new(unknownID)})
	missing(t, err, "project", unknownID)
	_, err = o.CreateAPIKey(&iam.CreateAPIKeyRequest{ApplicationID: &application.ID, ExpiresAt: soon(-time.Hour)})
	invalid(t, err, "expires_at", "constraint")

	a := o.actor(o.rule("IAMApplicationManager"))
	must(a.CreateAPIKey(&iam.CreateAPIKeyRequest{ApplicationID: &application.ID}))(t)
	_, err = a.CreateAPIKey(&iam.CreateAPIKeyRequest{UserID: &user.ID})
	denied(t, err, "create", "api_key")
	none := o.actor()
	_, err = none.GetAPIKey(&iam.GetAPIKeyRequest{AccessKey: o.key.AccessKey})
	denied(t, err, "read", "api_key")
	_, err = none.ListAPIKeys(&iam.ListAPIKeysRequest{})
	denied(t, err, "list", "api_key")
}

func TestAPIKeyMaximum(t *testing.T) {
	o := newOrganization(t)
	application, day := o.application("ci"), &scw.Duration{Seconds: 24 * 60 * 60}
	must(o.UpdateOrganizationSecuritySettings(&iam.UpdateOrganizationSecuritySettingsRequest{MaxAPIKeyExpirationDuration: day}))(t)
	for _, late := range []*time.Time{nil, soon(25 * time.Hour)} {
		_, err := o.CreateAPIKey(&iam.CreateAPIKeyRequest{ApplicationID: &application.ID, ExpiresAt: late})
		invalid(t, err, "expires_at", "constraint")
	}
	must(o.CreateAPIKey(&iam.CreateAPIKeyRequest{ApplicationID: &application.ID, ExpiresAt: soon(23 * time.Hour)}))(t)
}

func TestAPIKeyList(t *testing.T) {
	o := newOrganization(t)
	user, application := o.member("ada"), o.application("ci")
	one := must(o.CreateAPIKey(&iam.CreateAPIKeyRequest{ApplicationID: &application.ID, Description: "Backup", ExpiresAt: soon(2 * time.Hour)}))(t).AccessKey
	two := must(o.CreateAPIKey(&iam.CreateAPIKeyRequest{ApplicationID: &application.ID, Description: "deploy", ExpiresAt: soon(time.Hour)}))(t).AccessKey
	three := must(o.CreateAPIKey(&iam.CreateAPIKeyRequest{UserID: &user.ID, Description: "backup"}))(t).AccessKey
	all := []string{o.key.AccessKey, one, two, three}
	list := func(request iam.ListAPIKeysRequest) []string {
		t.Helper()
		got := must(o.ListAPIKeys(&request, scw.WithAllPages()))(t)
		if int(got.TotalCount) != len(got.APIKeys) {
			t.Errorf("%d of %d", len(got.APIKeys), got.TotalCount)
		}
		return values(got.APIKeys, func(k *iam.APIKey) string { return k.AccessKey })
	}
	byName := slices.Sorted(slices.Values(all))
	same(t, "all", all, list(iam.ListAPIKeysRequest{}))
	same(t, "in pages of one", all, list(iam.ListAPIKeysRequest{PageSize: new(uint32(1))}))
	same(t, "by name", byName, list(iam.ListAPIKeysRequest{OrderBy: iam.ListAPIKeysRequestOrderByAccessKeyAsc}))
	same(t, "by expiry", []string{two, one}, list(iam.ListAPIKeysRequest{OrderBy: iam.ListAPIKeysRequestOrderByExpiresAtAsc})[:2])
	same(t, "an application's", []string{one, two}, list(iam.ListAPIKeysRequest{ApplicationID: &application.ID}))
	same(t, "a bearer's", []string{three}, list(iam.ListAPIKeysRequest{BearerID: &user.ID}))
	same(t, "users'", []string{o.key.AccessKey, three}, list(iam.ListAPIKeysRequest{BearerType: iam.BearerTypeUser}))
	same(t, "any bearer's", all, list(iam.ListAPIKeysRequest{BearerType: iam.BearerTypeUnknownBearerType}))
	same(t, "named", []string{two, three}, list(iam.ListAPIKeysRequest{AccessKeys: []string{three, two, nobodysKey}}))
	same(t, "described", []string{one, three}, list(iam.ListAPIKeysRequest{Description: new("BACKUP")}))
	same(t, "editable", []string{}, list(iam.ListAPIKeysRequest{Editable: new(false)}))
}
