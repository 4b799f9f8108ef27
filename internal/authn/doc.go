// Package authn makes and verifies what proves who is calling: secrets, access keys, signed tokens and signed requests, and the
// installation's own keys that stand behind them.
//
//	MasterKey ──opens──► iam.SealedKey… ──► Keyring ──► Hash, Matches   secrets of access keys
//	(kept outside           (kept in               ──► Sign, Open      tokens (JWT, ES256)
//	 the store)              the store)            ──► JWKS            public keys, for others who verify
//	                                               ──► Seal, Unseal    values that are needed in the clear again
//	                                               ──► HashPassword, PasswordMatches
//
// Beside it stand one-time passwords (OTPStep) and the answers of authenticators (VerifyAttestation, VerifyAssertion).
//
// It decides one thing only: whether a proof is genuine. Whether the credential still exists, the session was revoked
// or the principal may act is the business of package control, which looks the records up and calls this package.
//
// The package does no I/O, reads no clock and keeps no global state: time and randomness are inputs. It logs nothing,
// and the types that hold secrets cannot be printed.
package authn
