// Package apitype holds the wire structs of writ's native API: the bodies that it takes and the answers that it gives.
//
// The native API is ByCloud's IAM API, extended; sections named in comments are those of its contract. Names and shapes
// are the wire's. There is no logic here beyond what JSON needs, so both sides of the wire share the package.
//
// Optional values of an answer are null when there is none, never left out, and arrays are [] (section 16.4). In
// requests an absent optional value is left out.
package apitype
