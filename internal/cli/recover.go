package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/writ-iam/writ/internal/server"
)

const recoverHelp = `Makes a token for when all others are lost: of an organization's owner, whose credentials nobody else can make, or,
without --organization, of another operator. It works in the data folder, with the master key, while no server runs.

The token is printed and kept nowhere. What was lost goes on working: delete it with the new token. The audit log tells of it,
the organization's or the platform's, as iam.owner.recover or platform.operator.recover.

Examples:

  writ recover
  writ recover --data /var/lib/writ --organization 4c2f7b1a-9e7d-4a51-8f13-2b6a7c8d9e0f`

func (a *app) recoverCommand() *cobra.Command {
	c := &cobra.Command{Use: "recover", Short: "Make a token of an owner or operator who has lost all of theirs", Long: recoverHelp, Args: cobra.NoArgs}
	organization := c.Flags().String("organization", "", "id of the organization whose owner the token is of")
	a.settings(c.Flags(), "master-key-file")
	c.RunE = a.work(func(ctx context.Context, _ []string) error { return a.recover(ctx, *organization) })
	return c
}

// recover prints the token alone, so that a script can take it, and beside it whose it is.
func (a *app) recover(ctx context.Context, organization string) error {
	cfg, err := a.server()
	if err != nil {
		return err
	}
	r, err := server.Recover(ctx, *cfg, organization)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.err, "A token of %s, which is shown this once:\n", r.Name)
	a.printf("%s\n", r.Token)
	return nil
}
