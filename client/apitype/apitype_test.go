package apitype

import (
	"encoding/json"
	"testing"
	"time"
)

func TestOptional(t *testing.T) {
	for body, want := range map[string]UpdateGroupRequest{
		`{}`:                   {},
		`{"name":"a"}`:         {Name: Some("a")},
		`{"description":null}`: {Description: Null[string]()},
		`{"description":""}`:   {Description: Some("")},
	} {
		var got UpdateGroupRequest
		if err := json.Unmarshal([]byte(body), &got); err != nil || got != want {
			t.Errorf("%s: %+v, %v", body, got, err)
		}
		if back, err := json.Marshal(want); err != nil || string(back) != body {
			t.Errorf("%+v: %s, %v", want, back, err)
		}
	}
}

func TestTime(t *testing.T) {
	at := Time{time.Date(2026, 1, 31, 13, 0, 0, 999_999_999, time.FixedZone("", 3600))}
	b, err := json.Marshal(struct {
		At   Time
		None *Time
	}{At: at})
	if err != nil || string(b) != `{"At":"2026-01-31T12:00:00Z","None":null}` {
		t.Errorf("%s, %v", b, err)
	}
	var back Time
	if err := json.Unmarshal([]byte(`"2026-01-31T12:00:00.5+01:00"`), &back); err != nil || back.UnixMilli() != 1769857200500 {
		t.Errorf("%v, %v", back.UnixMilli(), err)
	}
	if err := json.Unmarshal([]byte(`"today"`), &back); err == nil {
		t.Error("a text that is no time is taken")
	}
}
