package wire

import (
	"bytes"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestPeek: a body that was looked at is read afterwards as if nobody had looked, whatever is wrong with it.
func TestPeek(t *testing.T) {
	long := `{"user_id":"u","name":"` + strings.Repeat("x", MaxBody) + `"}`
	for _, tc := range []struct{ body, peeked string }{
		{`{"user_id":"u","name":"x"}`, "u"}, {` {"user_id":"u"} `, "u"}, {`{}`, ""}, {``, ""}, {`[1]`, ""}, {`{"user_id":7}`, ""}, {`{"user_id":"u"`, ""}, {"\xff", ""}, {long, ""},
	} {
		c := &Call{R: httptest.NewRequest("POST", "/", strings.NewReader(tc.body))}
		plain := &Call{R: httptest.NewRequest("POST", "/", strings.NewReader(tc.body))}
		var in struct {
			UserID string `json:"user_id"`
		}
		if c.Peek(&in); tc.peeked != "" && in.UserID != tc.peeked {
			t.Errorf("%.40q: %q is seen", tc.body, in.UserID)
		}
		var read, want bytes.Buffer
		err, wantErr := c.ReadAny(&read, MaxBody), plain.ReadAny(&want, MaxBody)
		if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() || err == nil && read.String() != want.String() {
			t.Errorf("%.40q is read as %.40q, %v; want %v", tc.body, read.String(), err, wantErr)
		}
		if err := c.R.Body.Close(); err != nil {
			t.Error(err)
		}
	}
}
