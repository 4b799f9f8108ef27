package apitype

import "encoding/json"

// Optional is a member of a PATCH body, which may be absent (unchanged), null (cleared) or a value (section 16.4). The
// zero Optional is absent. Struct tags need "omitzero".
type Optional[T any] struct {
	Set   bool // the member is there
	Null  bool // it is null
	Value T    // its value otherwise
}

// Some makes an Optional with a value.
func Some[T any](v T) Optional[T] { return Optional[T]{Set: true, Value: v} }

// Null makes an Optional that clears.
func Null[T any]() Optional[T] { return Optional[T]{Set: true, Null: true} }

// IsZero reports whether the member is absent.
func (o Optional[T]) IsZero() bool { return !o.Set }

// MarshalJSON writes the value or null.
func (o Optional[T]) MarshalJSON() ([]byte, error) {
	if o.Null || !o.Set {
		return []byte("null"), nil
	}
	return json.Marshal(o.Value)
}

// UnmarshalJSON reads a value or null.
func (o *Optional[T]) UnmarshalJSON(b []byte) error {
	*o = Optional[T]{Set: true, Null: string(b) == "null"}
	if o.Null {
		return nil
	}
	return json.Unmarshal(b, &o.Value)
}
