// Package wire is what all dialects' servers have in common: the frame that takes a request through its phases, and the parts of
// HTTP that mean the same to every client.
//
//	request id ──► route ──► authenticate ──► Enter ──► handler ──► answer
//	              404 405       401            403       4xx
//
// A dialect gives its routes and some functions: who calls, what an error looks like, which headers every answer has, and how a body is
// read whose faults come before Enter. A handler is what lies between Enter and the answer, and cannot forget the other phases. What is
// refused before Enter says nothing of what exists.
package wire
