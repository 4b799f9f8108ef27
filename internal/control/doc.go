// Package control is the one door: nothing changes or tells anything of an organization except through it.
//
//	Authenticate ──► Enter ──► Permit.View            a read
//	   who?          may they?  Permit.Write           a write: draft, commit, apply
//	                            Permit.Fail            a call that goes no further
//
// Enter authorizes a call of an Operation on a Target before anything is decoded or looked up, so that somebody who may
// not know whether a thing exists learns nothing. Write authorizes again on the very state that the change is made on,
// drafts it, commits it with its audit event in one transaction and applies it. A call that is refused or fails leaves
// an event instead of a commit.
//
// The rules of meaning are iam's, decisions authz's, secrets authn's, durability store's. There is no second path for
// administrators, the command line or tests.
package control
