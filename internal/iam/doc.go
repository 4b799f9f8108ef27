// Package iam is the domain: the entities of an organization, its state at one revision, and the rules by which that
// state may change.
//
// It owns uniqueness, references, cascades, quotas and the rules about administrators; nobody else decides those. It
// leaves the language of policies to package policy, decisions to authz, secrets to authn, and durability to store.
//
//	State.Begin ──► Draft (rules) ──► Draft.Changes ──► store.Commit
//	                      └──► Draft.State ─────────────────┐
//	State.Apply(changes) ───────────────────────────────────┴─► the next State
//
// The package is pure: no I/O, no clock, no randomness. Time and new ids are inputs, so a draft can be run again on a
// newer state and two nodes that apply the same commits hold the same state.
package iam
