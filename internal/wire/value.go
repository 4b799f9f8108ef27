package wire

import (
	"math"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/writ-iam/writ/internal/iam"
)

// Object is a JSON object as expressions of policies have it (policy.More): whole numbers are int64, others float64. A number out of
// range is the nearest that there is, because what a decoder passes over must not keep the rest of a body from what denies it.
type Object map[string]any

// UnmarshalJSONFrom reads an object.
func (o *Object) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	v, err := readValue(d, nearest)
	if err != nil {
		return err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return iam.Errorf(iam.Invalid, "must be an object")
	}
	*o = m
	return nil
}

// ReadValue reads any JSON value as an Object has it. Its size and depth are bounded by those of what it stands in. A number out of
// range is Invalid.
func ReadValue(d *jsontext.Decoder) (any, error) { return readValue(d, exact) }

// number reads a number that is no int64.
type number func(jsontext.Token) (float64, error)

func exact(t jsontext.Token) (float64, error) {
	n, err := t.Float()
	if err != nil {
		return 0, iam.Errorf(iam.Invalid, "holds a number out of range")
	}
	return n, nil
}

// nearest gives what JSON can say again, which infinity cannot be.
func nearest(t jsontext.Token) (float64, error) {
	n, _ := t.Float() // infinite, if it is out of range
	return max(-math.MaxFloat64, min(n, math.MaxFloat64)), nil
}

func readValue(d *jsontext.Decoder, other number) (any, error) {
	token, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case 'n':
		return nil, nil
	case 't', 'f':
		return token.Bool(), nil
	case '"':
		return token.String(), nil
	case '[':
		return readArray(d, other)
	case '{':
		return readObject(d, other)
	}
	if n, err := strconv.ParseInt(token.String(), 10, 64); err == nil {
		return n, nil
	}
	n, err := other(token)
	if err != nil {
		return nil, err
	}
	return n, nil
}

func readArray(d *jsontext.Decoder, other number) (any, error) {
	list := []any{}
	for d.PeekKind() != ']' {
		v, err := readValue(d, other)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := d.ReadToken()
	return list, err
}

func readObject(d *jsontext.Decoder, other number) (any, error) {
	out := map[string]any{}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		member := name.String() // the token is gone with the next one
		if out[member], err = readValue(d, other); err != nil {
			return nil, err
		}
	}
	_, err := d.ReadToken()
	return out, err
}
