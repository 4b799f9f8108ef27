package store

import (
	"encoding/json"
	"time"

	"github.com/writ-iam/writ/internal/iam"
)

// NormalEvent gives an event as it is read back from a store, and its JSON, which is what a store keeps: the time in
// UTC with microseconds, strings that are UTF-8, and in Details nothing but maps, slices, strings, float64, bool and
// nil. Normalizing twice changes nothing. The error is that of encoding/json for a Details that is no JSON.
func NormalEvent(e iam.Event) (iam.Event, []byte, error) {
	e.Time = e.Time.UTC().Truncate(time.Microsecond)
	b, err := json.Marshal(&e)
	if err != nil {
		return iam.Event{}, nil, err
	}
	var normal iam.Event
	if err := json.Unmarshal(b, &normal); err != nil {
		return iam.Event{}, nil, err
	}
	// Once more, since a broken byte is written "\ufffd" and the character that replaces it is written as itself.
	b, err = json.Marshal(&normal)
	return normal, b, err
}
