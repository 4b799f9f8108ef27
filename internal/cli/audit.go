package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/writ-iam/writ/internal/server"
)

const verifyHelp = `Checks, for each organization, that the database holds what was committed: the hash of every commit and the chain that
they form, the records, and the events of the commits in the audit log. It reads only, beside a running server or
without one, and needs no master key.

It prints a line for each organization and exits with 1 if one is not as it was committed:

  ok ORGANIZATION revision N HASH
  BAD ORGANIZATION what is wrong, with the first commit that is

Whoever can rewrite the whole database can make all hashes fit. To find that out too, keep the lines elsewhere: a
revision that was printed once must never have another hash.

Examples:

  writ audit verify
  writ audit verify --data /var/lib/writ --organization 4c2f7b1a-9e7d-4a51-8f13-2b6a7c8d9e0f`

func (a *app) auditCommand() *cobra.Command {
	c := &cobra.Command{Use: "audit", Short: "Check the audit trail"}
	verify := &cobra.Command{Use: "verify", Short: "Check that the database holds what was committed", Long: verifyHelp, Args: cobra.NoArgs}
	organization := verify.Flags().String("organization", "", "check this organization only")
	verify.RunE = a.work(func(ctx context.Context, _ []string) error { return a.verify(ctx, *organization) })
	c.AddCommand(verify)
	return c
}

func (a *app) verify(ctx context.Context, organization string) error {
	cfg, err := a.server()
	if err != nil {
		return err
	}
	bad := 0
	err = server.Verify(ctx, *cfg, organization, func(v server.Verified) {
		if v.Problem != "" {
			bad++
			a.printf("BAD %s %s\n", v.Organization, v.Problem)
			return
		}
		a.printf("ok %s revision %d %s\n", v.Organization, v.Revision, v.Hash)
	})
	switch {
	case err != nil:
		return &exitError{exitUsage, fmt.Errorf("the check could not be made: %w", err)}
	case bad > 0:
		return &exitError{exitFailed, fmt.Errorf("%d organizations are not as they were committed", bad)}
	}
	return nil
}
