// Package doctest holds the tests that run what the documents in docs promise: policy documents are compiled, decisions
// are made, commands are run against a real server, and tables are compared with the code that they describe. It has no
// code of its own.
//
// The words after a fence's language say what is done with a block:
//
//	json policy         compiles
//	json policy error   does not; the text block after it is in the error
//	json policy LANGUAGE, json policy LANGUAGE error: the same in a language other than statements
//	json trust          is a trust policy
//	text decisions      lines "ACTION RESOURCE KEY=VALUE… → allowed|denied|no match" on the policy before it
//	sh                  is run, in order, in one shell; the text block after it is in its output
//	sh fails            likewise, and its last command fails
//	sh serve            starts a server, which is left running, instead of the one before it
//	sh stopped          is run after the server has been stopped
//	sh norun            is not run; the page says why
//
// In a text block "…" stands for any text, and each line must appear, in order.
package doctest
