// Package api is writ's native API on the wire: ByCloud's IAM API with what the platform adds to it. Sections named in
// comments are those of its contract, bycloud.md.
//
//	request id ──► route ──► authenticate ──► Enter ──► decode, check ──► control ──► encode
//	              404 405       401            403        400 413
//
// The frame (frame.go) takes every call through these phases; a handler is what lies between Enter and the answer, and
// cannot forget the others. What is refused before Enter says nothing of what exists.
//
// The package owns routes, wire structs' meaning, rules of form, paging and error bodies. What changes and who may
// change it is control's and iam's.
package api
