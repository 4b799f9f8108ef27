// Package authntest has an authenticator made of software, for tests of what registers one and signs in with it.
package authntest
