package scalewaygo

import (
	"strings"
	"testing"

	iam "github.com/scaleway/scaleway-sdk-go/api/iam/v1alpha1"
)

func TestApplicationLife(t *testing.T) {
	o := newOrganization(t)
	made := must(o.CreateApplication(&iam.CreateApplicationRequest{Name: "ci", Description: "builds", Tags: []string{"team=core", "linux"}}))(t)
	isID(t, made.ID)
	isRecent(t, made.CreatedAt)
	isRecent(t, made.UpdatedAt)
	same(t, "made", &iam.Application{ID: made.ID, Name: "ci", Description: "builds", CreatedAt: made.CreatedAt, UpdatedAt: made.UpdatedAt,
		OrganizationID: o.ID, Editable: true, Deletable: true, Tags: []string{"team=core", "linux"}, Srn: "srn://iam.127.0.0.1/applications/" + made.ID}, made)
	same(t, "got", made, must(o.GetApplication(&iam.GetApplicationRequest{ApplicationID: made.ID}))(t))

	changed := must(o.UpdateApplication(&iam.UpdateApplicationRequest{ApplicationID: made.ID, Name: new("deploy"), Description: new(""), Tags: &[]string{}}))(t)
	want := *made
	want.Name, want.Description, want.Tags, want.UpdatedAt = "deploy", "", []string{}, changed.UpdatedAt
	same(t, "changed", &want, changed)
	if !changed.UpdatedAt.After(*made.UpdatedAt) {
		t.Errorf("updated at %v and then at %v", made.UpdatedAt, changed.UpdatedAt)
	}
	key := must(o.CreateAPIKey(&iam.CreateAPIKeyRequest{ApplicationID: &made.ID}))(t)
	if got := must(o.GetApplication(&iam.GetApplicationRequest{ApplicationID: made.ID}))(t); got.NbAPIKeys != 1 {
		t.Errorf("%d keys", got.NbAPIKeys)
	}

	done(t, o.DeleteApplication(&iam.DeleteApplicationRequest{ApplicationID: made.ID}))
	_, err := o.GetApplication(&iam.GetApplicationRequest{ApplicationID: made.ID})
	missing(t, err, "application", made.ID)
	_, err = o.GetAPIKey(&iam.GetAPIKeyRequest{AccessKey: key.AccessKey})
	missing(t, err, "access_key", key.AccessKey)
	missing(t, o.DeleteApplication(&iam.DeleteApplicationRequest{ApplicationID: made.ID}), "application", made.ID)
}

func TestApplicationNames(t *testing.T) {
	o := newOrganization(t)
	first, second := o.application("twin"), o.application("twin")
	if first.ID == second.ID || first.Name != second.Name {
		t.Errorf("%+v and %+v", first, second)
	}
	list := must(o.ListApplications(&iam.ListApplicationsRequest{Name: new("twin")}))(t)
	same(t, "both", []*iam.Application{first, second}, list.Applications)
	if invented := o.application(""); !strings.HasPrefix(invented.Name, "app-") {
		t.Errorf("the SDK called one %q", invented.Name)
	}
}

func TestApplicationRefusals(t *testing.T) {
	o, other := newOrganization(t), newOrganization(t)
	kept := o.application("kept")
	for why, x := range map[string]struct {
		argument, reason string
		body             iam.CreateApplicationRequest
	}{
		"a long name":        {"name", "constraint", iam.CreateApplicationRequest{Name: strings.Repeat("x", 65)}},
		"a name with a /":    {"name", "format", iam.CreateApplicationRequest{Name: "a/b"}},
		"a long description": {"description", "constraint", iam.CreateApplicationRequest{Name: "n", Description: strings.Repeat("x", 201)}},
		"the same tag twice": {"tags[1]", "constraint", iam.CreateApplicationRequest{Name: "n", Tags: []string{"a", "a"}}},
		"eleven tags":        {"tags", "constraint", iam.CreateApplicationRequest{Name: "n", Tags: strings.Split("a b c d e f g h i j k", " ")}},
	} {
		t.Run(why, func(t *testing.T) {
			_, err := o.CreateApplication(&x.body)
			invalid(t, err, x.argument, x.reason)
		})
	}
	for _, id := range []string{unknownID, other.application("theirs").ID} {
		_, err := o.GetApplication(&iam.GetApplicationRequest{ApplicationID: id})
		missing(t, err, "application", id)
		_, err = o.UpdateApplication(&iam.UpdateApplicationRequest{ApplicationID: id, Name: new("mine")})
		missing(t, err, "application", id)
	}
	for _, id := range malformedIDs {
		_, err := o.GetApplication(&iam.GetApplicationRequest{ApplicationID: id})
		invalid(t, err, "application_id", "format")
	}
	a := o.actor(o.rule("IAMGroupManager"))
	_, err := a.CreateApplication(&iam.CreateApplicationRequest{Name: "mine"})
	denied(t, err, "create", "application")
	denied(t, a.DeleteApplication(&iam.DeleteApplicationRequest{ApplicationID: kept.ID}), "delete", "application")
	same(t, "kept", kept, must(o.GetApplication(&iam.GetApplicationRequest{ApplicationID: kept.ID}))(t))
}
