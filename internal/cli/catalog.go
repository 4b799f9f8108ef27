package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/writ-iam/writ/client"
	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/config"
)

const catalogHelp = `The catalogue is the list of what permissions can be about: services with their actions and resource types, permission
sets and groups, and how each dialect spells and names all of them. writ brings one along; operators add their own
services to it with files. docs/catalog.md describes their format.

  writ catalog apply reports.json     adds a file, or replaces the one of that name
  writ catalog show                   prints all that is in force, in the same format`

const applyHelp = `Adds a file to the catalogue of a running server, for all organizations, or replaces the file of that name. FILE is a
path, or - for standard input. A file can only add: what is built in, or in another file, cannot be defined again. A
file that takes another's place must keep what policies may refer to (services, types, actions, permission sets and
groups) with its spellings, names and grants; descriptions and requests may change.

A file with one mistake is refused as a whole, with line, column, the member's path and what would be right.

The server and the token are those of WRIT_URL and WRIT_OPERATOR_TOKEN, or else of the env file. Exit codes: 0 the file
is in force, 1 the server refuses it, 2 the command line is wrong or there is no answer.

Examples:

  writ catalog apply reports.json
  writ catalog apply build/reports-v2.json --name reports
  generate-catalog | writ catalog apply - --name reports`

const showHelp = `Prints the catalogue that is in force on a running server as one file: what is built in, and what operators added.

With --service, it prints that service alone. With --file, it prints a file as an operator applied it, byte for byte;
for this, the token is the operator's.

The server and the token are those of WRIT_URL and WRIT_TOKEN (with --file, WRIT_OPERATOR_TOKEN), or else of the env
file. Who the token belongs to must be allowed to do iam:GetCatalog. Exit codes: 0 it is printed, 1 there is no such
service or file, or the server refuses, 2 the command line is wrong or there is no answer.

Examples:

  writ catalog show --service iam
  writ catalog show --file reports >reports.json
  writ catalog show | jq -r '.services[].id'`

func (a *app) catalogCommand() *cobra.Command {
	c := &cobra.Command{Use: "catalog", Short: "Show what permissions can be about, and add to it", Long: catalogHelp}
	apply := &cobra.Command{Use: "apply FILE", Short: "Add a file to the catalogue, or replace it", Long: applyHelp, Args: cobra.ExactArgs(1)}
	name := apply.Flags().String("name", "", "name of the file in the catalogue (default: that of FILE, without .json)")
	apply.RunE = a.work(func(ctx context.Context, args []string) error { return answered(a.applyCatalog(ctx, args[0], *name)) })

	show := &cobra.Command{Use: "show", Short: "Print the catalogue", Long: showHelp, Args: cobra.NoArgs}
	service := show.Flags().String("service", "", "print this service alone")
	file := show.Flags().String("file", "", "print the file of this name, as it was applied")
	show.MarkFlagsMutuallyExclusive("service", "file")
	show.RunE = a.work(func(ctx context.Context, _ []string) error { return answered(a.showCatalog(ctx, *service, *file)) })
	c.AddCommand(apply, show)
	return c
}

// answered tells what the server refuses from what it could not be asked.
func answered(err error) error {
	if err == nil {
		return nil
	}
	if _, planned := errors.AsType[*exitError](err); planned {
		return err
	}
	if e, ok := errors.AsType[*client.Error](err); ok && e.Status < 500 && e.Status != 401 {
		return &exitError{exitFailed, err}
	}
	return &exitError{exitUsage, err}
}

func (a *app) applyCatalog(ctx context.Context, path, name string) error {
	if name == "" {
		name = strings.TrimSuffix(filepath.Base(path), ".json")
	}
	if name == "-" {
		return fmt.Errorf("a file from standard input needs a --name")
	}
	content, err := a.readFile(path)
	if err != nil {
		return err
	}
	c, err := a.connectWith(config.OperatorToken)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	answer, err := c.ApplyCatalogFile(ctx, name, content)
	if err != nil {
		return err
	}
	a.printf("applied %s, %d bytes\n", answer.CatalogFile.Name, answer.CatalogFile.Size)
	return nil
}

// readFile reads a file that is not larger than the server takes; "-" is standard input.
func (a *app) readFile(path string) ([]byte, error) {
	from := a.in
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		from = f
	}
	content, err := io.ReadAll(io.LimitReader(from, catalog.MaxFile+1))
	if err != nil {
		return nil, err
	}
	if len(content) > catalog.MaxFile {
		return nil, fmt.Errorf("%s has more than %d bytes", path, catalog.MaxFile)
	}
	return content, nil
}

func (a *app) showCatalog(ctx context.Context, service, file string) error {
	variable := config.Token
	if file != "" {
		variable = config.OperatorToken
	}
	c, err := a.connectWith(variable)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	var text []byte
	if file != "" {
		text, err = c.GetCatalogFile(ctx, file)
	} else {
		text, err = c.GetCatalog(ctx)
	}
	if err == nil && service != "" {
		text, err = oneService(text, service)
	}
	if err == nil {
		_, err = a.out.Write(text)
	}
	return err
}

// oneService cuts a service out of a catalogue.
func oneService(text []byte, id string) ([]byte, error) {
	var all catalog.File
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("the catalogue cannot be read: %w", err)
	}
	i := slices.IndexFunc(all.Services, func(s catalog.Service) bool { return s.ID == id })
	if i < 0 {
		return nil, &exitError{exitFailed, fmt.Errorf("the catalogue has no service %q", id)}
	}
	return (&catalog.File{Services: all.Services[i : i+1]}).Format(), nil
}
