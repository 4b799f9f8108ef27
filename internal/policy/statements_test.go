package policy

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func compileError(source []byte) error {
	_, err := Compile(Statements, source, nil)
	return err
}

func TestCompileAccepts(t *testing.T) {
	for _, c := range []struct{ name, source string }{
		{"smallest", `{"statements":[{"effect":"deny","actions":["*"]}]}`},
		{"contract's sample", `{"version":"2024-01-01","statements":[
 {"sid":"ReadReports","effect":"allow","actions":["s3:GetObject","s3:ListBucket"],"resources":["reports","reports/*"],"conditions":[{"operator":"equals","key":"s3:prefix","values":["2025/"]}]},
 {"sid":"NoDelete","effect":"deny","actions":["s3:Delete*"],"resources":["*"]}]}`},
		{"members in any order", `{"statements":[{"conditions":[{"values":["1"],"key":"k","operator":"numeric_equals"}],"actions":["a:b"],"effect":"allow"}],"version":"2024-01-01"}`},
		{"no conditions", one("allow", `["a:b"]`, `["x"]`, `[]`)},
		{"white space", " \r\n\t{ \"statements\" : [ { \"effect\" : \"allow\" , \"actions\" : [ \"a:b\" ] } ] } \n"},
		{"wildcards in the service", one("allow", `["s*:Get*","*:*","*:List*"]`, "", "")},
		{"every printable character in an action", one("allow", `["s!\"#$%&'()+,-./;<=>?@[]^_{|}~ :A"]`, "", "")},
		{"any text in a resource", one("allow", `["a:b"]`, `["ключ/é日本 ?*"]`, "")},
		{"control characters in a value", conditional("allow", "equals", "k", "a\nb\x00")},
		{"empty value", conditional("allow", "equals", "k", "")},
		{"escapes", `{"\u0073tatements":[{"effect":"\u0061llow","actions":["a\u003ab"]}]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			source := []byte(c.source)
			kept := bytes.Clone(source)
			p := compile(t, c.source)
			if p.Language() != Statements || p.Len() == 0 {
				t.Errorf("got language %q, %d statements", p.Language(), p.Len())
			}
			if !bytes.Equal(source, kept) {
				t.Error("Compile wrote to its source")
			}
		})
	}
}

func TestCompileRefusesLanguage(t *testing.T) {
	for _, lang := range []Language{"", "Statements", "rego"} {
		_, err := Compile(lang, []byte(one("allow", `["*"]`, "", "")), nil)
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Path != "" || e.Line != 1 || e.Column != 1 || !strings.Contains(e.Message, "statements") {
			t.Errorf("%q: got %v", lang, err)
		}
	}
}

// TestCompileRefuses holds every refusal to its exact place, which § marks.
func TestCompileRefuses(t *testing.T) {
	const doc = `{"version":"2024-01-01",` + "\n" + `  "statements":[%s]}`
	statement := func(s string) string { return fmt.Sprintf(doc, s) }
	second := func(s string) string {
		return statement(`{"effect":"allow","actions":["a:b"]},` + "\n" + s)
	}
	condition := func(s string) string {
		return second(`{"effect":"deny","actions":["a:b"],"conditions":[{"operator":"exists","key":"k","values":["true"]},` + s + `]}`)
	}
	actions := func(s string) string { return second(`{"effect":"deny","actions":["a:b",` + s + `]}`) }
	resources := func(s string) string { return second(`{"actions":["a:b"],"effect":"deny","resources":[` + s + `]}`) }

	for _, c := range []struct{ name, source, path, words string }{
		// The document.
		{"empty", `§`, "", "ends too early"},
		{"blank", " \n §", "", "ends too early"},
		{"null", ` §null`, "", "must be an object|null"},
		{"array", `§[]`, "", "must be an object|an array"},
		{"text", `§"x"`, "", "a string"},
		{"number", `§1`, "", "a number"},
		{"no JSON", `§x`, "", "not valid JSON"},
		{"half", `{"statements":[{"effect":"allow"§`, "statements[0]", "ends too early"},
		{"half a string", `{"statements":[{"effect":"all§`, "statements[0].effect", "ends too early"},
		{"no comma", `{"version":"2024-01-01" §"statements":[]}`, "", "not valid JSON"},
		{"comma before the end", `{"version":"2024-01-01"§,}`, "", "not valid JSON"},
		{"name without quotes", `{§version:1}`, "", "not valid JSON"},
		{"second document", `{"statements":[{"effect":"allow","actions":["*"]}]} §{}`, "", "nothing may follow"},
		{"rubbish after", `{"statements":[{"effect":"allow","actions":["*"]}]}§]`, "", "nothing may follow"},
		{"byte order mark", "§\ufeff{}", "", "not valid JSON"},
		{"invalid UTF-8", "{\"statements\":[{\"sid\":\"a§\xff\"}]}", "statements[0].sid", "not valid JSON|UTF-8"},
		{"half a surrogate pair", `{"statements":[{"sid":"a§\ud800"}]}`, "statements[0].sid", "not valid JSON"},
		{"no statements", `§{"version":"2024-01-01"}`, "statements", "is missing"},
		{"no members", "\n §{}", "statements", "is missing"},
		{"unknown member", `{"statements":[{"effect":"allow","actions":["*"]}],§"Version":"2024-01-01"}`, "Version", "unknown member Version|version and statements"},
		{"unknown member with an odd name", `{§"a.b c\n":1}`, "", `unknown member "a.b c\n"`},
		{"unknown member without a name", `{§"":1}`, "", `unknown member ""`},
		{"member twice", `{"version":"2024-01-01",§"version":"2024-01-01"}`, "", "version is given twice"},
		{"member twice, once escaped", `{"version":"2024-01-01",§"\u0076ersion":"2024-01-01"}`, "", "version is given twice"},

		// version
		{"old version", `{"version":§"2012-10-17"}`, "version", "unknown version 2012-10-17|2024-01-01"},
		{"empty version", `{"version":§""}`, "version", "unknown version"},
		{"version null", `{"version":§null}`, "version", "must be a string|null"},
		{"version number", `{"version": §2024}`, "version", "must be a string|a number"},

		// statements
		{"statements null", `{"statements":§null}`, "statements", "must be an array|null"},
		{"statements an object", `{"statements":§{}}`, "statements", "must be an array|an object"},
		{"statements empty", `{"statements":§[ ]}`, "statements", "at least one"},
		{"statement null", statement(`§null`), "statements[0]", "must be an object"},
		{"statement an array", second(`§[]`), "statements[1]", "must be an object"},
		{"comma too much", statement(`{"effect":"allow","actions":["*"]}§,`), "statements[1]", "not valid JSON"},
		{"statement unknown member", second(`{"effect":"allow","actions":["a:b"],§"condition":[]}`), "statements[1].condition", "unknown member condition|conditions"},
		{"statement member in capitals", second(`{§"Effect":"allow"}`), "statements[1].Effect", "unknown member Effect"},
		{"other vendor's member", second(`{"effect":"allow","actions":["a:b"],§"notActions":["a:b"]}`), "statements[1].notActions", "unknown member"},
		{"statement member twice", second(`{"effect":"allow",§"effect":"deny"}`), "statements[1]", "effect is given twice"},
		{"statement empty", second(`§{}`), "statements[1].effect", "missing|allow or deny"},
		{"no actions", second(`§{"effect":"allow"}`), "statements[1].actions", "is missing"},
		{"no effect", second(`§{"actions":["a:b"]}`), "statements[1].effect", "is missing"},

		// sid
		{"sid empty", second(`{"sid":§""}`), "statements[1].sid", "must not be empty"},
		{"sid null", second(`{"sid":§null}`), "statements[1].sid", "must be a string"},
		{"sid number", second(`{"sid":§1}`), "statements[1].sid", "must be a string"},
		{"sid control", second(`{"sid":§"a\u0007"}`), "statements[1].sid", "control"},
		{"sid twice", statement(`{"sid":"A","effect":"allow","actions":["*"]},{"sid":"a","effect":"allow","actions":["*"]},` + "\n" + `{"sid":§"A"}`), "statements[2].sid", "A is the sid|unique"},

		// effect
		{"effect in capitals", second(`{"effect":§"Allow"}`), "statements[1].effect", "unknown effect Allow|allow or deny"},
		{"effect empty", second(`{"effect":§""}`), "statements[1].effect", "unknown effect"},
		{"effect true", second(`{"effect":§true}`), "statements[1].effect", "must be a string|true or false"},
		{"effect with space", second(`{"effect":§"allow "}`), "statements[1].effect", `"allow "`},

		// actions
		{"actions null", second(`{"actions":§null}`), "statements[1].actions", "must be an array"},
		{"actions a string", second(`{"actions":§"a:b"}`), "statements[1].actions", "must be an array|a string"},
		{"actions empty", second(`{"effect":"allow","actions":§[]}`), "statements[1].actions", "at least one"},
		{"action number", actions(`§1`), "statements[1].actions[1]", "must be a string"},
		{"action null", actions(`"a:c", §null`), "statements[1].actions[2]", "must be a string"},
		{"action empty", actions(`§""`), "statements[1].actions[1]", "no colon"},
		{"action without colon", actions(`§"GetObject"`), "statements[1].actions[1]", "GetObject has no colon|service:Action"},
		{"action two stars", actions(`§"**"`), "statements[1].actions[1]", "no colon"},
		{"action two colons", actions(`§"a:b:c"`), "statements[1].actions[1]", "more than one colon"},
		{"action no service", actions(`§":Get"`), "statements[1].actions[1]", "no service"},
		{"action no name", actions(`§"s3:"`), "statements[1].actions[1]", "no action"},
		{"action not ASCII", actions(`§"s3:Gét"`), "statements[1].actions[1]", "printable ASCII"},
		{"action Kelvin", actions("§\"\u212ams:Get\""), "statements[1].actions[1]", "printable ASCII"},
		{"action control", actions(`§"s3:Get\n"`), "statements[1].actions[1]", "printable ASCII"},
		{"action DEL", actions("§\"s3:Get\x7f\""), "statements[1].actions[1]", "printable ASCII"},

		// resources
		{"resources null", second(`{"resources":§null}`), "statements[1].resources", "must be an array"},
		{"resources empty", second(`{"effect":"allow","actions":["a:b"],"resources":§[]}`), "statements[1].resources", "at least one"},
		{"resource empty", resources(`"*",§""`), "statements[1].resources[1]", "must not be empty"},
		{"resource control", resources(`§"a\tb"`), "statements[1].resources[0]", "control"},
		{"resource C1 control", resources("§\"a\u0085b\""), "statements[1].resources[0]", "control"},
		{"resource object", resources(`§{"a":1}`), "statements[1].resources[0]", "must be a string|an object"},

		// conditions
		{"conditions null", second(`{"conditions":§null}`), "statements[1].conditions", "must be an array"},
		{"conditions a map", second(`{"conditions":§{"equals":{"k":["v"]}}}`), "statements[1].conditions", "must be an array|an object"},
		{"condition null", condition(`§null`), "statements[1].conditions[1]", "must be an object"},
		{"condition empty", condition(`§{}`), "statements[1].conditions[1].operator", "is missing|equals"},
		{"no key", condition(`§{"operator":"equals","values":["a"]}`), "statements[1].conditions[1].key", "is missing"},
		{"no values", condition(`§{"operator":"equals","key":"k"}`), "statements[1].conditions[1].values", "is missing"},
		{"condition unknown member", condition(`{"operator":"equals",§"value":"a"}`), "statements[1].conditions[1].value", "unknown member value"},
		{"condition member twice", condition(`{"key":"a",§"key":"b"}`), "statements[1].conditions[1]", "key is given twice"},
		{"operator unknown", condition(`{"operator":§"string_equals"}`), "statements[1].conditions[1].operator", "unknown operator string_equals|not_ip_address"},
		{"operator in capitals", condition(`{"operator":§"Equals"}`), "statements[1].conditions[1].operator", "unknown operator Equals"},
		{"operator null", condition(`{"operator":§null}`), "statements[1].conditions[1].operator", "must be a string"},
		{"key empty", condition(`{"key":§""}`), "statements[1].conditions[1].key", "must not be empty"},
		{"key control", condition(`{"key":§"a\u0000"}`), "statements[1].conditions[1].key", "control"},
		{"key number", condition(`{"key":§7}`), "statements[1].conditions[1].key", "must be a string"},
		{"values a string", condition(`{"values":§"a"}`), "statements[1].conditions[1].values", "must be an array"},
		{"values empty", condition(`{"values":§[]}`), "statements[1].conditions[1].values", "at least one"},
		{"value number", condition(`{"values":["1",§2]}`), "statements[1].conditions[1].values[1]", "must be a string"},
		{"value bool", condition(`{"values":[§true]}`), "statements[1].conditions[1].values[0]", "must be a string"},
		{"deep", condition(`{"values":[§[[[[[[[[[[]]]]]]]]]]]}`), "statements[1].conditions[1].values[0]", "must be a string|an array"},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantError(t, compileError, c.source, c.path, strings.Split(c.words, "|")...)
		})
	}
}

func TestCompileRefusesValues(t *testing.T) {
	for operator, values := range map[string][]string{
		"numeric_equals":              {"", "x", "1 ", " 1", "+1", "01", "-01", ".5", "5.", "5.e1", "1e", "0x10", "1_000", "inf", "NaN", "Infinity", "1e999", "١", "1,5", "--1", "-", "1e5.5", "true"},
		"numeric_less_than":           {"many"},
		"numeric_less_than_equals":    {"many"},
		"numeric_greater_than":        {"many"},
		"numeric_greater_than_equals": {"many"},
		"date_before": {"", "now", "2026", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00z", "2026-01-01t00:00:00Z", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
			"2026-01-01T1:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00,5Z", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01:60", "2026-01-01T00:00:00+0100", "1767225600", "02026-01-01T00:00:00Z"},
		"date_after":     {"tomorrow"},
		"bool":           {"", "True", "yes", "1", "true "},
		"exists":         {"", "no", "FALSE", "0"},
		"ip_address":     {"", "localhost", "10.0.0", "10.0.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08", "010.0.0.1", "10.0.0.0-10.0.0.9", "::/129", ":::", "fe80::1%eth0", "fe80::%eth0/64", "::ffff:0:0/90", "10.0.0.1 "},
		"not_ip_address": {"intranet"},
	} {
		for _, value := range values {
			// The members stand in an order in which the operator is known last.
			source := one("deny", `["a:b"]`, "", `[{"values":["V",§`+quote(value)+`],"key":"k","operator":`+quote(operator)+`}]`)
			valid := map[string]string{"n": "1", "d": "2026-01-01T00:00:00Z", "b": "true", "e": "true", "i": "::1"}[operator[:1]]
			if operator == "not_ip_address" {
				valid = "10.0.0.1"
			}
			t.Run(operator+" "+value, func(t *testing.T) {
				wantError(t, compileError, strings.Replace(source, `"V"`, quote(valid), 1), "statements[0].conditions[0].values[1]", show(value))
			})
		}
	}
}

func TestErrorText(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{`{"version":1}`, `line 1, column 12: version: must be a string, is a number`},
		{"{\n\"version\":\n 1}", `line 3, column 2: version: must be a string, is a number`},
		{"\r\n[", `line 2, column 1: must be an object, is an array`},
		{`{"é":1}`, `line 1, column 2: unknown member é; allowed are version and statements`},
		{`{"version":"` + strings.Repeat("é", 300) + `"}`, `line 1, column 12: version: unknown version ` + strings.Repeat("é", 128) + `…; use "2024-01-01" or leave it out`},
	} {
		if err := compileError([]byte(c.source)); err == nil || err.Error() != c.want {
			t.Errorf("%q:\n got %v\nwant %v", c.source, err, c.want)
		}
	}
}
