// Package sqlite keeps commits in one SQLite file: the store for a single node, with nothing to install.
//
// One connection writes, a few read. DESIGN.md beside this file has the schema's reasons and what a crash can lose.
package sqlite
