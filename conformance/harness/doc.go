// Package harness gives a conformance suite a server: built once, started on an empty data folder and a free port of
// loopback, and ended with SIGINT, which it must survive cleanly. A DNS server of its own answers what the server looks up.
//
// It knows the program, its env file and the native API. Of the dialects it knows nothing.
package harness
