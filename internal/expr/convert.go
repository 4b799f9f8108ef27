package expr

import (
	"math"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Conversions are cel-go's. Texts are bounded before it reads them.

func toInt(f *frame, a any) (any, bool)       { return convert(f, "int", types.IntType, a) }
func toUint(f *frame, a any) (any, bool)      { return convert(f, "uint", types.UintType, a) }
func toDouble(f *frame, a any) (any, bool)    { return convert(f, "double", types.DoubleType, a) }
func toText(f *frame, a any) (any, bool)      { return convert(f, "string", types.StringType, a) }
func toBytes(f *frame, a any) (any, bool)     { return convert(f, "bytes", types.BytesType, a) }
func toBool(f *frame, a any) (any, bool)      { return convert(f, "bool", types.BoolType, a) }
func toTimestamp(f *frame, a any) (any, bool) { return convert(f, "timestamp", types.TimestampType, a) }
func toDuration(f *frame, a any) (any, bool)  { return convert(f, "duration", types.DurationType, a) }
func toDyn(_ *frame, a any) (any, bool)       { return a, true }
func toType(_ *frame, a any) (any, bool)      { return kindNames[kindOf(a)], true }

func convert(f *frame, name string, to ref.Type, a any) (any, bool) {
	if !f.spend(costParse) {
		return nil, false
	}
	x := toCEL(a)
	if x == nil {
		return f.fail(misfit, name, a)
	}
	switch a := a.(type) {
	case string:
		switch {
		case f.readable(to, len(a)):
		case to == types.BoolType: // which no long text is
			return f.fail(unreadable, "what "+name+" takes")
		default: // it may well be a number or a time
			return nil, f.stop(textUnread)
		}
	case []byte:
		if !f.spendText(len(a), bytesScanned) {
			return nil, false
		}
	case float64:
		if math.IsNaN(a) && to != types.StringType && to != types.DoubleType {
			return f.fail(misfit, name, a)
		}
	}
	v := x.ConvertToType(to)
	if v.Type() != to {
		return f.convertError(name, a, v)
	}
	return f.fromCEL(v)
}

// convertError tells a conversion that does not exist from one that this value does not allow.
func (f *frame) convertError(name string, a any, v ref.Val) (any, bool) {
	if _, isError := v.(*types.Err); isError {
		if _, isText := a.(string); isText {
			return f.fail(unreadable, "what "+name+" takes")
		}
		return f.fromCEL(v)
	}
	return f.fail(misfit, name, a)
}

// readable pays for a text and tells whether it is short enough for what it shall become.
func (f *frame) readable(to ref.Type, length int) bool {
	switch to {
	case types.StringType:
		return true
	case types.BytesType:
		return f.roomFor(length)
	case types.TimestampType, types.DurationType:
		return length <= maxShortText
	default:
		return length <= maxNumberText
	}
}
