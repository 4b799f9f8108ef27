package sqlite

import (
	"net/url"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// dsn names a database to the driver. A path may hold any character: it is escaped as in a URI.
func dsn(path string, mode string, pragmas ...string) string {
	q := url.Values{"mode": {mode}, "_pragma": append([]string{"busy_timeout(5000)", "foreign_keys(on)"}, pragmas...)}
	return (&url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: q.Encode()}).String()
}

// writerDSN is for the one connection that writes. FULL makes every commit wait until its log frames are on the disk.
// A big commit may let the log grow; afterwards it is cut to 64 MB.
func writerDSN(path string) string {
	return dsn(path, "rw", "synchronous(full)", "cache_size(-16384)", "journal_size_limit(67108864)")
}

func readerDSN(path string) string {
	return dsn(path, "ro", "query_only(on)", "cache_size(-8192)")
}
