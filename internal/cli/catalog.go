package cli

import (
	"cmp"
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
	"github.com/writ-iam/writ/internal/openapi"
)

const catalogHelp = `The catalogue is the list of what permissions can be about: services with their actions and resource types, permission
sets and groups, and how each dialect spells and names all of them. writ brings one along; operators add their own
services to it with files. docs/catalog.md describes their format.

  writ catalog apply reports.json     adds a file, or replaces the one of that name
  writ catalog apply openapi.yaml     the same, derived from an OpenAPI document
  writ catalog show                   prints all that is in force, in the same format`

const applyHelp = `Adds a file to the catalogue of a running server, for all organizations, or replaces the file of that name. FILE is a
path, or - for standard input. A file can only add: what is built in, or in another file, cannot be defined again. A
file that takes another's place must keep what policies may refer to (services, types, actions, permission sets and
groups) with its spellings, names and grants; descriptions and requests may change.

A file with one mistake is refused as a whole, with line, column, the member's path and what would be right.

FILE may also be an OpenAPI document (3.0 or 3.1, JSON or YAML) whose operations say their actions in x-writ-action. The
file that is derived from it is what is applied, under the service's id. Operations without an action are listed: nobody
may make their requests. With --dry-run, the file is printed instead, and no server is asked.

The server and the token are those of WRIT_URL and WRIT_OPERATOR_TOKEN, or else of the env file. Exit codes: 0 the file
is in force, 1 the server refuses it, 2 the command line is wrong or there is no answer.

Examples:

  writ catalog apply reports.json
  writ catalog apply build/reports-v2.json --name reports
  generate-catalog | writ catalog apply - --name reports
  writ catalog apply openapi.yaml --dry-run
  writ catalog apply openapi.yaml --service reports --base-path /v1`

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
	var in application
	apply.Flags().StringVar(&in.name, "name", "", "name of the file in the catalogue (default: that of FILE, without .json; of an OpenAPI document, the service's id)")
	apply.Flags().BoolVar(&in.dry, "dry-run", false, "print the file instead of applying it")
	apply.Flags().StringVar(&in.options.Service, "service", "", "of an OpenAPI document: the service's `ID` (default: its x-writ-service)")
	base := apply.Flags().String("base-path", "", "of an OpenAPI document: what stands before every `PATH` (default: that of its servers)")
	apply.RunE = a.work(func(ctx context.Context, args []string) error {
		if apply.Flags().Changed("base-path") {
			in.options.BasePath = base
		}
		in.path = args[0]
		return answered(a.applyCatalog(ctx, in))
	})

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

// application is what is to be applied.
type application struct {
	path, name string
	dry        bool
	options    openapi.Options
}

// catalogFile reads the file, or derives it, and settles its name.
func (a *app) catalogFile(in *application) (content []byte, err error) {
	if content, err = a.readFile(in.path); err != nil {
		return nil, err
	}
	if openapi.Is(content) {
		d, err := openapi.Derive(content, in.options)
		if err != nil {
			return nil, &exitError{exitFailed, fmt.Errorf("%s: %w", in.path, err)}
		}
		for _, operation := range d.Skipped {
			fmt.Fprintf(a.err, "warning: %s has no x-writ-action: it is left out, and denied\n", operation)
		}
		in.name = cmp.Or(in.name, d.Service)
		return d.File.Format(), nil
	}
	if in.options.Service != "" || in.options.BasePath != nil {
		return nil, fmt.Errorf("--service and --base-path are for OpenAPI documents; %s is none", in.path)
	}
	if in.dry {
		f, err := catalog.ParseFile(content)
		if err != nil {
			return nil, &exitError{exitFailed, fmt.Errorf("%s: %w", in.path, err)}
		}
		return f.Format(), nil
	}
	in.name = cmp.Or(in.name, strings.TrimSuffix(filepath.Base(in.path), ".json"))
	return content, nil
}

func (a *app) applyCatalog(ctx context.Context, in application) error {
	content, err := a.catalogFile(&in)
	if err != nil {
		return err
	}
	if in.dry {
		_, err := a.out.Write(content)
		return err
	}
	if in.name == "-" {
		return fmt.Errorf("a file from standard input needs a --name")
	}
	c, err := a.connectWith(config.OperatorToken)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	answer, err := c.ApplyCatalogFile(ctx, in.name, content)
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
