package harness

import (
	"fmt"
	"net"
	"strings"
	"sync"

	"github.com/miekg/dns"
)

// DNS is a DNS server on loopback that knows the TXT records a test gives it, and nothing else.
type DNS struct {
	server *dns.Server

	mu      sync.Mutex // protects the fields below
	records map[string][]string
	asked   map[string]int
}

// StartDNS starts one on a free port, over UDP.
func StartDNS() (*DNS, error) {
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for DNS: %w", err)
	}
	d := &DNS{records: map[string][]string{}, asked: map[string]int{}}
	started := make(chan struct{})
	d.server = &dns.Server{PacketConn: conn, Handler: d, NotifyStartedFunc: func() { close(started) }}
	ended := make(chan error, 1)
	go func() { ended <- d.server.ActivateAndServe() }()
	select {
	case <-started:
		return d, nil
	case err := <-ended:
		return nil, fmt.Errorf("serving DNS: %w", err)
	}
}

// Address is HOST:PORT, as the setting dns-resolver takes it.
func (d *DNS) Address() string { return d.server.PacketConn.LocalAddr().String() }

// Stop ends it.
func (d *DNS) Stop() error { return d.server.Shutdown() }

// Publish sets the TXT records of a domain.
func (d *DNS) Publish(domain string, values ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.records[key(domain)] = values
}

// Asked counts the TXT questions about exactly this name.
func (d *DNS) Asked(domain string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.asked[key(domain)]
}

func key(domain string) string { return strings.ToLower(dns.Fqdn(domain)) }

// ServeDNS implements [dns.Handler].
func (d *DNS) ServeDNS(w dns.ResponseWriter, query *dns.Msg) {
	answer := new(dns.Msg)
	answer.SetReply(query)
	answer.Authoritative, answer.RecursionAvailable = true, true
	for _, q := range query.Question {
		values, known := d.look(q)
		if !known {
			answer.Rcode = dns.RcodeNameError
		}
		for _, v := range values {
			header := dns.RR_Header{Name: q.Name, Rrtype: dns.TypeTXT, Class: dns.ClassINET}
			answer.Answer = append(answer.Answer, &dns.TXT{Hdr: header, Txt: []string{v}})
		}
	}
	_ = w.WriteMsg(answer) // whoever asked asks again
}

func (d *DNS) look(q dns.Question) (values []string, known bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	name := strings.ToLower(q.Name)
	values, known = d.records[name]
	if q.Qtype != dns.TypeTXT {
		return nil, known
	}
	d.asked[name]++
	return values, known
}
