package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// The functions of this file make the setters of the table. Their errors say what would be right.

func text(field func(*Config) *string, checks ...func(string) error) func(*Config, string) error {
	return func(c *Config, v string) error {
		for _, check := range checks {
			if err := check(v); err != nil {
				return err
			}
		}
		*field(c) = v
		return nil
	}
}

func required(v string) error {
	if v == "" {
		return errors.New("it must not be empty")
	}
	return nil
}

func oneLine(v string) error {
	if strings.ContainsFunc(v, unicode.IsControl) || len(v) > 255 {
		return errors.New("want one line of at most 255 bytes")
	}
	return nil
}

func address(v string) error {
	_, port, err := net.SplitHostPort(v)
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || n > 65535 {
		return fmt.Errorf("%q is no address to listen at; want HOST:PORT, as in 127.0.0.1:8480 or [::1]:8480", v)
	}
	return nil
}

func addressOrNone(v string) error {
	if v == "" {
		return nil
	}
	return address(v)
}

func resolverOrNone(v string) error {
	host, port, err := net.SplitHostPort(v)
	if n, bad := strconv.ParseUint(port, 10, 16); v != "" && (err != nil || bad != nil || host == "" || n == 0) {
		return fmt.Errorf("%q is no address of a resolver; want HOST:PORT, as in 192.0.2.53:53 or [::1]:53", v)
	}
	return nil
}

func number(field func(*Config) *int, low, high int) func(*Config, string) error {
	return func(c *Config, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < low || n > high {
			return fmt.Errorf("%q is not right; want a whole number from %d to %d", v, low, high)
		}
		*field(c) = n
		return nil
	}
}

func onOff(field func(*Config) *bool) func(*Config, string) error {
	return func(c *Config, v string) error {
		switch strings.ToLower(v) {
		case "on", "true", "yes", "1":
			*field(c) = true
		case "off", "false", "no", "0":
			*field(c) = false
		default:
			return fmt.Errorf("%q is not right; want on or off", v)
		}
		return nil
	}
}

func duration(field func(*Config) *time.Duration, low, high time.Duration) func(*Config, string) error {
	return func(c *Config, v string) error {
		d, err := parseDuration(v)
		if err != nil || d < low || d > high {
			return fmt.Errorf("%q is not right; want a time from %s to %s, as in 90s, 15m, 12h or 7d", v, show(low), show(high))
		}
		*field(c) = d
		return nil
	}
}

// parseDuration also knows days, which time.ParseDuration does not.
func parseDuration(v string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(v, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * day, err
	}
	return time.ParseDuration(v)
}

func show(d time.Duration) string {
	if d >= day && d%day == 0 {
		return strconv.Itoa(int(d/day)) + "d"
	}
	s := d.String()
	for _, zeros := range []string{"m0s", "h0m"} {
		if short, ok := strings.CutSuffix(s, zeros); ok {
			s = short + zeros[:1]
		}
	}
	return s
}

func setPublicURL(c *Config, v string) error {
	u, err := url.Parse(v)
	switch {
	case v == "":
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil ||
		u.RawQuery != "" || u.Fragment != "":
		return errors.New("it is no URL of a server; want scheme, host and perhaps a path, as in https://iam.example.com")
	}
	c.PublicURL = strings.TrimRight(v, "/")
	return nil
}

func setTrustedProxies(c *Config, v string) error {
	c.TrustedProxies = nil
	for word := range strings.FieldsFuncSeq(v, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
		p, err := netip.ParsePrefix(word)
		if err != nil {
			var a netip.Addr
			if a, err = netip.ParseAddr(word); err == nil {
				p = netip.PrefixFrom(a, a.BitLen())
			}
		}
		if err != nil {
			return fmt.Errorf("%q is neither an address nor a network; want a list as in 10.0.0.0/8,192.0.2.7", word)
		}
		c.TrustedProxies = append(c.TrustedProxies, p.Masked())
	}
	return nil
}

func setLogLevel(c *Config, v string) error {
	levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	level, ok := levels[strings.ToLower(v)]
	if !ok {
		return fmt.Errorf("%q is not right; want debug, info, warn or error", v)
	}
	c.LogLevel = level
	return nil
}

func setLogFormat(c *Config, v string) error {
	switch f := LogFormat(strings.ToLower(v)); f {
	case LogAuto, LogText, LogJSON:
		c.LogFormat = f
		return nil
	}
	return fmt.Errorf("%q is not right; want text, json or auto", v)
}
