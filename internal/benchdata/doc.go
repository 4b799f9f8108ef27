// Package benchdata makes the one organization and the 2,000 requests that all speed figures are taken on, so that
// figures can be compared across parts, peers and months. docs/benchmarks.md says what they are made of.
//
// Everything is a function of the number of principals and a seed. It also holds the naive scan that says which answer
// is right: plain loops, no index, nothing shared with the engine.
package benchdata
