package authn

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/iam"
)

// client is a token of half an hour that a service account's access key was exchanged for.
func client() Claims {
	c := lasting()
	c.ExpiresAt = t0.Add(30 * time.Minute)
	c.Client = Client{UserType: "user-sa", Account: 54549, ID: "AKIA0123456789ABCDEF", Secret: Fingerprint([]byte("hash"))}
	return c
}

// impersonation is a token with which a user acts as a service account.
func impersonation() Claims {
	c := client()
	c.Credential, c.Client.ID, c.Client.Secret = iam.CredentialID{}, "", ""
	c.Client.By = Impersonator{Org: iam.OrgID{UUID: id(6)}, Principal: iam.Principal{Kind: iam.KindOfUser, ID: id(7)},
		Credential: iam.CredentialID{UUID: id(8)}, Secret: Fingerprint([]byte("theirs"))}
	return c
}

// TestClientTokens: what is signed is read again, and looks as the contract has it.
func TestClientTokens(t *testing.T) {
	in := newInstallation(t, "a")
	user := client()
	user.Principal.Kind, user.Client.UserType = iam.KindOfUser, "iam-user"
	owner := user
	owner.Client.UserType = "root-user"
	bySession := impersonation()
	bySession.Client.By = Impersonator{Org: iam.OrgID{UUID: id(6)}, Principal: iam.Principal{Kind: iam.KindOfRole, ID: id(7)}, Session: iam.SessionID{UUID: id(9)}}
	byUser := impersonation()
	byUser.Client.By = Impersonator{Org: iam.OrgID{UUID: id(6)}, Principal: iam.Principal{Kind: iam.KindOfUser, ID: id(7)}, UserSession: iam.UserSessionID{UUID: id(9)}}
	for name, c := range map[string]Claims{"service account": client(), "user": user, "owner": owner, "impersonation": impersonation(), "by a session": bySession, "by one who has signed in": byUser} {
		if got, err := in.clone(t).Open(mustSign(t, in.Keyring, c), t0); err != nil || got != c {
			t.Errorf("%s: got %+v, %v, want %+v", name, got, err, c)
		}
		mustRefuse(t, in.clone(t), mustSign(t, in.Keyring, c), c.ExpiresAt)
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(mustSign(t, in.Keyring, client()), ".")[1])
	want := fmt.Sprintf(`{"azp":"AKIA0123456789ABCDEF","exp":1772447400,"iat":1772445600,"iss":"https://iam.example","jti":"%s","org":"%s","root":54549,"sec":"%s","sub":"%s","user_type":"user-sa"}`,
		id(3), id(1), Fingerprint([]byte("hash")), id(2))
	if err != nil || string(payload) != want {
		t.Errorf("got  %s, %v\nwant %s", payload, err, want)
	}
}

func TestFingerprint(t *testing.T) {
	a, b := Fingerprint([]byte("a")), Fingerprint([]byte("b"))
	if a == b || a != Fingerprint([]byte("a")) || len(a) != 16 || Fingerprint(nil) == "" {
		t.Errorf("%q, %q", a, b)
	}
}

func TestSignRefusesClients(t *testing.T) {
	in := newInstallation(t, "a")
	for name, change := range map[string]func(*Claims){
		"no type":             func(c *Claims) { c.Client.UserType = "" },
		"unknown type":        func(c *Claims) { c.Client.UserType = "service-sa" },
		"another kind's type": func(c *Claims) { c.Client.UserType = "iam-user" },
		"a role": func(c *Claims) {
			c.Principal.Kind = iam.KindOfRole
			c.Session.UUID = id(5)
			c.Credential = iam.CredentialID{}
		},
		"endless":                       func(c *Claims) { c.ExpiresAt = time.Time{} },
		"no key":                        func(c *Claims) { c.Client.ID = "" },
		"no secret":                     func(c *Claims) { c.Client.Secret = "" },
		"no credential":                 func(c *Claims) { c.Credential = iam.CredentialID{} },
		"nothing that it was given for": func(c *Claims) { c.Credential, c.Client.ID, c.Client.Secret = iam.CredentialID{}, "", "" },
		"a key and an impersonator":     func(c *Claims) { c.Client.By = impersonation().Client.By },
		"impersonator of nowhere":       func(c *Claims) { *c = impersonation(); c.Client.By.Org = iam.OrgID{} },
		"impersonator without name":     func(c *Claims) { *c = impersonation(); c.Client.By.Principal.ID = iam.UUID{} },
		"impersonator without proof": func(c *Claims) {
			*c = impersonation()
			c.Client.By.Credential = iam.CredentialID{}
		},
		"impersonator with two proofs":            func(c *Claims) { *c = impersonation(); c.Client.By.Session.UUID = id(5) },
		"impersonator with two proofs, a session": func(c *Claims) { *c = impersonation(); c.Client.By.UserSession.UUID = id(5) },
		"an impersonation in a session":           func(c *Claims) { *c = impersonation(); c.UserSession.UUID = id(5) },
		"a session with a secret": func(c *Claims) {
			*c = impersonation()
			c.Client.By.Credential, c.Client.By.Session.UUID = iam.CredentialID{}, id(5)
		},
		"an impersonation of a key": func(c *Claims) { *c = impersonation(); c.Credential.UUID = id(3) },
	} {
		c := client()
		change(&c)
		if token, err := in.Sign(c); iam.CodeOf(err) != iam.Internal || token != "" {
			t.Errorf("%s: %q, %v", name, token, err)
		}
	}
}

func TestOpenRefusesClients(t *testing.T) {
	in := newInstallation(t, "a")
	act := map[string]any{"sub": "user:" + id(7).String(), "org": id(6).String(), "jti": id(8).String()}
	with := func(change map[string]any) map[string]any {
		out := map[string]any{"sub": id(2).String(), "user_type": "user-sa", "azp": "AKIA0123456789ABCDEF", "sec": "x"}
		for k, v := range change {
			out[k] = v
		}
		return out
	}
	acting := func(change map[string]any) map[string]any {
		by := map[string]any{}
		for k, v := range act {
			by[k] = v
		}
		for k, v := range change {
			by[k] = v
		}
		return with(map[string]any{"azp": nil, "sec": nil, "jti": nil, "act": by})
	}
	for _, good := range []map[string]any{with(nil), acting(nil)} {
		if _, err := in.Open(forge(t, in.private, goodHeader(in), payloadWith(t, good)), t0); err != nil {
			t.Fatal(err)
		}
	}
	for name, change := range map[string]map[string]any{
		"a kind in sub":          with(map[string]any{"sub": "service_account:" + id(2).String()}),
		"no user_type":           with(map[string]any{"user_type": nil}),
		"unknown user_type":      with(map[string]any{"user_type": "service-sa"}),
		"kind as user_type":      with(map[string]any{"user_type": "service_account"}),
		"user_type a number":     with(map[string]any{"user_type": 1}),
		"no exp":                 with(map[string]any{"exp": nil}),
		"no jti":                 with(map[string]any{"jti": nil}),
		"no azp":                 with(map[string]any{"azp": nil}),
		"no sec":                 with(map[string]any{"sec": nil}),
		"root a text":            with(map[string]any{"root": "54549"}),
		"a session":              with(map[string]any{"sid": id(5).String()}),
		"act beside azp":         with(map[string]any{"act": act}),
		"act empty":              with(map[string]any{"azp": nil, "sec": nil, "jti": nil, "act": map[string]any{}}),
		"act null":               with(map[string]any{"azp": nil, "sec": nil, "jti": nil, "act": nil}),
		"act a text":             with(map[string]any{"azp": nil, "sec": nil, "jti": nil, "act": "user:" + id(7).String()}),
		"act without org":        acting(map[string]any{"org": ""}),
		"act of a bad org":       acting(map[string]any{"org": "acme"}),
		"act without jti":        acting(map[string]any{"jti": ""}),
		"act with both":          acting(map[string]any{"sid": id(5).String()}),
		"act with a bad jti":     acting(map[string]any{"jti": "1"}),
		"act of another use":     acting(map[string]any{"use": "key"}),
		"act in a session":       func() map[string]any { m := acting(nil); m["jti"], m["use"] = id(3).String(), "session"; return m }(),
		"act with a bad sub":     acting(map[string]any{"sub": "user"}),
		"act without user_type":  {"act": act, "jti": nil},
		"user_type alone, no id": with(map[string]any{"azp": nil, "sec": nil, "jti": nil}),
		"root alone":             {"root": 54549},
	} {
		t.Run(name, func(t *testing.T) {
			mustRefuse(t, in.Keyring, forge(t, in.private, goodHeader(in), payloadWith(t, change)), t0)
		})
	}
}
