// Package route finds the row that an HTTP request belongs to, by its method and path.
//
//	NewPath(path) ──► Path ──► Table.Match(method, path) ──► row, values of its variables
//
// A Table holds the rows of one backend: templates (/v1/folders/{folder}) in a tree of path segments, and a few regular
// expressions, which are tried when no template fits. What a row means is its owner's to know: here it is a number.
//
// Whoever decides on a request from its path must read the path as the service behind does, or refuse to read it. So
// whatever two readers could read differently (dot segments, empty segments, broken escapes, …) fits no row at all; NewPath
// has the list.
//
// The package is pure, and a Table that is built is never changed.
package route
