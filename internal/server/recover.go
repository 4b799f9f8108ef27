package server

import (
	"context"
	"errors"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
)

// Recover makes a token in the installation in the data folder: of the owner of an organization, or of another operator if none is
// named. No server may run on it meanwhile.
func Recover(ctx context.Context, cfg Config, organization string) (_ *control.Recovered, err error) {
	s, err := Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if organization == "" {
		return s.control.RecoverOperator(ctx)
	}
	id, err := iam.ParseUUID(organization)
	if err != nil {
		return nil, err
	}
	return s.control.RecoverOwner(ctx, iam.OrgID{UUID: id})
}
