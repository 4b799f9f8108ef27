package iam

// NameOf gives the name of a thing of IAM in the organization, for audit events; "" if it has none or is not there.
func (s *State) NameOf(c CRN) string {
	id, err := ParseUUID(c.ID)
	if err != nil || c.Region != "" || c.Service != "iam" {
		return ""
	}
	switch c.Type {
	case TypeOrganization:
		if s.org != nil && s.org.ID.UUID == id {
			return s.org.Name
		}
	case TypePerson:
		return nameIn(&s.people, id, func(p *Person) string { return p.Email })
	case TypeUser:
		return nameIn(&s.users, id, (*User).Login)
	case TypeInvitation:
		return nameIn(&s.invitations, id, func(v *Invitation) string { return v.Email })
	case TypeServiceAccount:
		return nameIn(&s.accounts, id, func(a *ServiceAccount) string { return a.Name })
	case TypeGroup:
		return nameIn(&s.groups, id, func(g *Group) string { return g.Name })
	case TypeRole:
		return nameIn(&s.roles, id, func(r *Role) string { return r.Name })
	case TypePolicy:
		if p, err := s.Policy(PolicyID{id}); err == nil {
			return p.Name
		}
	case TypeResourceGroup:
		if g, err := s.ResourceGroup(ResourceGroupID{id}); err == nil {
			return g.Name
		}
	case TypeCredential, TypeAPIToken:
		return nameIn(&s.credentials, id, func(k *Credential) string { return k.Name })
	case TypeProject:
		return nameIn(&s.projects, id, func(p *Project) string { return p.Name })
	case TypeSSHKey:
		return nameIn(&s.sshKeys, id, func(k *SSHKey) string { return k.Name })
	case TypeSession:
		return nameIn(&s.sessions, id, func(x *Session) string { return x.Name })
	case TypeUserSession:
		if x, ok := s.userSessions.get(id); ok {
			return nameIn(&s.users, x.User.UUID, (*User).Login)
		}
	case TypeAuthenticator:
		return nameIn(&s.authenticators, id, func(a *Authenticator) string { return a.Name })
	case TypeConnector:
		return nameIn(&s.connectors, id, func(k *Connector) string { return k.Domain })
	}
	return ""
}

func nameIn[E entity](t *table[E], id UUID, name func(E) string) string {
	v, ok := t.get(id)
	if !ok {
		return ""
	}
	return name(v)
}
