package iam

import (
	"slices"
	"strconv"
	"time"
)

// How long tokens are good for that an access key is exchanged for, in seconds.
const (
	DefaultTokenLifeSpan = 1800
	MinTokenLifeSpan     = 60
	MaxTokenLifeSpan     = 24 * 60 * 60
)

// MaxTrustedRoots is how many other organizations a service account can trust.
const MaxTrustedRoots = 100

// TokenLifeSpan is how long the tokens of the service account are good for.
func (a *ServiceAccount) TokenLifeSpan() time.Duration {
	if a.AccessTokenLifeSpan == 0 {
		return DefaultTokenLifeSpan * time.Second
	}
	return time.Duration(a.AccessTokenLifeSpan) * time.Second
}

// Trusts tells whether principals of the organization with an account number may act as the service account.
func (a *ServiceAccount) Trusts(root int64) bool { return slices.Contains(a.TrustedRoots, root) }

// SetTokenLifeSpan changes how long the tokens of a service account are good for, in seconds. Nothing is touched when nothing changes.
func (d *Draft) SetTokenLifeSpan(id ServiceAccountID, seconds int64) (*ServiceAccount, error) {
	old, err := d.s.ServiceAccount(id)
	switch {
	case err != nil:
		return nil, err
	case seconds < MinTokenLifeSpan || seconds > MaxTokenLifeSpan:
		return nil, FieldErrorf(Invalid, "access_token_life_span", "is a number of seconds from %d to %d", MinTokenLifeSpan, MaxTokenLifeSpan)
	case old.TokenLifeSpan() == time.Duration(seconds)*time.Second:
		return old, nil
	}
	a := *old
	a.AccessTokenLifeSpan, a.UpdatedAt = seconds, d.now
	d.putServiceAccount(&a)
	return &a, nil
}

// TrustRoot lets the principals of another organization act as a service account, as far as their own policies allow it. Exists if
// they may already. Whether there is such an organization is not told.
func (d *Draft) TrustRoot(id ServiceAccountID, root int64) error {
	old, err := d.s.ServiceAccount(id)
	switch {
	case err != nil:
		return err
	case root <= 0:
		return FieldErrorf(Invalid, "root", "is the number of an account")
	case !old.Token.IsZero():
		return Errorf(Conflict, "service account %q was made for one API token: nobody else acts as it", old.Name)
	case old.Trusts(root):
		return Errorf(Exists, "service account %q trusts account %d already", old.Name, root)
	case len(old.TrustedRoots) >= MaxTrustedRoots:
		return FieldErrorf(Quota, "trusted_roots", "a service account trusts at most %d accounts", MaxTrustedRoots)
	}
	d.setTrust(old, append(slices.Clip(old.TrustedRoots), root))
	return nil
}

// DistrustRoot takes that back. NotFound if the account is not trusted.
func (d *Draft) DistrustRoot(id ServiceAccountID, root int64) error {
	old, err := d.s.ServiceAccount(id)
	if err != nil {
		return err
	}
	if !old.Trusts(root) {
		return Errorf(NotFound, "service account %q does not trust account %d", old.Name, root)
	}
	d.setTrust(old, slices.DeleteFunc(slices.Clone(old.TrustedRoots), func(n int64) bool { return n == root }))
	return nil
}

func (d *Draft) setTrust(old *ServiceAccount, roots []int64) {
	a := *old
	a.TrustedRoots, a.UpdatedAt = roots, d.now
	d.putServiceAccount(&a)
}

// AccountText is the organization's account number as names of VNG Cloud's hold it; "" before the first commit.
func (s *State) AccountText() string {
	if s.org == nil {
		return ""
	}
	return strconv.FormatInt(s.org.Account, 10)
}
