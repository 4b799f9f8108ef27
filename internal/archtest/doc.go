// Package archtest holds the tests that keep the architecture of docs/design: which package may import which, and what
// pure packages must not do. Each rule says its reason when it fails.
package archtest
