// Package config holds writ's settings: one table of them, where their values come from, and the private files beside
// the store.
//
// A setting's value comes from the strongest source that has it: a flag, a WRIT_ variable of the environment, the
// configuration file, the default. Load remembers which it was, so that "writ config" can tell. What a setting does is
// its reader's business, not this package's.
package config
