package scaleway

import (
	"slices"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

func quotaRoutes() []route {
	return []route{
		aQuotum.does(lists, get, "/quota", control.ListOwnQuotas, aQuotum.any, listQuota),
		aQuotum.does(reads, get, "/quota/{quotum_name}", control.GetOwnQuota, aQuotum.any, getQuotum),
	}
}

// quotum is section 4.8, and how much of it is used, which the vendor does not tell.
type quotum struct {
	Name         string         `json:"name"`
	Limit        int64          `json:"limit"`
	PrettyName   string         `json:"pretty_name"`
	Unit         string         `json:"unit"`
	Description  string         `json:"description"`
	LocalityType string         `json:"locality_type"`
	Limits       []quotumLimits `json:"limits"`
	Current      int            `json:"current"`
}

type quotumLimits struct {
	Global bool  `json:"global"`
	Limit  int64 `json:"limit"`
}

// quotumKind is one of the organization's quotas that this API has a word for.
type quotumKind struct {
	name, quota               string // this API's and the domain's
	pretty, unit, description string
	used                      func(*iam.State) int // nil if it is not of the organization as a whole
}

// quotumKinds are in the order of their names, which is the order of their creation too (section 3.2).
var quotumKinds = []quotumKind{
	{"iam_api_keys", iam.QuotaCredentials, "IAM API keys", "API keys", "API keys of one user or application", nil},
	{"iam_applications", iam.QuotaServiceAccounts, "IAM applications", "applications", "Applications in the Organization",
		func(s *iam.State) int { return s.ServiceAccounts().Len() }},
	{"iam_groups", iam.QuotaGroups, "IAM groups", "groups", "Groups in the Organization", func(s *iam.State) int { return s.Groups().Len() }},
	{"iam_policies", iam.QuotaPolicies, "IAM policies", "policies", "Policies in the Organization",
		func(s *iam.State) int { return s.Policies().Len() }},
	{"iam_users", iam.QuotaUsers, "IAM users", "users", "Users in the Organization", func(s *iam.State) int { return s.Users().Len() }},
	{"projects", iam.QuotaProjects, "Projects", "projects", "Projects in the Organization, beside the default one", (*iam.State).ProjectCount},
	{"ssh_keys", iam.QuotaSSHKeys, "SSH keys", "SSH keys", "SSH keys of all Projects", func(s *iam.State) int { return s.SSHKeys().Len() }},
}

// of gives the limit and the use. Of what is not of the organization as a whole, the use is the largest there is.
func (k *quotumKind) of(s *iam.State) (limit int64, current int) {
	limit, _ = s.Quota(k.quota)
	if k.used != nil {
		return limit, k.used(s)
	}
	for u := range s.Users().All() {
		current = max(current, s.CredentialsOf(u.ID.UUID).Len())
	}
	for a := range s.ServiceAccounts().All() {
		current = max(current, s.CredentialsOf(a.ID.UUID).Len())
	}
	return limit, current
}

func (c *call) quotum(k *quotumKind) quotum {
	limit, current := k.of(c.View().State)
	return quotum{k.name, limit, k.pretty, k.unit, k.description, "global", []quotumLimits{{true, limit}}, current}
}

func quotumName(k *quotumKind) string { return k.name }

func listQuota(c *call) (*wire.Answer, error) {
	q := c.query()
	q.require(organizationID)
	var list []*quotumKind
	names := q.all("quotum_names")
	for i := range quotumKinds {
		if k := &quotumKinds[i]; len(names) == 0 || slices.Contains(names, k.name) {
			list = append(list, k)
		}
	}
	list = sorted(q, list, orders[*quotumKind]{"name": byText(quotumName)}, nil, func(*quotumKind) iam.UUID { return iam.UUID{} })
	return paged(c, q, "quota", list, c.quotum)
}

func getQuotum(c *call) (*wire.Answer, error) {
	for i := range quotumKinds {
		if quotumKinds[i].name == c.R.PathValue("quotum_name") {
			return c.shown(c.quotum(&quotumKinds[i]))
		}
	}
	return nil, missing(aQuotum.word, shortened(c.R.PathValue("quotum_name")))
}

// exceeded is what clients are told of a quota of the domain's that is reached (section 5).
func exceeded(c *wire.Call, quota string) fields {
	out := fields{"resource": quota}
	if c.Permit == nil {
		return out
	}
	limit, known := c.View().Quota(quota)
	if !known { // a user's authenticators, which are no quota of the organization's
		limit = iam.MaxAuthenticators
	}
	out["quota"], out["current"] = limit, limit
	for _, k := range quotumKinds {
		if k.quota == quota {
			out["resource"] = k.name
			if k.used != nil {
				out["current"] = k.used(c.View().State)
			}
		}
	}
	return out
}
