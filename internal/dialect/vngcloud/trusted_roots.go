package vngcloud

import (
	"strconv"
	"strings"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// trustRoutes are of section 10.5: which other accounts may act as a service account.
func trustRoutes() []wire.Route {
	const all, each = accountsV1 + "/service-accounts/{id}/trusted-roots", accountsV1 + "/service-accounts/{id}/trusted-roots/{rootPortalId}"
	trust := area{missing: attachmentMissing, exists: "TRUSTED_ROOT_EXISTED"}
	return []wire.Route{
		accounts.route(get, all, control.ListTrustedRoots, on(aClient), listTrustedRoots),
		trust.route(post, each, control.AttachTrustedRoot, on(aClient), changeTrust((*iam.Draft).TrustRoot)),
		trust.route(del, each, control.DetachTrustedRoot, on(aClient), changeTrust((*iam.Draft).DistrustRoot)),
	}
}

func listTrustedRoots(c *call) (*wire.Answer, error) {
	a, err := c.clientInPath()
	if err != nil {
		return nil, err
	}
	return c.shown(append([]int64{}, a.TrustedRoots...))
}

func changeTrust(change func(*iam.Draft, iam.ServiceAccountID, int64) error) handler {
	return func(c *call) (*wire.Answer, error) {
		text := c.R.PathValue("rootPortalId")
		root, err := strconv.ParseInt(text, 10, 64)
		if err != nil || root <= 0 || strings.Trim(text, "0123456789") != "" {
			return nil, invalid("rootPortalId", "is the number of an account")
		}
		a, err := c.clientInPath()
		if err != nil {
			return nil, err
		}
		c.Permit.Target.Details = map[string]any{"trusted_root": text}
		return c.write(func(d *iam.Draft) error { return change(d, a.ID, root) })
	}
}
