// Package engine decides access questions within a Go program: the engine of writ, without the server.
//
// A [Bundle] says who holds which policies, in any of the five languages; [New] compiles it once, and the [Engine] answers
// from any number of goroutines, without locks and, as long as no condition is an expression, without allocating:
//
//	e, err := engine.New(bundle)
//	...
//	d := e.Decide(&engine.Request{
//		Principal: engine.User("ada"),
//		Action:    "s3:GetObject",
//		Resources: []string{"crn::s3:bucket:reports/june.csv"},
//	})
//	if !d.Allowed() { ... }
//
// An Engine never changes. When policies change, make a new one and put it in the old one's place (an atomic pointer
// will do). What an answer means is in the project's docs/policies.md: a deny that applies wins, otherwise some allow must
// apply, otherwise the answer is no; whatever is unknown, disabled or cannot be read is denied.
package engine
