package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/writ-iam/writ/client"
	"github.com/writ-iam/writ/client/apitype"
)

// principal turns what a user writes for a principal into its CRN.
func principal(ctx context.Context, c *client.Client, text string) (string, error) {
	kind, name, _ := strings.Cut(text, ":")
	if kind == "crn" {
		return text, nil
	}
	find, known := finders[kind]
	if !known || name == "" {
		return "", fmt.Errorf("%q is no principal; want a CRN, user:EMAIL, sa:NAME or role:NAME", text)
	}
	var crn string
	params := client.ListParams{Name: name, PageParams: client.PageParams{Limit: 100}}
	for crn == "" {
		next, err := find(ctx, c, params, &crn)
		if err != nil {
			return "", err
		}
		if crn == "" && next == "" {
			return "", fmt.Errorf("the organization has no %s %q", nouns[kind], name)
		}
		params.Marker = next
	}
	return crn, nil
}

var nouns = map[string]string{"user": "user with the address or username", "sa": "service account", "role": "role"}

// finders look through one page of a list, note the CRN if it is there, and give the marker of the next page.
var finders = map[string]func(context.Context, *client.Client, client.ListParams, *string) (string, error){
	"user": func(ctx context.Context, c *client.Client, p client.ListParams, crn *string) (string, error) {
		list, err := c.ListUsers(ctx, p)
		if err != nil {
			return "", err
		}
		for _, u := range list.Users {
			if strings.EqualFold(u.Email, p.Name) || strings.EqualFold(u.Username, p.Name) {
				*crn = u.CRN
			}
		}
		return next(list.Meta), nil
	},
	"sa": func(ctx context.Context, c *client.Client, p client.ListParams, crn *string) (string, error) {
		list, err := c.ListServiceAccounts(ctx, p)
		if err != nil {
			return "", err
		}
		for _, s := range list.ServiceAccounts {
			if s.Name == p.Name {
				*crn = s.CRN
			}
		}
		return next(list.Meta), nil
	},
	"role": func(ctx context.Context, c *client.Client, p client.ListParams, crn *string) (string, error) {
		list, err := c.ListRoles(ctx, p)
		if err != nil {
			return "", err
		}
		for _, r := range list.Roles {
			if r.Name == p.Name {
				*crn = r.CRN
			}
		}
		return next(list.Meta), nil
	},
}

// next gives the marker of the next page, "" after the last.
func next(m apitype.Meta) string {
	if !m.HasMore || m.Marker == nil {
		return ""
	}
	return *m.Marker
}
