// Package server is an installation of writ on this machine: it makes one (Init), opens one (Open), serves it (Serve)
// and checks one (Verify). It only connects parts that do the work.
//
//	listener ──► limits, metrics ──┬─► /healthz, /readyz
//	                               └─► api ──► control ──► store
//	metrics listener ──► /metrics, /healthz, /readyz
//
// At shutdown the parts end in the order of the arrows: nothing ends before all who use it have.
//
// The data folder holds writ.db (the store), master.key, env (variables for clients) and issuer (whom tokens name as
// their issuer). All are for their owner alone.
package server
