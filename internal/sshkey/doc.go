// Package sshkey reads public SSH keys as OpenSSH writes them on one line: type, key in base64, comment (scaleway.md, section 4.9).
//
// It owns which keys are good and what they are called by; where they are kept and who may have them is not known here. It is pure.
package sshkey
