package iam

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// modelUUIDForm is RFC 9562, section 4, with digits of either case.
var modelUUIDForm = regexp.MustCompile(`\A[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}\z`)

const modelUUID = "01936f2e-7c5a-7abc-8def-0123456789ab"

var modelUUIDTexts = []string{
	modelUUID, strings.ToUpper(modelUUID), "00000000-0000-0000-0000-000000000000", "FFFFffff-FFFF-ffff-FFFF-ffffFFFFffff",
	"00000000-0000-0000-0000-000000000001", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
}

var modelNotUUIDTexts = map[string]string{
	"nothing": "", "a word": "group", "hyphens alone": "----", "36 hyphens": strings.Repeat("-", 36), "36 digits": strings.Repeat("0", 36),
	"no hyphens": strings.ReplaceAll(modelUUID, "-", ""), "braces": "{" + modelUUID + "}", "a URN": "urn:uuid:" + modelUUID,
	"quotes": `"` + modelUUID + `"`, "space before": " " + modelUUID, "space after": modelUUID + " ", "space for a digit": " " + modelUUID[1:],
	"line feed after": modelUUID + "\n", "line feed for a digit": modelUUID[:35] + "\n", "NUL after": modelUUID + "\x00", "NUL for a digit": modelUUID[:35] + "\x00",
	"one too few": modelUUID[:35], "one too many": modelUUID + "0", "twice": modelUUID + modelUUID, "first part alone": modelUUID[:8], "cut at the last part": modelUUID[:24],
	"first hyphen early":     "0193-6f2e7c5a-7abc-8def-0123456789ab",
	"second hyphen late":     "01936f2e-7c5a7-abc-8def-0123456789ab",
	"last hyphen late":       "01936f2e-7c5a-7abc-8def0-123456789ab",
	"hyphen for a digit":     "-1936f2e-7c5a-7abc-8def-0123456789ab",
	"hyphen at the end":      "01936f2e-7c5a-7abc-8def-0123456789a-",
	"digits for hyphens":     "01936f2e07c5a07abc08def00123456789ab",
	"underscores":            strings.ReplaceAll(modelUUID, "-", "_"),
	"an en dash":             "01936f2e\u20137c5a-7abc-8def-012345678",
	"g for a digit":          "g" + modelUUID[1:],
	"x in the last part":     modelUUID[:24] + "0x23456789ab",
	"a sign":                 "+" + modelUUID[1:],
	"a full-width digit":     "\uff11" + modelUUID[3:],
	"an Arabic digit":        "\u0661" + modelUUID[2:],
	"invalid UTF-8":          "\xff" + modelUUID[1:],
	"36 characters, 38 long": "éé" + modelUUID[2:],
	"colons":                 strings.ReplaceAll(modelUUID, "-", ":"),
	"a CRN":                  "crn::iam:group:" + modelUUID,
	"a megabyte":             strings.Repeat("0", 1<<20),
}

func TestUUIDTexts(t *testing.T) {
	for _, text := range modelUUIDTexts {
		u, err := ParseUUID(text)
		if err != nil || u.String() != strings.ToLower(text) {
			t.Errorf("%q is read as %s, %v", text, u, err)
		}
		var back struct{ ID GroupID }
		data, err := json.Marshal(struct{ ID GroupID }{GroupID{u}})
		if want := `{"ID":"` + strings.ToLower(text) + `"}`; err != nil || string(data) != want {
			t.Errorf("%s is written as %s, %v", u, data, err)
		}
		if err := json.Unmarshal(data, &back); err != nil || back.ID.UUID != u {
			t.Errorf("%s is read back as %s, %v", data, back.ID, err)
		}
	}
	for why, text := range modelNotUUIDTexts {
		u, err := ParseUUID(text)
		if err == nil || !u.IsZero() {
			t.Errorf("%s: %.80q is read as %s, %v", why, text, u, err)
		}
		if err != nil && (len(err.Error()) > 300 || !utf8.ValidString(err.Error()) || strings.ContainsAny(err.Error(), "\x00\n")) {
			t.Errorf("%s: the error is %.400q", why, err)
		}
		id := GroupID{testID('g', 1)}
		if err := id.UnmarshalText([]byte(text)); text != "" && err == nil {
			t.Errorf("%s: %.80q is unmarshaled", why, text)
		}
	}
	for _, bad := range []string{`{"id":7}`, `{"id":"x"}`, `{"id":true}`, `{"id":{}}`, `{"id":["` + modelUUID + `"]}`, `{"id":" ` + modelUUID + `"}`,
		`{"groups":[{"group":"x"}]}`, `{"person":"` + modelUUID[1:] + `"}`} {
		if err := json.Unmarshal([]byte(bad), &User{}); err == nil {
			t.Errorf("%s is read as a user", bad)
		}
	}
	// Of the empty text alone UnmarshalText makes none, which an optional id in JSON is.
	id := GroupID{testID('g', 1)}
	if err := id.UnmarshalText(nil); err != nil || !id.IsZero() {
		t.Errorf("the empty text is unmarshaled as %s, %v", id, err)
	}
}

func TestUUIDBytesInOrder(t *testing.T) {
	u, err := ParseUUID("00010203-0405-0607-0809-0a0b0c0d0e0f")
	for i, b := range u {
		if err != nil || int(b) != i {
			t.Fatalf("byte %d is %d (%v)", i, b, err)
		}
	}
}

func TestUUIDCompare(t *testing.T) {
	ids := []UUID{{}, {15: 1}, {15: 2}, {8: 1}, {8: 1, 15: 1}, {7: 1}, {7: 0xff}, {0: 0x7f, 15: 0xff}, {0: 0x80}, {0: 0xff}, {0: 0xff, 8: 0x80}}
	for i, u := range ids {
		for j, v := range ids {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := u.Compare(v); got != want {
				t.Errorf("%s compared with %s is %d, want %d", u, v, got, want)
			}
			if got := strings.Compare(u.String(), v.String()); got != want {
				t.Errorf("the texts of %s and %s are in another order", u, v)
			}
		}
		if u.IsZero() != (i == 0) {
			t.Errorf("IsZero of %s is %v", u, u.IsZero())
		}
	}
}

func TestNewUUIDLayout(t *testing.T) {
	var ones [10]byte
	for i := range ones {
		ones[i] = 0xff
	}
	// RFC 9562, appendix A.6: 2022-02-22 14:22:22 -05:00, rand_a 0xCC3, rand_b 0x18C4DC0C0C07398F.
	at := time.Date(2022, 2, 22, 14, 22, 22, 0, time.FixedZone("", -5*3600))
	published := NewUUID(at, [10]byte{0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f})
	if want := "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"; published.String() != want {
		t.Errorf("the published example is %s, want %s", published, want)
	}
	for _, random := range [][10]byte{{}, ones, {0x80, 1, 0x40}} {
		for _, at := range []time.Time{time.Unix(0, 0), epoch, epoch.Add(999_999), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)} {
			u := NewUUID(at, random)
			text := u.String()
			if text[14] != '7' || !strings.Contains("89ab", text[19:20]) {
				t.Errorf("%s is not of version 7 and variant 10", text)
			}
			var ms int64
			if _, err := fmt.Sscanf(text[:8]+text[9:13], "%x", &ms); err != nil || ms != at.UnixMilli() {
				t.Errorf("%s says %d ms, want %d (%v)", text, ms, at.UnixMilli(), err)
			}
			// All random bits but the six of version and variant are kept.
			for i, b := range u[6:] {
				keep := map[int]byte{0: 0x0f, 2: 0x3f}[i]
				if keep == 0 {
					keep = 0xff
				}
				if b&keep != random[i]&keep {
					t.Errorf("%s: random byte %d is %x, want the bits %x of %x", text, i, b, keep, random[i])
				}
			}
		}
	}
	// Later is greater, by the millisecond, whatever the random bytes are; within one the random bytes decide.
	for _, at := range []time.Time{epoch, epoch.Add(255 * time.Millisecond), epoch.Add(65_535 * time.Millisecond), time.UnixMilli(1<<32 - 1)} {
		if u, v := NewUUID(at, ones), NewUUID(at.Add(time.Millisecond), [10]byte{}); u.Compare(v) >= 0 {
			t.Errorf("%s, a millisecond before %s, is not less", u, v)
		}
		if u, v := NewUUID(at, [10]byte{}), NewUUID(at.Truncate(time.Millisecond).Add(999_999), [10]byte{}); u != v {
			t.Errorf("%s and %s are of one millisecond", u, v)
		}
	}
	if NewUUID(epoch, ones) == NewUUID(epoch, [10]byte{}) {
		t.Error("the random bytes are not in it")
	}
	if u := PlatformOrg; u.IsZero() || u.UUID == OwnerPolicy.UUID || u.String() != "00000000-0000-0000-0000-000000000001" {
		t.Errorf("the platform's organization is %s", u)
	}
}

var modelCRNTexts = map[string]CRN{
	"crn::iam:group:" + modelUUID:           {"", "iam", "group", modelUUID},
	"crn::iam:group:*":                      {"", "iam", "group", "*"},
	"crn:eu-1:s3:bucket:reports/2026/a.csv": {"eu-1", "s3", "bucket", "reports/2026/a.csv"},
	"crn::s3:object:a:b::c:":                {"", "s3", "object", "a:b::c:"},
	"crn::s3:object::":                      {"", "s3", "object", ":"},
	"crn::a:b: ":                            {"", "a", "b", " "},
	"crn:*:*:*:*":                           {"*", "*", "*", "*"},
	"crn::crn:crn:crn":                      {"", "crn", "crn", "crn"},
	"crn:é:日本:ü:\U0010FFFF":                 {"é", "日本", "ü", "\U0010FFFF"},
}

var modelNotCRNTexts = map[string]string{
	"nothing": "", "the scheme alone": "crn", "colons alone": "::::", "five colons": ":::::", "four parts": "crn::iam:group", "three parts": "crn::iam",
	"no id": "crn::iam:group:", "no type": "crn::iam::" + modelUUID, "no service": "crn:::group:" + modelUUID, "nothing in it": "crn::::",
	"no region nor service, a colon in the id": "crn:::::x",
	"an id alone": modelUUID, "another scheme": "arn::iam:group:x", "ARN": "arn:aws:iam::123456789012:user/x", "a scheme that begins so": "crnx::iam:group:x",
	"the scheme in capitals": "CRN::iam:group:x", "in mixed case": "Crn::iam:group:x", "space before": " crn::iam:group:x", "space in the scheme": "crn ::iam:group:x",
	"no scheme": "::iam:group:x", "slashes": "crn//iam/group/x", "a URL": "https://crn::iam:group:x", "quotes": `"crn::iam:group:x"`,
	"NUL": "crn::iam:group:a\x00b", "NUL in the service": "crn::i\x00m:group:a", "NUL in the region": "crn:\x00:iam:group:a", "line feed": "crn::iam:group:a\nb",
	"line feed at the end": "crn::iam:group:a\n", "carriage return": "crn::iam:group:a\r", "tab": "crn::iam:group:a\tb", "escape": "crn::iam:group:\x1b[31m",
	"DEL": "crn::iam:group:a\x7f", "unit separator": "crn::iam:group:\x1f", "invalid UTF-8": "crn::iam:group:\xff", "half a character": "crn::iam:group:a\xc3",
	"a surrogate": "crn::iam:group:\xed\xa0\x80", "overlong": "crn::iam:group:\xc0\xaf", "the replacement character": "crn::iam:group:\uFFFD",
	"invalid UTF-8 in the region": "crn:\xfe:iam:group:a",
	"too long":                    "crn::iam:group:" + strings.Repeat("a", MaxCRN), "one byte too long": "crn::a:b:" + strings.Repeat("a", MaxCRN-8),
	"too long of colons": "crn" + strings.Repeat(":", MaxCRN), "a full-width colon": "crn\uff1a\uff1aiam\uff1agroup\uff1ax",
}

func TestCRNTexts(t *testing.T) {
	for text, want := range modelCRNTexts {
		c, err := ParseCRN(text)
		if err != nil || c != want || c.String() != text {
			t.Errorf("%q is read as %+v (%s), %v; want %+v", text, c, c, err, want)
		}
	}
	longest := "crn::a:b:" + strings.Repeat("a", MaxCRN-9)
	if c, err := ParseCRN(longest); err != nil || len(c.String()) != MaxCRN {
		t.Errorf("a name of %d bytes is refused: %v", len(longest), err)
	}
	for why, text := range modelNotCRNTexts {
		c, err := ParseCRN(text)
		if err == nil || c != (CRN{}) {
			t.Errorf("%s: %.80q is read as %+v, %v", why, text, c, err)
		}
		if err != nil && (len(err.Error()) > 500 || !utf8.ValidString(err.Error()) || strings.ContainsAny(err.Error(), "\x00\n\x1b")) {
			t.Errorf("%s: the error is %.600q", why, err)
		}
	}
}

func TestCRNOfPrincipals(t *testing.T) {
	id := testID('u', 1)
	for kind, want := range map[PrincipalKind]string{
		KindOfUser: "crn::iam:user:" + id.String(), KindOfServiceAccount: "crn::iam:service-account:" + id.String(), KindOfRole: "crn::iam:role:" + id.String(),
	} {
		p := Principal{kind, id}
		if got := p.CRN().String(); got != want || (Actor{Principal: p}).CRN() != want {
			t.Errorf("the CRN of a %s is %s, want %s", kind, got, want)
		}
		if back, err := ParseCRN(want); err != nil || back != p.CRN() {
			t.Errorf("%s is read as %+v, %v", want, back, err)
		}
	}
	// Whatever else there is names nothing that a policy could be written for.
	for _, p := range []Principal{{}, system, {"group", id}, {"User", id}, {Kind: "*"}} {
		if c := p.CRN(); c != (CRN{}) {
			t.Errorf("%+v has the CRN %s", p, c)
		}
		if _, err := ParseCRN(p.CRN().String()); err == nil {
			t.Errorf("%+v has a CRN that can be read", p)
		}
	}
	if got := AnyOf(TypeGroup).String(); got != "crn::iam:group:*" {
		t.Errorf("any group is %s", got)
	}
}

func FuzzUUIDText(f *testing.F) {
	for _, text := range modelUUIDTexts {
		f.Add(text)
	}
	for _, text := range modelNotUUIDTexts {
		if len(text) < 100 {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := ParseUUID(text)
		if (err == nil) != modelUUIDForm.MatchString(text) {
			t.Fatalf("%q: %v", text, err)
		}
		if err != nil {
			if !u.IsZero() {
				t.Fatalf("%q is refused (%v) and read as %s", text, err, u)
			}
			return
		}
		if u.String() != strings.ToLower(text) {
			t.Fatalf("%q is read as %s", text, u)
		}
		back, err := ParseUUID(u.String())
		if err != nil || back != u {
			t.Fatalf("%s is read back as %s, %v", u, back, err)
		}
	})
}

func FuzzCRNText(f *testing.F) {
	for text := range modelCRNTexts {
		f.Add(text)
	}
	for _, text := range modelNotCRNTexts {
		if len(text) < 100 {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		parts := strings.Split(text, ":")
		want := len(text) <= MaxCRN && utf8.ValidString(text) && len(parts) >= 5 && parts[0] == "crn" && parts[2] != "" && parts[3] != "" &&
			strings.Join(parts[4:], ":") != "" &&
			!strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError })
		c, err := ParseCRN(text)
		if (err == nil) != want {
			t.Fatalf("%q: %v", text, err)
		}
		if err != nil {
			if c != (CRN{}) {
				t.Fatalf("%q is refused (%v) and read as %+v", text, err, c)
			}
			return
		}
		if c.String() != text || !slices.Equal([]string{"crn", c.Region, c.Service, c.Type}, parts[:4]) {
			t.Fatalf("%q is read as %+v", text, c)
		}
		if back, err := ParseCRN(c.String()); err != nil || back != c {
			t.Fatalf("%s is read back as %+v, %v", c, back, err)
		}
		// Asking for the name of anything at all in an organization does no harm.
		if name := NewState(orgID(1)).NameOf(c); name != "" {
			t.Fatalf("an organization without a commit knows %s as %q", c, name)
		}
	})
}
