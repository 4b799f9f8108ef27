package expr

import (
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Values are Go values, so that what the caller has is used as it is: those that Vars names, and uint64, []byte,
// time.Duration, *dict and typeName, which only expressions make.

// typeName is the value of type(x) and of names like "int".
type typeName string

// dict is a map that has a key which is no text. Keys are texts, integers and truth values.
type dict struct {
	keys, values []any
}

// kind is the type of a value as CEL names it.
type kind uint8

const (
	noKind kind = iota
	nullKind
	boolKind
	intKind
	uintKind
	doubleKind
	stringKind
	bytesKind
	timestampKind
	durationKind
	listKind
	mapKind
	typeKind
	otherKind
)

func kindOf(v any) kind {
	switch v.(type) {
	case nil:
		return nullKind
	case bool:
		return boolKind
	case int64:
		return intKind
	case uint64:
		return uintKind
	case float64:
		return doubleKind
	case string:
		return stringKind
	case []byte:
		return bytesKind
	case time.Time:
		return timestampKind
	case time.Duration:
		return durationKind
	case []any:
		return listKind
	case map[string]any, *dict:
		return mapKind
	case typeName:
		return typeKind
	default:
		return otherKind
	}
}

// kindNames are what type(x) gives.
var kindNames = [...]typeName{
	nullKind: "null_type", boolKind: "bool", intKind: "int", uintKind: "uint", doubleKind: "double",
	stringKind: "string", bytesKind: "bytes", timestampKind: "google.protobuf.Timestamp",
	durationKind: "google.protobuf.Duration", listKind: "list", mapKind: "map", typeKind: "type", otherKind: "unknown",
}

// typeNames are names that stand for types where no variable has them.
var typeNames = func() map[string]typeName {
	out := map[string]typeName{}
	for _, name := range kindNames[nullKind:otherKind] {
		out[string(name)] = name
	}
	return out
}()

// article names a kind within a sentence.
func (k kind) article() string {
	switch k {
	case nullKind:
		return "null"
	case intKind, uintKind:
		return "an integer"
	case bytesKind:
		return "bytes"
	case timestampKind:
		return "a timestamp"
	case durationKind:
		return "a duration"
	case noKind, otherKind:
		return "a value of an unknown kind"
	default:
		return "a " + string(kindNames[k])
	}
}

func (k kind) numeric() bool { return k == intKind || k == uintKind || k == doubleKind }

// toCEL gives a scalar to cel-go, or nil for what is none.
func toCEL(v any) ref.Val {
	switch v := v.(type) {
	case bool:
		return types.Bool(v)
	case int64:
		return types.Int(v)
	case uint64:
		return types.Uint(v)
	case float64:
		return types.Double(v)
	case string:
		return types.String(v)
	case []byte:
		return types.Bytes(v)
	case time.Time:
		return types.Timestamp{Time: v}
	case time.Duration:
		return types.Duration{Duration: v}
	default:
		return nil
	}
}

// fromCEL takes a scalar or an error from cel-go.
func (f *frame) fromCEL(v ref.Val) (any, bool) {
	switch v := v.(type) {
	case types.Bool:
		return bool(v), true
	case types.Int:
		return int64(v), true
	case types.Uint:
		return uint64(v), true
	case types.Double:
		return float64(v), true
	case types.String:
		return string(v), true
	case types.Bytes:
		return []byte(v), true
	case types.Timestamp:
		return v.Time, true
	case types.Duration:
		return v.Duration, true
	case *types.Err:
		return f.fail(celWords, v.Error())
	default:
		return f.fail(celWords, "no such value")
	}
}
