// Package cli is writ's command line. A command reads its settings, calls server, which works on this machine's data
// folder, or client, which talks to a running server, and prints.
//
// Results go to standard output, everything else to standard error.
package cli
