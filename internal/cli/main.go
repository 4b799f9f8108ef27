package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/writ-iam/writ/internal/config"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // also: denied, tampered
	exitUsage  = 2 // the command line is wrong; also: no answer could be had
)

// Main runs a command line, whose first element is how the program was called, and gives the exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, environ []string) int {
	a := &app{program: programName(args[0]), in: stdin, out: stdout, err: stderr, environ: environ, given: map[string]string{}}
	root := a.root()
	root.SetArgs(args[1:])
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	command, err := root.ExecuteContextC(context.Background())
	if err == nil {
		return exitOK
	}
	exit, planned := errors.AsType[*exitError](err)
	if !planned {
		exit = &exitError{exitFailed, err}
		if !a.running {
			exit.code = exitUsage // cobra's: the command did not come to run
		}
	}
	if exit.err != nil {
		fmt.Fprintf(stderr, "writ: %s\n", exit.err)
	}
	if exit.code == exitUsage && !a.running {
		fmt.Fprintf(stderr, "Try: %s --help\n", command.CommandPath())
	}
	return exit.code
}

// exitError ends the program with a code; err may be nil if everything is said.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

// app is one run of the program.
type app struct {
	program  string // how the user calls it, for commands in texts
	in       io.Reader
	out, err io.Writer
	environ  []string

	given   map[string]string // settings on the command line
	file    string            // --config
	running bool              // arguments are good and the command does its work
}

const rootHelp = `writ is a self-hosted identity and access management server. It holds organizations, people, service
accounts, groups, roles and policies, and answers whether somebody may do something, and why.

The first minute:

  writ quickstart                  makes an installation with an example, and serves it
  eval "$(writ env)"               in another terminal: the variables for clients
  writ can user:ana@acme.example s3:GetObject crn:eu1:s3:object:reports/q3.pdf

Without an example:

  writ init --organization Acme --owner-email you@acme.example
  writ serve`

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use: "writ", Short: "A self-hosted IAM server", Long: rootHelp,
		SilenceUsage: true, SilenceErrors: true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.PersistentFlags().StringVar(&a.file, "config", "", "file of settings, WRIT_NAME=value a line (environment "+config.FileVariable+")")
	a.settings(root.PersistentFlags(), "data", "env-file")
	root.AddCommand(a.quickstartCommand(), a.initCommand(), a.serveCommand(), a.envCommand(),
		a.canCommand(), a.explainCommand(), a.catalogCommand(), a.auditCommand(), a.recoverCommand(), a.configCommand(), a.versionCommand())
	return root
}

// work wraps what a command does, so that Main can tell a wrong command line from work that failed.
func (a *app) work(do func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		a.running = true
		return do(c.Context(), args)
	}
}

func (a *app) printf(format string, args ...any) {
	fmt.Fprintf(a.out, format, args...)
}
