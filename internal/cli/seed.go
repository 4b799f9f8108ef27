package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/writ-iam/writ/client"
	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/config"
	"github.com/writ-iam/writ/internal/server"
)

// seeder fills an organization with the example. Every step looks first whether it is done, by name, so that a start
// that was interrupted is completed by the next. The last step writes config.ExampleAPIKey into the env file: with it,
// the example is complete and left alone.
type seeder struct {
	file     string
	env      *config.Env
	operator *client.Client
	owner    *client.Client
	have     inventory
}

// seed makes the example if it is not complete, and gives the tour of what there is.
func (a *app) seed(ctx context.Context, cfg *server.Config, at server.Addresses, env *config.Env) (*tour, error) {
	operator, err := client.New(client.Config{URL: at.Local, Token: env.Get(config.OperatorToken)})
	if err != nil {
		return nil, err
	}
	s := &seeder{file: cfg.EnvFile, env: env, operator: operator}
	if err := s.organization(ctx); err != nil {
		return nil, err
	}
	if s.owner, err = client.New(client.Config{URL: at.Local, Token: env.Get(config.Token)}); err != nil {
		return nil, err
	}
	t := &tour{app: a, cfg: cfg, at: at, env: env, owner: s.owner, example: true}
	filled := env.Get(config.ExampleAPIKey) != ""
	if filled && env.Get(config.ScalewayKey) != "" && env.Get(config.ExoscaleKey) != "" {
		return t, nil
	}
	if t.example, err = s.isExample(ctx); err != nil || !t.example {
		return t, err
	}
	if filled { // an example that an earlier version made lacks keys for the clients that it did not know
		return t, inTurn(ctx, s.scalewayKey, s.roleKey)
	}
	return t, s.fill(ctx)
}

// organization makes the example's organization, unless the env file has the token of an organization's owner.
func (s *seeder) organization(ctx context.Context) error {
	if s.env.Get(config.Token) != "" {
		return nil
	}
	list, err := s.operator.ListOrganizations(ctx, client.ListParams{Name: exampleName})
	if err != nil {
		return err
	}
	if len(list.Organizations) > 0 {
		return fmt.Errorf("there is an organization %s, but its owner's token is not in %s: the first start was cut short just after making it, "+
			"and tokens are told only once. Remove the data folder and begin anew", exampleName, s.file)
	}
	made, err := s.operator.CreateOrganization(ctx, apitype.CreateOrganizationRequest{
		Name: exampleName, OwnerEmail: exampleOwner, OwnerName: "Olivia Owner"})
	if err != nil {
		return err
	}
	s.env.Set(config.Token, made.Token)
	s.env.Set(config.Organization, made.Organization.ID)
	return s.env.Write(s.file)
}

// isExample reports whether the organization is the example's. Another one is nobody's to fill.
func (s *seeder) isExample(ctx context.Context) (bool, error) {
	o, err := s.operator.GetOrganization(ctx, s.env.Get(config.Organization))
	if err != nil {
		return false, err
	}
	return o.Organization.Name == exampleName, nil
}

func (s *seeder) fill(ctx context.Context) error {
	if err := s.have.read(ctx, s.owner); err != nil {
		return err
	}
	return inTurn(ctx, s.policies, s.groups, s.people, s.serviceAccount, s.role, s.ownerKey, s.scalewayKey, s.roleKey, s.exampleKey)
}

// inTurn takes steps until one fails.
func inTurn(ctx context.Context, steps ...func(context.Context) error) error {
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// inventory is what the organization has, by name.
type inventory struct {
	policies, groups, accounts, roles map[string]string // ids
	users                             map[string]apitype.User
}

func (v *inventory) read(ctx context.Context, c *client.Client) error {
	first := client.ListParams{PageParams: client.PageParams{Limit: 100}} // a partial example has fewer
	policies, err := c.ListPolicies(ctx, first)
	if err != nil {
		return err
	}
	groups, err := c.ListGroups(ctx, first)
	if err != nil {
		return err
	}
	accounts, err := c.ListServiceAccounts(ctx, first)
	if err != nil {
		return err
	}
	roles, err := c.ListRoles(ctx, first)
	if err != nil {
		return err
	}
	users, err := c.ListUsers(ctx, first)
	if err != nil {
		return err
	}
	v.policies = byName(policies.Policies, func(p apitype.Policy) (string, string) { return p.Name, p.ID })
	v.groups = byName(groups.Groups, func(g apitype.Group) (string, string) { return g.Name, g.ID })
	v.accounts = byName(accounts.ServiceAccounts, func(a apitype.ServiceAccount) (string, string) { return a.Name, a.ID })
	v.roles = byName(roles.Roles, func(r apitype.Role) (string, string) { return r.Name, r.ID })
	v.users = byName(users.Users, func(u apitype.User) (string, apitype.User) { return u.Email, u })
	return nil
}

func byName[T, V any](list []T, entry func(T) (string, V)) map[string]V {
	m := map[string]V{}
	for _, x := range list {
		k, v := entry(x)
		m[k] = v
	}
	return m
}

func (s *seeder) policies(ctx context.Context) error {
	for _, p := range examplePolicies {
		if s.have.policies[p.name] != "" {
			continue
		}
		made, err := s.owner.CreatePolicy(ctx, apitype.CreatePolicyRequest{Name: p.name, Description: &p.description,
			Language: p.language, Document: exampleDocument(p.document, s.env.Get(config.Organization))})
		if err != nil {
			return err
		}
		s.have.policies[p.name] = made.Policy.ID
	}
	return nil
}

func (s *seeder) groups(ctx context.Context) error {
	for _, g := range exampleGroups {
		if s.have.groups[g.name] == "" {
			made, err := s.owner.CreateGroup(ctx, apitype.CreateGroupRequest{Name: g.name, Description: &g.description})
			if err != nil {
				return err
			}
			s.have.groups[g.name] = made.Group.ID
		}
		id := s.have.groups[g.name]
		list, err := s.owner.ListGroupPolicies(ctx, id)
		if err != nil {
			return err
		}
		for _, name := range g.policies {
			policy := s.have.policies[name]
			if slices.ContainsFunc(list.Policies, func(p apitype.Policy) bool { return p.ID == policy }) {
				continue
			}
			if _, err := s.owner.AttachGroupPolicy(ctx, id, policy); err != nil {
				return err
			}
		}
	}
	return nil
}

// people makes the people of the example, who are the installation's, and users of them.
func (s *seeder) people(ctx context.Context) error {
	for _, p := range examplePeople {
		if _, is := s.have.users[p.email]; is {
			continue
		}
		list, err := s.operator.ListPeople(ctx, client.PersonParams{Email: p.email})
		if err != nil {
			return err
		}
		if len(list.People) == 0 {
			if _, err := s.operator.CreatePerson(ctx, apitype.CreatePersonRequest{Email: p.email, Name: p.name}); err != nil {
				return err
			}
		}
		if _, err := s.owner.AddUser(ctx, apitype.AddUserRequest{Email: p.email, GroupIDs: []string{s.have.groups[p.group]}}); err != nil {
			return err
		}
	}
	return nil
}

// serviceAccount makes the service account and attaches its policy.
func (s *seeder) serviceAccount(ctx context.Context) error {
	if s.have.accounts[exampleAccount.name] == "" {
		display, description := "CI deployer", "Deploys from the build pipeline"
		made, err := s.owner.CreateServiceAccount(ctx, apitype.CreateServiceAccountRequest{
			Name: exampleAccount.name, DisplayName: &display, Description: &description})
		if err != nil {
			return err
		}
		s.have.accounts[exampleAccount.name] = made.ServiceAccount.ID
	}
	id, policy := s.have.accounts[exampleAccount.name], s.have.policies[exampleAccount.policy]
	list, err := s.owner.ListServiceAccountPolicies(ctx, id)
	if err != nil || slices.ContainsFunc(list.Policies, func(p apitype.Policy) bool { return p.ID == policy }) {
		return err
	}
	_, err = s.owner.AttachServiceAccountPolicy(ctx, id, policy)
	return err
}

// role makes the role with its trust and its policies at once.
func (s *seeder) role(ctx context.Context) error {
	r := exampleRole
	if s.have.roles[r.name] != "" {
		return nil
	}
	trust := fmt.Sprintf(`{"principals":["crn::iam:service-account:%s"]}`, s.have.accounts[exampleAccount.name])
	var policies []string
	for _, name := range r.policies {
		policies = append(policies, s.have.policies[name])
	}
	_, err := s.owner.CreateRole(ctx, apitype.CreateRoleRequest{Name: r.name, Description: &r.description,
		TrustPolicy: []byte(trust), PolicyIDs: policies})
	return err
}

// ownerKey makes the owner's access key.
func (s *seeder) ownerKey(ctx context.Context) error {
	if s.env.Get(config.APIKey) != "" {
		return nil
	}
	o, made, err := s.keyOfOwner(ctx, apitype.CreateCredentialRequest{Name: exampleKey})
	if err != nil {
		return err
	}
	s.env.SetOwnerKey(o.ID, o.AccountNumber, pair(made))
	return s.env.Write(s.file)
}

// scalewayKey makes the owner's access key for Scaleway's clients, which take no other form.
func (s *seeder) scalewayKey(ctx context.Context) error {
	if s.env.Get(config.ScalewayKey) != "" {
		return nil
	}
	o, made, err := s.keyOfOwner(ctx, apitype.CreateCredentialRequest{Name: exampleKey + " scaleway", Form: "scaleway"})
	if err != nil {
		return err
	}
	s.env.SetURL(s.env.Get(config.URL)) // which an env file of an earlier version has not said to these clients
	s.env.SetScalewayKey(o.ID, pair(made))
	return s.env.Write(s.file)
}

// roleKey makes an access key of the role Owner for Exoscale's clients, which sign with it; see keyOfOwner.
func (s *seeder) roleKey(ctx context.Context) error {
	if s.env.Get(config.ExoscaleKey) != "" {
		return nil
	}
	list, err := s.owner.ListPredefinedRoles(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list.Roles, func(r apitype.Role) bool { return r.Name == "Owner" })
	if i < 0 {
		return fmt.Errorf("organization %s has no role Owner", exampleName)
	}
	role := list.Roles[i].ID
	keys, err := s.owner.ListRoleCredentials(ctx, role)
	if err != nil {
		return err
	}
	if err := removeNamed(keys, exampleKey, func(id string) (apitype.Revision, error) { return s.owner.DeleteRoleCredential(ctx, role, id) }); err != nil {
		return err
	}
	made, err := s.owner.CreateRoleCredential(ctx, role, apitype.CreateCredentialRequest{Name: exampleKey})
	if err != nil {
		return err
	}
	s.env.SetURL(s.env.Get(config.URL))
	s.env.SetRoleKey(*made.Credential.AccessKeyID, made.SecretAccessKey)
	return s.env.Write(s.file)
}

// keyOfOwner makes a key of the owner. One of the same name that was made and not written down is of no use, and replaced.
func (s *seeder) keyOfOwner(ctx context.Context, in apitype.CreateCredentialRequest) (*apitype.Organization, *apitype.CredentialAnswer, error) {
	o, err := s.operator.GetOrganization(ctx, s.env.Get(config.Organization))
	if err != nil {
		return nil, nil, err
	}
	if o.Organization.OwnerID == nil {
		return nil, nil, fmt.Errorf("organization %s has no owner", exampleName)
	}
	owner := *o.Organization.OwnerID
	list, err := s.owner.ListUserCredentials(ctx, owner)
	if err != nil {
		return nil, nil, err
	}
	if err := removeNamed(list, in.Name, func(id string) (apitype.Revision, error) { return s.owner.DeleteUserCredential(ctx, owner, id) }); err != nil {
		return nil, nil, err
	}
	made, err := s.owner.CreateUserCredential(ctx, owner, in)
	return &o.Organization, made, err
}

// exampleKey makes the service account's access key; see keyOfOwner. It is the last step.
func (s *seeder) exampleKey(ctx context.Context) error {
	account := s.have.accounts[exampleAccount.name]
	list, err := s.owner.ListServiceAccountCredentials(ctx, account)
	if err != nil {
		return err
	}
	if err := removeNamed(list, exampleKey, func(id string) (apitype.Revision, error) {
		return s.owner.DeleteServiceAccountCredential(ctx, account, id)
	}); err != nil {
		return err
	}
	made, err := s.owner.CreateServiceAccountCredential(ctx, account, apitype.CreateCredentialRequest{Name: exampleKey})
	if err != nil {
		return err
	}
	s.env.Set(config.ExampleAPIKey, pair(made))
	return s.env.Write(s.file)
}

// removeNamed removes the keys of a name, which were made and not written down.
func removeNamed(list *apitype.CredentialList, name string, remove func(id string) (apitype.Revision, error)) error {
	for _, k := range list.Credentials {
		if k.Name != name {
			continue
		}
		if _, err := remove(k.ID); err != nil {
			return err
		}
	}
	return nil
}

func pair(k *apitype.CredentialAnswer) string {
	if k.Credential.AccessKeyID == nil {
		return k.SecretAccessKey
	}
	return *k.Credential.AccessKeyID + ":" + k.SecretAccessKey
}
