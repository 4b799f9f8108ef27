package client

import (
	"context"

	"github.com/writ-iam/writ/client/apitype"
)

// The methods in this file are for operators.

const (
	organizations = "/v1/organizations"
	people        = "/v1/people"
)

// ListOrganizations gives a page of the organizations of the installation.
func (c *Client) ListOrganizations(ctx context.Context, p ListParams) (*apitype.OrganizationList, error) {
	return do[apitype.OrganizationList](ctx, c, "GET", p.on(organizations), nil)
}

// CreateOrganization makes an organization with an owner and the owner's token.
func (c *Client) CreateOrganization(ctx context.Context, in apitype.CreateOrganizationRequest) (*apitype.CreateOrganizationAnswer, error) {
	return do[apitype.CreateOrganizationAnswer](ctx, c, "POST", organizations, in)
}

// GetOrganization gives one organization.
func (c *Client) GetOrganization(ctx context.Context, organizationID string) (*apitype.OrganizationAnswer, error) {
	return do[apitype.OrganizationAnswer](ctx, c, "GET", at(organizations, organizationID), nil)
}

// SuspendOrganization makes an organization deny everything and refuse every change.
func (c *Client) SuspendOrganization(ctx context.Context, organizationID string) (*apitype.OrganizationAnswer, error) {
	return do[apitype.OrganizationAnswer](ctx, c, "POST", at(organizations, organizationID, "/suspend"), nil)
}

// ResumeOrganization ends a suspension.
func (c *Client) ResumeOrganization(ctx context.Context, organizationID string) (*apitype.OrganizationAnswer, error) {
	return do[apitype.OrganizationAnswer](ctx, c, "POST", at(organizations, organizationID, "/resume"), nil)
}

// ListQuotas gives all quotas of an organization.
func (c *Client) ListQuotas(ctx context.Context, organizationID string) (*apitype.QuotaList, error) {
	return do[apitype.QuotaList](ctx, c, "GET", at(organizations, organizationID, "/quotas"), nil)
}

// SetQuota changes one limit of an organization.
func (c *Client) SetQuota(ctx context.Context, organizationID, name string, limit int64) (*apitype.QuotaAnswer, error) {
	return do[apitype.QuotaAnswer](ctx, c, "PUT", at(organizations, organizationID, "/quotas", name), apitype.SetQuotaRequest{Limit: &limit})
}

// PersonParams choose a page of people.
type PersonParams struct {
	PageParams
	Email string // exact, or a prefix if it ends in "*"; compared without case
}

// ListPeople gives a page of the people of the installation.
func (c *Client) ListPeople(ctx context.Context, p PersonParams) (*apitype.PersonList, error) {
	return do[apitype.PersonList](ctx, c, "GET", p.on(people, "email", p.Email), nil)
}

// CreatePerson makes a person.
func (c *Client) CreatePerson(ctx context.Context, in apitype.CreatePersonRequest) (*apitype.PersonAnswer, error) {
	return do[apitype.PersonAnswer](ctx, c, "POST", people, in)
}

// GetPerson gives one person.
func (c *Client) GetPerson(ctx context.Context, personID string) (*apitype.PersonAnswer, error) {
	return do[apitype.PersonAnswer](ctx, c, "GET", at(people, personID), nil)
}

// UpdatePerson enables or disables a person everywhere.
func (c *Client) UpdatePerson(ctx context.Context, personID string, in apitype.UpdatePersonRequest) (*apitype.PersonAnswer, error) {
	return do[apitype.PersonAnswer](ctx, c, "PATCH", at(people, personID), in)
}
