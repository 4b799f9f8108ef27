// Package exoscalego drives Exoscale's Go SDK, as released, against a real server: at its newest version, and at the two that clients in
// use were built with. Each has a module file of its own, and with it a build tag of the same name for what only it can do:
//
//	go test -modfile=v3.1.31.mod -tags=v3.1.31 ./...   # knows nothing of assuming roles
//	go test -modfile=v3.1.34.mod -tags=v3.1.34 ./...   # has whole policies for who may assume a role
//	go test ./...                                      # has rules for it, and assumes roles
//
// It has tests only.
package exoscalego
