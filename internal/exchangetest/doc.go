// Package exchangetest replays recorded conversations with a server, byte for byte, for the tests of every wire.
//
// A file is a conversation over one TCP connection: requests and answers in turns, with names where something is different each
// time. internal/api/testdata/exchanges/README.md describes the format. With WRIT_RECORD=1 the answers are written into the files
// instead of compared.
package exchangetest
