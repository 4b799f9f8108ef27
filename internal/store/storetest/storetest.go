// Package storetest is the conformance suite of store.Store: what every implementation must pass.
package storetest

import (
	"testing"

	"github.com/writ-iam/writ/internal/store"
)

// Harness is how the suite reaches an implementation.
type Harness struct {
	// Open gives a new, empty store, which is closed when the test ends.
	Open func(t *testing.T) store.Store
	// Reopen closes s, which Open or Reopen gave, and opens the same data again.
	Reopen func(t *testing.T, s store.Store) store.Store
}

// Run runs the suite. The parts run in parallel, each on a store of its own.
func Run(t *testing.T, h Harness) {
	parts := []struct {
		name string
		run  func(*testing.T, Harness)
	}{
		{"Head/Conflicts", testConflicts},
		{"Head/Race", testRace},
		{"Head/Refused", testRefused},
		{"Head/Organizations", testOrganizations},
		{"Atomic", testAtomic},
		{"Keys/Unique", testKeysUnique},
		{"Keys/ByteExact", testKeysByteExact},
		{"Keys/Release", testKeysRelease},
		{"Records/Order", testRecordsOrder},
		{"Records/Changes", testRecordsChanges},
		{"Records/Bytes", testRecordsBytes},
		{"Records/Isolation", testRecordsIsolation},
		{"Records/Consistent", testLoadConsistent},
		{"Time", testTime},
		{"Normal", testNormal},
		{"Follow/Cursor", testFollowCursor},
		{"Follow/Waits", testFollowWaits},
		{"Follow/Writers", testFollowWriters},
		{"Follow/Ends", testFollowEnds},
		{"History", testHistory},
		{"History/Concurrent", testHistoryConcurrent},
		{"Events/Filters", testEventFilters},
		{"Events/Prefix", testEventPrefix},
		{"Events/Pages", testEventPages},
		{"Events/Offsets", testEventOffsets},
		{"Events/After", testEventAfter},
		{"Events/ByID", testEventByID},
		{"Events/Append", testAppend},
		{"Events/Strange", testStrangeEvents},
		{"Life/Closed", testClosed},
		{"Life/CloseDuringFollow", testCloseDuringFollow},
		{"Life/Context", testContext},
		{"Life/Reopen", testReopen},
		{"Verify", testVerify},
	}
	for _, p := range parts {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.run(t, h)
		})
	}
}
