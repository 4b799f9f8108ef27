package vngcloud

import (
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// quotaRoutes is in section 12. Managed policies are nobody's and do not count.
func quotaRoutes() []wire.Route {
	return []wire.Route{
		area{}.route(get, policiesV1+"/quotas/policy", control.GetPolicyQuota, anyOf(iam.TypePolicy), func(c *call) (*wire.Answer, error) {
			return c.quota(iam.QuotaPolicies, c.View().Policies().Len())
		}),
		area{}.route(get, policiesV1+"/quotas/group", control.GetGroupQuota, anyOf(iam.TypeGroup), func(c *call) (*wire.Answer, error) {
			return c.quota(iam.QuotaGroups, c.View().Groups().Len())
		}),
	}
}

func (c *call) quota(name string, usage int) (*wire.Answer, error) {
	limit, _ := c.View().Quota(name)
	return c.shown(struct {
		Limit int64 `json:"limit"`
		Usage int   `json:"usage"`
	}{limit, usage})
}
