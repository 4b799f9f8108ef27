package server

import (
	"bytes"
	"context"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

// resolver is a DNS server on loopback that knows TXT records by name, each of several strings. It notes the names it is asked for.
type resolver struct {
	conn    net.PacketConn
	records map[string][][]string
	asked   chan string
}

func newResolver(t *testing.T, records map[string][][]string) *resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &resolver{conn, records, make(chan string, 100)}
	done := make(chan struct{})
	go func() { defer close(done); r.serve() }()
	t.Cleanup(func() { conn.Close(); <-done })
	return r
}

func (r *resolver) serve() {
	b := make([]byte, 1500)
	for {
		n, from, err := r.conn.ReadFrom(b)
		if err != nil {
			return
		}
		if answer := r.answer(b[:n]); answer != nil {
			_, _ = r.conn.WriteTo(answer, from)
		}
	}
}

// answer makes the reply to a query of one question (RFC 1035, section 4).
func (r *resolver) answer(query []byte) []byte {
	var labels []string
	at := 12
	for query[at] != 0 {
		n := int(query[at])
		labels = append(labels, string(query[at+1:at+1+n]))
		at += 1 + n
	}
	question := query[12 : at+5]
	name := strings.ToLower(strings.Join(labels, "."))
	r.asked <- name
	records, known := r.records[name]
	if known && records == nil {
		return nil // never answers
	}
	code := byte(0)
	if !known {
		code = 3 // no such name
	}
	out := bytes.NewBuffer(slices.Concat(query[:2], []byte{0x81, 0x80 | code, 0, 1, 0, byte(len(records)), 0, 0, 0, 0}, question))
	for _, texts := range records {
		var data []byte
		for _, s := range texts {
			data = append(append(data, byte(len(s))), s...)
		}
		out.Write([]byte{0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 0, 0, byte(len(data))})
		out.Write(data)
	}
	return out.Bytes()
}

// TestLookupTXT asks the resolver that is set, for the name itself alone, and gets records whole.
func TestLookupTXT(t *testing.T) {
	r := newResolver(t, map[string][][]string{
		"corp.example":   {{"v=spf1 -all"}, {"cloudflare_dashboard_sso=", "123456789012"}},
		"silent.example": nil,
	})
	lookup := lookupTXT(r.conn.LocalAddr().String())
	got, err := lookup(t.Context(), "corp.example")
	if want := []string{"v=spf1 -all", "cloudflare_dashboard_sso=123456789012"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	if got, err := lookup(t.Context(), "nowhere.example"); err == nil {
		t.Errorf("a name that is not there has %q", got)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	if got, err := lookup(ctx, "silent.example"); err == nil || time.Since(began) > 5*time.Second {
		t.Errorf("without an answer: %q, %v after %s", got, err, time.Since(began))
	}
	for len(r.asked) > 0 {
		if name := <-r.asked; !slices.Contains([]string{"corp.example", "nowhere.example", "silent.example"}, name) {
			t.Errorf("it was asked for %s", name)
		}
	}
}

// TestNoSuchResolver: what cannot be reached finds nothing.
func TestNoSuchResolver(t *testing.T) {
	r := newResolver(t, nil)
	address := r.conn.LocalAddr().String()
	r.conn.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if got, err := lookupTXT(address)(ctx, "corp.example"); err == nil {
		t.Errorf("found %q", got)
	}
}
