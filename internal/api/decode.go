package api

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/writ-iam/writ/client/apitype"
)

// decode reads the body into v and checks it. Members that v does not know are ignored (section 16.4).
func (c *call) decode(v any, check func(*form)) error { return c.read(v, check, false) }

// decodeOptional is decode where the whole body may be left out.
func (c *call) decodeOptional(v any, check func(*form)) error { return c.read(v, check, true) }

func (c *call) read(v any, check func(*form), optional bool) error {
	if err := c.Decode(v, "{", optional, decoding); err != nil {
		return err
	}
	f := form{}
	check(&f)
	return f.err
}

// decoding makes json tell the place of an error within an Optional too.
var decoding = json.WithUnmarshalers(json.JoinUnmarshalers(
	json.UnmarshalFromFunc(optional[string]),
	json.UnmarshalFromFunc(optional[bool]),
	json.UnmarshalFromFunc(optional[int64]),
	json.UnmarshalFromFunc(optional[[]string]),
	json.UnmarshalFromFunc(optional[apitype.Time]),
	json.UnmarshalFromFunc(optional[[]apitype.CredentialPolicy]),
))

func optional[T any](d *jsontext.Decoder, o *apitype.Optional[T]) error {
	*o = apitype.Optional[T]{Set: true, Null: d.PeekKind() == 'n'}
	if o.Null {
		return d.SkipValue()
	}
	return json.UnmarshalDecode(d, &o.Value)
}
