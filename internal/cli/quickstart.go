package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/writ-iam/writ/internal/config"
	"github.com/writ-iam/writ/internal/server"
)

const quickstartHelp = `Makes an installation in the data folder if there is none, serves it, fills it with an example through the API as any
client would, and prints what to try next. A later start finds the same data; what was changed in the example stays so.

It serves plain HTTP and is meant for a laptop or CI. For anything else: writ init, writ serve.

Examples:

  writ quickstart
  writ quickstart --data /tmp/writ --listen 127.0.0.1:9000 --metrics-listen ''`

func (a *app) quickstartCommand() *cobra.Command {
	c := &cobra.Command{Use: "quickstart", Short: "Make an installation with an example, and serve it", Long: quickstartHelp, Args: cobra.NoArgs}
	a.settings(c.Flags(), "listen", "metrics-listen", "log-level", "log-format")
	c.RunE = a.work(func(ctx context.Context, _ []string) error { return a.quickstart(ctx) })
	return c
}

func (a *app) quickstart(ctx context.Context) error {
	cfg, err := a.server()
	if err != nil {
		return err
	}
	if cfg.TLS() {
		return errors.New("quickstart serves plain HTTP; with TLS, use writ init and writ serve")
	}
	if err := server.Init(ctx, *cfg, nil); err != nil && !errors.Is(err, server.ErrInstalled) {
		return err
	}
	return a.serving(ctx, cfg, func(ctx context.Context, at server.Addresses) error {
		env, err := noteURL(&cfg.Config, at.URL)
		if err != nil {
			return err
		}
		if env.Get(config.OperatorToken) == "" {
			return fmt.Errorf("%s has no operator's token, which is told only once; name the right file with --env-file, or remove %s and begin anew",
				cfg.EnvFile, cfg.Data)
		}
		t, err := a.seed(ctx, cfg, at, env)
		if err != nil {
			return fmt.Errorf("making the example: %w", err)
		}
		return t.print(ctx)
	})
}
