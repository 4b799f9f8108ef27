// Package exoscale speaks the part of Exoscale's API v2 that is about access: IAM roles with their policies, API keys, the
// organization's policy, users, operations and events. Sections named in comments are those of its contract, exoscale.md.
//
// It owns the wire: signatures over raw bytes, paths whose last segment has a verb behind a colon, kebab-case members, operations and
// error bodies. An IAM role is a role, an API key a credential of a role, a user a user or a pending invitation. What may happen, and
// to whom, is decided behind control.
package exoscale
