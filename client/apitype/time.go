package apitype

import "time"

// Time is a date and time on the wire: RFC 3339, UTC, whole seconds, "Z" (section 1). What is read may have any offset
// and fractions of a second.
type Time struct{ time.Time }

// MarshalJSON writes the wire's form; fractions of a second are cut off.
func (t Time) MarshalJSON() ([]byte, error) {
	b := append(make([]byte, 0, len(`"2006-01-02T15:04:05Z"`)), '"')
	b = t.UTC().AppendFormat(b, time.RFC3339)
	return append(b, '"'), nil
}
