package wire

import (
	"math"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/writ-iam/writ/internal/iam"
)

// TestNumbers: what expressions see of a body has a number for each that a decoder may pass over; elsewhere one out of range is Invalid.
func TestNumbers(t *testing.T) {
	for text, want := range map[string]any{
		"7": int64(7), "-0": int64(0), "9223372036854775807": int64(math.MaxInt64), "9223372036854775808": float64(1 << 63), "0.5": 0.5, "1e2": 100.0, "1e-999": 0.0,
		"1e999": math.MaxFloat64, "-1e999": -math.MaxFloat64,
	} {
		var o Object
		if err := Unmarshal([]byte(`{"a":[{"b":`+text+`}],"c":"d"}`), &o, "{"); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(Object{"a": []any{map[string]any{"b": want}}, "c": "d"}, o); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
		v, err := ReadValue(jsontext.NewDecoder(strings.NewReader(text)))
		if strings.HasSuffix(text, "e999") {
			if iam.CodeOf(err) != iam.Invalid {
				t.Errorf("%s: %v, %v", text, v, err)
			}
		} else if err != nil || v != want {
			t.Errorf("%s: %v, %v", text, v, err)
		}
	}
}

// TestParametersOfReads: the body of a read hides nothing of its query, and that of a write does.
func TestParametersOfReads(t *testing.T) {
	for method, want := range map[string]any{"GET": "7", "HEAD": "7", "POST": int64(8), "DELETE": int64(8)} {
		c := &Call{R: httptest.NewRequest(method, "/?limit=7", strings.NewReader(`{"limit":8}`))}
		if got := c.parameters()["limit"]; got != want {
			t.Errorf("%s: %v", method, got)
		}
	}
}
