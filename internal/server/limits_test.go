package server

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestOversizedHeaders(t *testing.T) {
	cfg, env := initialized(t, map[string]string{"max-header-bytes": "4096"})
	r := start(t, cfg, env)
	for size, want := range map[int]int{2000: 404, 20_000: 431} {
		req, err := http.NewRequest("GET", r.Local+"/x", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Big", strings.Repeat("x", size))
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%d bytes: %d, want %d", size, res.StatusCode, want)
		}
	}
}

// TestSlowClients holds that a client cannot keep a connection by sending slowly, or nothing.
func TestSlowClients(t *testing.T) {
	cfg, env := initialized(t, map[string]string{"read-header-timeout": "100ms", "read-timeout": "200ms", "idle-timeout": "100ms"})
	r := start(t, cfg, env)
	for name, sent := range map[string]string{
		"headers": "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ",
		"nothing": "",
		"idle":    "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		conn, err := net.Dial("tcp", r.Listen)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, sent); err != nil {
			t.Fatal(err)
		}
		if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, bufio.NewReader(conn)); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: the connection is still open", name)
		}
		conn.Close()
	}
}

func TestUnencryptedHTTP2(t *testing.T) {
	cfg, env := initialized(t, nil)
	r := start(t, cfg, env)
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	defer transport.CloseIdleConnections()
	res, err := (&http.Client{Transport: transport}).Get(r.Local + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 200 || res.ProtoMajor != 2 {
		t.Errorf("%d %s", res.StatusCode, res.Proto)
	}
}

// certificate writes a certificate for 127.0.0.1 and its key.
func certificate(t *testing.T) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs})
	if err := errors.Join(os.WriteFile(cert, certPEM, 0o600), os.WriteFile(key, keyPEM, 0o600)); err != nil {
		t.Fatal(err)
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(certPEM)
	return cert, key, pool
}

func TestTLS(t *testing.T) {
	cert, key, pool := certificate(t)
	cfg, env := initialized(t, map[string]string{"tls-cert": cert, "tls-key": key})
	r := start(t, cfg, env)
	if !strings.HasPrefix(r.URL, "https://127.0.0.1:") {
		t.Error(r.URL)
	}
	for name, c := range map[string]struct {
		config *tls.Config
		http2  bool
		major  int // of the answer; 0: refused
	}{
		"HTTP/2":   {&tls.Config{RootCAs: pool}, true, 2},
		"HTTP/1.1": {&tls.Config{RootCAs: pool, MaxVersion: tls.VersionTLS12}, false, 1},
		"TLS 1.1":  {&tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, false, 0},
	} {
		transport := &http.Transport{TLSClientConfig: c.config, ForceAttemptHTTP2: c.http2}
		res, err := (&http.Client{Transport: transport}).Get(r.URL + "/readyz")
		switch {
		case c.major == 0 && err == nil:
			t.Errorf("%s: accepted", name)
		case c.major > 0 && (err != nil || res.StatusCode != 200 || res.ProtoMajor != c.major):
			t.Errorf("%s: %v %v", name, res, err)
		}
		if err == nil {
			res.Body.Close()
		}
		transport.CloseIdleConnections()
	}
}

func TestBadCertificate(t *testing.T) {
	_, key, _ := certificate(t)
	cfg, _ := initialized(t, map[string]string{"tls-cert": key, "tls-key": key})
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Serve(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "--tls-cert") {
		t.Errorf("%v", err)
	}
}
