// Package authz decides: may this principal do this action on these resources, in this context, and why?
//
// An Index is what one revision of an organization means for decisions: who holds which compiled policies, directly,
// through groups or as a role. Decide answers and allocates nothing; Explain answers the same question over the same
// programs and says why. Neither reads a clock or does I/O, and an Index never changes: Next makes the one after a
// commit, without rebuilding what the commit did not touch.
//
// Who a caller is, whether their credential or session is still good and whether the person behind a user is enabled is
// control's to know. What a statement means is policy's.
//
// Layout. At 100,000 principals cache misses decide, not instructions. So every holder of policies has the signatures
// of all its statements side by side (rows), and nearly all statements are passed over by reading those alone. A policy
// that many hold is not copied into each (common), so that changing it stays cheap. Holders refer to groups and common
// policies by slot numbers into flat vectors.
package authz
