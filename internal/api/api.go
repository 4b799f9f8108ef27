package api

import (
	"log/slog"
	"net/http"
	"net/netip"
	"path"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/control"
)

// Config is what the API is made of. Control, Log and Now are required.
type Config struct {
	Control *control.Control
	Log     *slog.Logger
	Now     func() time.Time

	// PublicURL begins the links in lists; if empty, the scheme and host that the client asked for.
	PublicURL string
	// RatePerMinute is how many calls a credential may make in a minute; 0 switches the limit off.
	RatePerMinute int
	// TrustedProxies are the addresses whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
}

type api struct {
	Config
	limiter limiter
	mux     *http.ServeMux
}

// New makes the handler of the whole API.
func New(cfg Config) http.Handler {
	cfg.PublicURL = strings.TrimSuffix(cfg.PublicURL, "/")
	a := &api{Config: cfg, limiter: limiter{perMinute: cfg.RatePerMinute}, mux: http.NewServeMux()}
	methods := map[string][]string{}
	for _, route := range Routes() {
		a.handle(route.Method+" "+route.Pattern, &route)
		methods[route.Pattern] = append(methods[route.Pattern], route.Method)
	}
	for pattern, have := range methods {
		a.handle(pattern, &Route{Pattern: pattern, handle: wrongMethod(have)})
	}
	a.handle("/", notFound)
	return a
}

func (a *api) handle(pattern string, route *Route) {
	a.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { a.serve(w, r, route) })
}

// ServeHTTP finds the route. Paths that are not clean are unknown: http.ServeMux would redirect them.
func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p := r.URL.EscapedPath()
	if p == "" || p[0] != '/' || path.Clean(p) != p || r.Method == http.MethodConnect {
		a.serve(w, r, notFound)
		return
	}
	a.mux.ServeHTTP(w, r)
}
