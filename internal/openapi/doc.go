// Package openapi derives a file of the catalogue from an OpenAPI document: which requests mean which action, on which
// resources.
//
//	document (JSON or YAML, 3.0 or 3.1) ──► tree ──► operations with x-writ-action ──► catalog.File
//
// It reads what it needs (paths, servers, the x-writ-… members) and nothing else of a document; docs/catalog.md says what the
// members mean. The same document gives the same file, byte for byte. What is stored and in force is always the file.
//
// The package is pure.
package openapi
