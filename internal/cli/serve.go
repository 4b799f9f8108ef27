package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/writ-iam/writ/internal/config"
	"github.com/writ-iam/writ/internal/server"
)

const serveHelp = `Serves the installation in the data folder until it is told to stop (SIGINT, SIGTERM). It then answers the requests
under way and writes what is pending; a second signal ends it at once.

  /v1/…      the native API
  /healthz   200 once the process lives
  /readyz    200 while it can serve, 503 otherwise and from the beginning of a shutdown
  /metrics   for Prometheus, on the metrics address, where /healthz and /readyz are too

Every setting is a flag, a variable WRIT_NAME of the environment, or a line WRIT_NAME=value in the file that --config
names, the first of them counting. "writ config" shows what is in force. The env file's WRIT_URL is kept up to date.

Examples:

  writ serve
  writ serve --data /var/lib/writ --listen 0.0.0.0:443 --tls-cert cert.pem --tls-key key.pem
  WRIT_LISTEN=127.0.0.1:9000 writ serve --metrics-listen ''`

func (a *app) serveCommand() *cobra.Command {
	c := &cobra.Command{Use: "serve", Short: "Serve an installation", Long: serveHelp, Args: cobra.NoArgs}
	a.settings(c.Flags(), serverSettings()...)
	c.RunE = a.work(func(ctx context.Context, _ []string) error { return a.serve(ctx) })
	return c
}

// serverSettings are all but those that every command has.
func serverSettings() []string {
	var names []string
	for _, s := range config.Settings() {
		if s.Name != "data" && s.Name != "env-file" {
			names = append(names, s.Name)
		}
	}
	return names
}

func (a *app) serve(ctx context.Context) error {
	cfg, err := a.server()
	if err != nil {
		return err
	}
	return a.serving(ctx, cfg, func(_ context.Context, at server.Addresses) error {
		if _, err := noteURL(&cfg.Config, at.URL); err != nil {
			cfg.Log.Warn("the env file does not have the server's URL", "err", err)
		}
		return nil
	})
}

// serving opens the installation and serves it until a signal comes.
func (a *app) serving(ctx context.Context, cfg *server.Config, started func(context.Context, server.Addresses) error) (err error) {
	ctx, stop := untilSignal(ctx)
	defer stop()
	s, err := server.Open(ctx, *cfg)
	if errors.Is(err, server.ErrNotInstalled) {
		return fmt.Errorf("%w: make an installation with: %s", err, a.command(&cfg.Config, "init"))
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.Serve(ctx, started)
}

// untilSignal gives a context that ends with the first signal to stop. From then on signals do what they do by
// themselves: the second one ends the process.
func untilSignal(ctx context.Context) (context.Context, func()) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// noteURL writes the server's URL into the env file, if there is one.
func noteURL(cfg *config.Config, url string) (*config.Env, error) {
	env, err := config.ReadEnv(cfg.EnvFile)
	if err != nil || len(env.All()) == 0 || env.Get(config.URL) == url {
		return env, err
	}
	env.SetURL(url)
	return env, env.Write(cfg.EnvFile)
}
