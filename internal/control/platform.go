package control

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// operatorPolicy lets an operator do everything in the platform's own organization: the platform's operations, and
// managing further operators through the native API.
const operatorPolicy = `{"version":"2024-01-01","statements":[{"sid":"Operator","effect":"allow","actions":["*"],"resources":["*"]}]}`

// Install makes a new installation in an empty store: its keys and the operator. The operator's token is told this once.
// Exists if the store holds an installation already.
func Install(ctx context.Context, cfg Config) (operatorToken string, err error) {
	c := newControl(cfg)
	keys, err := authn.NewKeys(c.Master, c.Random, c.Now())
	if err != nil {
		return "", fmt.Errorf("making the installation's keys: %w", err)
	}
	if c.keys, err = authn.OpenKeyring(c.Master, keys); err != nil {
		return "", fmt.Errorf("opening the installation's keys: %w", err)
	}
	_, head, err := c.Store.Load(ctx, iam.PlatformOrg)
	if err != nil {
		return "", err
	}
	if head.Revision != 0 {
		return "", iam.Errorf(iam.Exists, "the store holds an installation already")
	}
	operator := iam.ServiceAccountID{UUID: c.NewID()}
	credential := c.newToken(operator.UUID, iam.KindOfServiceAccount, "operator")
	empty := iam.NewState(iam.PlatformOrg).In(builtin().world)
	d := empty.BeginAdministration(c.Now(), system)
	if err := c.furnish(d, keys, operator, credential); err != nil {
		return "", err
	}
	c.platform.mu.Lock()
	defer c.platform.mu.Unlock()
	if _, err := c.commit(ctx, c.platform, &snapshot{state: empty, index: authz.New(empty), words: builtin()}, d, systemAuthor, nil, "platform.install"); err != nil {
		return "", err
	}
	return c.sign(iam.PlatformOrg, credential)
}

// furnish drafts the platform's first commit.
func (c *Control) furnish(d *iam.Draft, keys []iam.SealedKey, operator iam.ServiceAccountID, credential iam.Credential) error {
	if err := d.Found(&iam.DirectoryEntry{Name: "platform", CreatedAt: d.Now()}, nil); err != nil {
		return err
	}
	for i := range keys {
		if err := d.AddSealedKey(&keys[i]); err != nil {
			return err
		}
	}
	if _, err := d.CreateServiceAccount(iam.ServiceAccount{ID: operator, Name: "operator"}); err != nil {
		return err
	}
	p, err := d.CreatePolicy(iam.Policy{ID: iam.PolicyID{UUID: c.NewID()}, Name: "operator",
		Language: policy.Statements, Document: operatorPolicy})
	if err != nil {
		return err
	}
	if err := d.Attach(p.ID, iam.Holder{Type: iam.TypeServiceAccount, ID: operator.UUID}); err != nil {
		return err
	}
	_, err = d.CreateCredential(credential)
	return err
}

// NewOrganization is what an operator asks for.
type NewOrganization struct {
	Name, OwnerEmail string
	OwnerName        string // of a person who is not known yet; the address if empty
}

// Founded is what the operator gets.
type Founded struct {
	Organization *iam.Organization
	Owner        *iam.User
	Token        string // the owner's, told this once
	Revision     iam.Revision
}

// CreateOrganization makes an organization with an owner and the owner's token. The owner is the person with the
// address, made if need be. The permit is for the operation CreateOrganization.
func (c *Control) CreateOrganization(ctx context.Context, p *Permit, in NewOrganization) (*Founded, error) {
	entry := &iam.DirectoryEntry{
		ID: iam.OrgID{UUID: c.NewID()}, Name: in.Name, Account: c.newAccount(),
		Owner: iam.UserID{UUID: c.NewID()}, CreatedAt: p.Now().UTC(),
	}
	person := iam.PersonID{UUID: c.NewID()}
	p.Target.ID, p.Target.Name = entry.ID.String(), in.Name
	_, err := p.Write(ctx, func(d *iam.Draft) error {
		owner, known := d.State().PersonByEmail(in.OwnerEmail)
		if !known {
			name := in.OwnerName
			if name == "" {
				name = in.OwnerEmail
			}
			var err error
			if owner, err = d.CreatePerson(person, in.OwnerEmail, name); err != nil {
				return ownerField(err)
			}
		}
		entry.Person, entry.CreatedAt = owner.ID, d.Now()
		return d.Register(entry)
	})
	if err != nil {
		return nil, err
	}
	return c.open(ctx, entry)
}

// ownerField names the fields of a person as NewOrganization does.
func ownerField(err error) error {
	if e, ok := err.(*iam.Error); ok && e.Field != "" {
		renamed := *e
		renamed.Field = "owner_" + e.Field
		return &renamed
	}
	return err
}

// open founds an organization that has just been registered and gives its owner a token.
func (c *Control) open(ctx context.Context, entry *iam.DirectoryEntry) (*Founded, error) {
	l, _, err := c.org(ctx, entry.ID)
	if err != nil {
		return nil, err
	}
	credential := c.newToken(entry.Owner.UUID, iam.KindOfUser, "first token")
	err = c.maintain(ctx, entry.ID, "platform.organization.open", func(d *iam.Draft) error {
		_, err := d.CreateCredential(credential)
		return err
	})
	if err != nil {
		return nil, err
	}
	token, err := c.sign(entry.ID, credential)
	if err != nil {
		return nil, err
	}
	s := l.now.Load()
	owner, err := s.state.User(entry.Owner)
	if err != nil {
		return nil, err
	}
	return &Founded{s.state.Organization(), owner, token, s.head.Revision}, nil
}

// newToken is a credential whose bearer token we sign.
func (c *Control) newToken(principal iam.UUID, kind iam.PrincipalKind, name string) iam.Credential {
	return iam.Credential{ID: iam.CredentialID{UUID: c.NewID()}, Kind: iam.Token, Name: name,
		Principal: iam.Principal{Kind: kind, ID: principal}}
}

func (c *Control) sign(org iam.OrgID, k iam.Credential) (string, error) {
	return c.keys.Sign(authn.Claims{Issuer: c.Issuer, Org: org, Principal: k.Principal, Credential: k.ID, IssuedAt: c.Now()})
}

// newAccount draws an account number of twelve digits. The store refuses one that is taken.
func (c *Control) newAccount() int64 {
	var b [8]byte
	if _, err := io.ReadFull(c.Random, b[:]); err != nil {
		panic("control: no randomness: " + err.Error())
	}
	const low, high = 100_000_000_000, 1_000_000_000_000
	return int64(low + binary.BigEndian.Uint64(b[:])%(high-low))
}

// Organization gives an organization as it is now, for an operator's reads. NotFound if it does not exist.
func (c *Control) Organization(ctx context.Context, p *Permit, id iam.OrgID) (*iam.State, error) {
	if p.Actor().Org != iam.PlatformOrg || !p.op.Platform {
		return nil, iam.Errorf(iam.Denied, "only operators see other organizations")
	}
	if _, err := p.View().Directory(id); err != nil {
		return nil, err
	}
	_, s, err := c.org(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.state, nil
}
