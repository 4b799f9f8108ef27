package wire

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/writ-iam/writ/internal/iam"
)

// Object is a JSON object as expressions of policies have it (policy.More): whole numbers are int64, others float64.
type Object map[string]any

// UnmarshalJSONFrom reads an object.
func (o *Object) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	v, err := ReadValue(d)
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
func ReadValue(d *jsontext.Decoder) (any, error) {
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
		return readArray(d)
	case '{':
		return readObject(d)
	}
	if n, err := strconv.ParseInt(token.String(), 10, 64); err == nil {
		return n, nil
	}
	n, err := token.Float()
	if err != nil {
		return nil, iam.Errorf(iam.Invalid, "holds a number out of range")
	}
	return n, nil
}

func readArray(d *jsontext.Decoder) (any, error) {
	list := []any{}
	for d.PeekKind() != ']' {
		v, err := ReadValue(d)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := d.ReadToken()
	return list, err
}

func readObject(d *jsontext.Decoder) (any, error) {
	out := map[string]any{}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		member := name.String() // the token is gone with the next one
		if out[member], err = ReadValue(d); err != nil {
			return nil, err
		}
	}
	_, err := d.ReadToken()
	return out, err
}
