package iam

// Actor is who does something, once authenticated. It is an explicit argument everywhere, so that it cannot be
// forgotten; the zero Actor is nobody and may do nothing.
type Actor struct {
	Org OrgID
	// Principal holds the rights: a user, a service account, or the role of a role session.
	Principal Principal
	// Name and Email say who it is in the audit log; for a role session, who assumed the role.
	Name, Email string
	// Credential proved it; zero for a role session, and for a session of a user who has signed in.
	Credential CredentialID
	// Session is the role session; zero otherwise.
	Session SessionID
	// UserSession is the session of a user that proved it, with the Credential that it was made with; zero otherwise.
	UserSession UserSessionID
	// Behind is who assumed the role; the same as Principal otherwise. Its ID is zero for a workload.
	Behind Principal
	// By is who acts as the principal with a token that they were given for that; zero otherwise. They may belong to another
	// organization, whose account number is ByAccount.
	By        Principal
	ByAccount int64
}

// Borrowed tells whether somebody else acts as the principal.
func (a Actor) Borrowed() bool { return !a.By.ID.IsZero() }

// CRN names the principal.
func (a Actor) CRN() string { return a.Principal.CRN().String() }

// CRN names the principal.
func (p Principal) CRN() CRN {
	switch p.Kind {
	case KindOfUser:
		return Name(TypeUser, p.ID)
	case KindOfServiceAccount:
		return Name(TypeServiceAccount, p.ID)
	case KindOfRole:
		return Name(TypeRole, p.ID)
	}
	return CRN{}
}
