// Package api is writ's native API on the wire: ByCloud's IAM API with what the platform adds to it. Sections named in
// comments are those of its contract, bycloud.md.
//
// The package owns routes, wire structs' meaning, rules of form, paging and error bodies; package wire takes calls through their
// phases. What changes and who may change it is control's and iam's.
package api
