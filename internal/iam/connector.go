package iam

import (
	"slices"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/pmap"
)

// Connector claims an email domain for single sign-on (cloudflare.md, section 8). The organization proves that the domain is its
// own with a TXT record that holds Code:
//
//	create ──► awaiting ──begin──► pending ──record found──► verified ◄─► enabled
//	                      begin ▲     │
//	                            └─ failed  after VerificationLasts
//
// Only a verified connector can be enabled, one of each domain in the whole installation.
type Connector struct {
	ID           ConnectorID     `json:"id"`
	Domain       string          `json:"domain"` // in small letters
	Code         string          `json:"code"`   // the whole text of the TXT record; the same whenever verification begins anew
	Status       ConnectorStatus `json:"status"` // as it was recorded; see StatusAt
	PendingSince time.Time       `json:"pending_since,omitzero"`
	Enabled      bool            `json:"enabled,omitempty"`
	FedRAMP      bool            `json:"fedramp,omitempty"` // the wording that FedRAMP asks for is shown at sign-on
	CreatedAt    time.Time       `json:"created_at"`
	UpdatedAt    time.Time       `json:"updated_at"`
}

// ConnectorStatus is how far the proof of a connector's domain has come.
type ConnectorStatus string

// The statuses. They are part of the storage format.
const (
	ConnectorAwaiting ConnectorStatus = "awaiting" // nobody has asked for verification yet
	ConnectorPending  ConnectorStatus = "pending"  // the record is being looked for
	ConnectorFailed   ConnectorStatus = "failed"   // it was not found in time
	ConnectorVerified ConnectorStatus = "verified"
)

// VerificationLasts is how long a connector's record is looked for.
const VerificationLasts = 48 * time.Hour

// ConnectorCodePrefix is what every Code begins with; 9 to 12 random digits follow.
const ConnectorCodePrefix = "cloudflare_dashboard_sso="

// StatusAt is the status at a time: what has been pending for too long has failed, whether or not that has been recorded.
func (k *Connector) StatusAt(now time.Time) ConnectorStatus {
	if k.Status == ConnectorPending && !now.Before(k.PendingSince.Add(VerificationLasts)) {
		return ConnectorFailed
	}
	return k.Status
}

// Connector finds a connector; NotFound otherwise.
func (s *State) Connector(id ConnectorID) (*Connector, error) {
	return get(&s.connectors, id.UUID, "connector")
}

// Connectors lists all connectors. They go by the names of their domains.
func (s *State) Connectors() Listing[*Connector] { return all(&s.connectors) }

func (s *State) putConnector(e *pmap.Edit, id UUID, k *Connector) {
	old, _ := s.connectors.get(id)
	s.connectors.replace(e, old, k)
}

func (k *Connector) entry() entry { return entry{k.ID.UUID, k.CreatedAt, []string{k.Domain}} }

const (
	maxDomain = 253 // bytes (RFC 1035, section 2.3.4, without the root)
	maxLabel  = 63
)

// publicMail are domains, with all below them, whose addresses anybody can have: no organization speaks for their users.
var publicMail = []string{
	"126.com", "163.com", "aol.com", "fastmail.com", "gmail.com", "gmx.at", "gmx.ch", "gmx.com", "gmx.de", "gmx.net",
	"googlemail.com", "hey.com", "hotmail.com", "icloud.com", "live.com", "mac.com", "mail.com", "mail.ru", "me.com", "msn.com",
	"naver.com", "outlook.com", "pm.me", "proton.me", "protonmail.com", "qq.com", "t-online.de", "tuta.com", "tutanota.com",
	"web.de", "yahoo.co.jp", "yahoo.co.uk", "yahoo.com", "yandex.com", "yandex.ru", "zoho.com",
}

// PublicMailDomains lists the domains of public mail providers, which no connector can have.
func PublicMailDomains() []string { return slices.Clone(publicMail) }

// CheckDomain accepts the domains that a connector can have, and gives them in small letters.
func CheckDomain(field, domain string) (string, error) {
	switch {
	case domain == "":
		return "", FieldErrorf(Invalid, field, "is required")
	case len(domain) > maxDomain:
		return "", FieldErrorf(Invalid, field, "has at most %d bytes", maxDomain)
	case strings.ContainsFunc(domain, func(r rune) bool { return r >= 0x80 }):
		return "", FieldErrorf(Invalid, field, "must be in ASCII: write international names with xn--")
	case strings.Contains(domain, "@"):
		return "", FieldErrorf(Invalid, field, "must be a domain alone, without @")
	}
	domain = strings.ToLower(domain) // ASCII alone, in which no two letters become one but for case
	labels := strings.Split(domain, ".")
	if len(labels) < 2 || slices.ContainsFunc(labels, badLabel) || strings.Trim(labels[len(labels)-1], "0123456789") == "" {
		return "", FieldErrorf(Invalid, field, "is not a domain; want labels of letters, digits and dashes with dots between, as in corp.example.com")
	}
	return domain, refusedDomain(field, domain, labels)
}

func badLabel(s string) bool {
	return s == "" || len(s) > maxLabel || s[0] == '-' || s[len(s)-1] == '-' ||
		strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") != ""
}

// refusedDomain refuses domains whose users are not of one organization (cloudflare.md, section 8): those of public mail
// providers, and of schools: .edu, and .edu and .ac below a country.
func refusedDomain(field, domain string, labels []string) error {
	for _, p := range publicMail {
		if domain == p || strings.HasSuffix(domain, "."+p) {
			return FieldErrorf(Invalid, field, "is of a public mail provider, whose users are not yours")
		}
	}
	top, below := labels[len(labels)-1], labels[len(labels)-2]
	if top == "edu" || len(top) == 2 && (below == "edu" || below == "ac") {
		return FieldErrorf(Invalid, field, "is of a school or university, which single sign-on is not for")
	}
	return nil
}

// goodCode tells whether a text can be a connector's code.
func goodCode(code string) bool {
	digits, ok := strings.CutPrefix(code, ConnectorCodePrefix)
	return ok && len(digits) >= 9 && len(digits) <= 12 && strings.Trim(digits, "0123456789") == ""
}
