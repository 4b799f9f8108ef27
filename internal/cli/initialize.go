package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/writ-iam/writ/internal/server"
)

const initHelp = `Makes an installation in the data folder: the database, the master key, and the env file with the operator's
token and, with --organization, the owner's. The folder must not hold an installation yet.

Keep a copy of the master key apart from copies of the database: neither opens anything without the other.

Tokens name their issuer, which is the public URL if one is given, and are refused under another one. It is recorded
now, so that it stays the same when the public URL changes.

Examples:

  writ init
  writ init --organization Acme --owner-email you@acme.example --owner-name "Your Name"
  writ init --data /var/lib/writ --env-file /etc/writ/env --public-url https://iam.acme.example`

func (a *app) initCommand() *cobra.Command {
	var first server.FirstOrganization
	c := &cobra.Command{Use: "init", Short: "Make an installation", Long: initHelp, Args: cobra.NoArgs}
	c.Flags().StringVar(&first.Name, "organization", "", "name of a first organization")
	c.Flags().StringVar(&first.OwnerEmail, "owner-email", "", "address of its owner")
	c.Flags().StringVar(&first.OwnerName, "owner-name", "", "name of its owner (default: the address)")
	a.settings(c.Flags(), "master-key-file", "public-url", "issuer", "listen")
	c.RunE = a.work(func(ctx context.Context, _ []string) error { return a.initialize(ctx, &first) })
	return c
}

func (a *app) initialize(ctx context.Context, first *server.FirstOrganization) error {
	switch {
	case first.Name == "" && first.OwnerEmail == "" && first.OwnerName == "":
		first = nil
	case first.Name == "" || first.OwnerEmail == "":
		return &exitError{exitUsage, errors.New("an organization needs both --organization and --owner-email")}
	}
	cfg, err := a.server()
	if err != nil {
		return err
	}
	if err := server.Init(ctx, *cfg, first); err != nil {
		return err
	}
	a.printf("Made an installation in %s.\n", cfg.Data)
	a.printf("  %s: the master key. Keep a copy of it, apart from copies of the database.\n", cfg.MasterKeyFile)
	a.printf("  %s: variables for clients, with tokens that are shown nowhere else.\n", cfg.EnvFile)
	if first != nil {
		a.printf("  Organization %s is made; its owner is %s.\n", first.Name, first.OwnerEmail)
	}
	a.printf("\nNext:\n  %s\n  eval \"$(%s)\"    # in another terminal\n", a.command(&cfg.Config, "serve"), a.command(&cfg.Config, "env"))
	return nil
}
