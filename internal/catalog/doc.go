// Package catalog holds what exists to be granted: services, their actions and resource types, permission sets, permission
// groups, vendor-managed policies, and how each dialect spells and names them.
//
// It owns the vocabulary and nothing else. It decides nothing: package policy asks it how a language spells an action, the
// dialects ask it what to list and which action an operation needs, and what a permission set covers is compiled elsewhere.
//
//	data/*.json ──► Builtin ──► Catalog ──With(an operator's file)──► Catalog
//
// A catalogue is made of files (see File), all in one format. The built-in files are embedded; data/ is meant to be read.
// A Catalog is immutable: everything that it hands out is shared and must not be changed.
//
// The package is pure: no I/O, no clock, no randomness.
package catalog
