package authn

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted stands for a secret wherever Go turns values into text.
const redacted = "[redacted]"

// String, GoString, Format, LogValue and MarshalText keep the key out of prints, logs and JSON; Text alone gives it.
// Reflection that may not call methods still reaches it: never keep a MasterKey in an unexported field of something
// that is printed.
func (MasterKey) String() string { return redacted }

// GoString is for %#v.
func (MasterKey) GoString() string { return redacted }

// Format is for all verbs, %d and %x included, which would otherwise print the bytes.
func (MasterKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue is for slog.
func (MasterKey) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText is for JSON. There is no UnmarshalText: what it writes is no key.
func (MasterKey) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// String, GoString, Format, LogValue and MarshalText print nothing of a keyring. What is secret in it lies behind a
// function besides, out of the reach of reflection.
func (Keyring) String() string { return redacted }

// GoString is for %#v.
func (Keyring) GoString() string { return redacted }

// Format is for all verbs.
func (Keyring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue is for slog.
func (Keyring) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText is for JSON.
func (Keyring) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// String gives the public id and no more.
func (p KeyPair) String() string { return p.ID + ":" + redacted }

// Format is for all verbs.
func (p KeyPair) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// LogValue is for slog.
func (p KeyPair) LogValue() slog.Value { return slog.StringValue(p.String()) }
