package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

const configHelp = `Prints every setting that is in force and where its value comes from: a flag, the environment, the file that --config
names, or the default, the first of them counting. It takes the flags of "writ serve".

Examples:

  writ config
  WRIT_LISTEN=127.0.0.1:9000 writ config --config /etc/writ/writ.conf

A file of settings has WRIT_NAME=value lines:

  # /etc/writ/writ.conf
  WRIT_DATA=/var/lib/writ
  WRIT_LISTEN=0.0.0.0:443
  WRIT_TLS_CERT=/etc/writ/cert.pem
  WRIT_TLS_KEY=/etc/writ/key.pem`

func (a *app) configCommand() *cobra.Command {
	c := &cobra.Command{Use: "config", Short: "Print the settings and where they come from", Long: configHelp, Args: cobra.NoArgs}
	a.settings(c.Flags(), serverSettings()...)
	c.RunE = a.work(func(context.Context, []string) error { return a.printConfig() })
	return c
}

func (a *app) printConfig() error {
	loaded, err := a.load()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, v := range loaded.Values {
		shown := v.Shown()
		if shown == "" {
			shown = `""`
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", v.Variable(), shown, v.Origin)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, variable := range slices.Sorted(maps.Keys(loaded.Misspelt)) {
		fmt.Fprintf(a.err, "writ: there is no setting %s; did you mean %s?\n", variable, loaded.Misspelt[variable])
	}
	return nil
}
