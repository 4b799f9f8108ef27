// Command writ is the server and everything to run it with.
package main

import (
	"os"

	"github.com/writ-iam/writ/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args, os.Stdin, os.Stdout, os.Stderr, os.Environ()))
}
