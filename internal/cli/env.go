package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

const envHelp = `Prints the variables with which clients reach the installation: its URL, tokens and keys. They are those of the env
file, all with the rights of the organization's owner, but for the operator's token.

Examples:

  eval "$(writ env)"
  curl -H "Authorization: Bearer $WRIT_TOKEN" "$WRIT_URL/v1/iam/users"

  writ env --format dotenv >.env`

func (a *app) envCommand() *cobra.Command {
	c := &cobra.Command{Use: "env", Short: "Print the variables for clients", Long: envHelp, Args: cobra.NoArgs}
	format := c.Flags().String("format", "shell", "shell: export lines; dotenv: KEY=value lines")
	c.RunE = a.work(func(context.Context, []string) error { return a.printEnv(*format) })
	return c
}

func (a *app) printEnv(format string) error {
	if format != "shell" && format != "dotenv" {
		return &exitError{exitUsage, fmt.Errorf("--format %q is not right; want shell or dotenv", format)}
	}
	loaded, err := a.load()
	if err != nil {
		return err
	}
	env, err := a.envFile(&loaded.Config)
	if err != nil {
		return err
	}
	for _, v := range env.All() {
		if format == "shell" {
			a.printf("export %s=%s\n", v.Key, quoteAlways(v.Value))
		} else {
			a.printf("%s=%s\n", v.Key, v.Value)
		}
	}
	return nil
}
