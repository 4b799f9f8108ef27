package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/writ-iam/writ/"

// pkg is one package of the module, as its files say.
type pkg struct {
	path    string              // relative to the module: "internal/iam"
	imports map[string][]string // import path → files; tests left out
	files   map[string]*ast.File
	docs    int // files with a package comment
}

// floors gives each package its height. A package imports only what is on a lower floor; packages on one floor do not
// know each other. A new package must be entered here.
var floors = map[string]int{
	"cmd/writ":                    12,
	"internal/cli":                11,
	"internal/server":             10,
	"internal/api":                9,
	"internal/dialect/cloudflare": 9,
	"internal/dialect/exoscale":   9,
	"internal/dialect/scaleway":   9,
	"internal/sitetest":           9,
	"internal/dialect/vngcloud":   9,
	"internal/wire":               8,
	"internal/control":            7,
	"internal/store/sqlite":       6,
	"internal/store/storetest":    6,
	"internal/store":              5,
	"internal/authz":              5,
	"internal/authn":              5,
	"internal/authn/authntest":    6,
	"internal/iam":                4,
	"internal/compose":            4,
	"internal/world":              4,
	"internal/policy":             3,
	"internal/catalog":            2,
	"internal/catalog/route":      1,
	"internal/guard":              6,
	"internal/openapi":            3,
	"engine":                      7,
	"client":                      2,
	"client/apitype":              1,
	"internal/pmap":               1,
	"internal/exchangetest":       1,
	"internal/sshkey":             1,
	"internal/config":             1,
	"internal/expr":               1,
	"internal/benchdata":          8, // above what it fills, for benchmarks
	"internal/archtest":           0,
	"internal/doctest":            13,
}

// exceptions are imports within one floor or past a border, each with its reason.
var exceptions = map[string]string{}

func TestFloors(t *testing.T) {
	for _, p := range load(t) {
		height, known := floors[p.path]
		if !known {
			t.Errorf("%s is on no floor: enter it in the table above, where its imports allow", p.path)
			continue
		}
		for imp, files := range p.imports {
			rel, ours := strings.CutPrefix(imp, module)
			if !ours || exceptions[p.path+" "+rel] != "" {
				continue
			}
			if below, ok := floors[rel]; !ok || below >= height {
				t.Errorf("%s imports %s: imports point down only (docs/design, \"The house\")", files[0], rel)
			}
		}
	}
}

// TestBorders holds the rules that are about particular imports.
func TestBorders(t *testing.T) {
	pure := []string{"internal/policy", "internal/iam", "internal/authz", "internal/catalog", "internal/compose", "internal/world", "internal/pmap", "internal/expr",
		"internal/catalog/route", "internal/guard", "internal/openapi", "internal/sshkey"}
	for _, p := range load(t) {
		for imp, files := range p.imports {
			rel := strings.TrimPrefix(imp, module)
			bad := func(reason string) { t.Errorf("%s imports %s: %s", files[0], rel, reason) }
			switch {
			case slices.Contains(pure, p.path) && slices.Contains([]string{"net/http", "database/sql", "os", "crypto/rand", "math/rand", "math/rand/v2", "log", "log/slog"}, imp):
				bad("what decides is pure: no I/O, no clock, no randomness, no logging")
			case p.path == "internal/policy" && rel != imp && rel != "internal/expr":
				bad("policy imports nothing of ours but expressions")
			case (imp == "database/sql" || strings.HasPrefix(imp, "modernc.org/")) && p.path != "internal/store/sqlite":
				bad("drivers appear only in the stores, which translate their errors")
			case rel == "internal/store/sqlite" && p.path != "internal/server" && p.path != "internal/sitetest":
				bad("server alone chooses the store, and sitetest that of tests")
			case strings.HasPrefix(p.path, "internal/dialect/") && (strings.HasPrefix(rel, "internal/dialect/") || strings.HasPrefix(rel, "internal/store") || rel == "internal/authz"):
				bad("a dialect knows control, and nothing of its siblings, stores or the engine")
			case p.path == "internal/cli" && slices.Contains([]string{"internal/control", "internal/api", "internal/iam"}, rel):
				bad("the command line reaches a server only through client, and its own process through server")
			case (imp == "testing" || strings.HasSuffix(imp, "/go-cmp/cmp")) && !strings.HasSuffix(p.path, "test"):
				bad("testing belongs into tests and packages whose name ends in test")
			case strings.HasPrefix(p.path, "client") && strings.HasPrefix(rel, "internal/"):
				bad("the public client must not lean on what its users cannot import")
			}
		}
	}
}

// TestPure looks for clocks where time must be an input.
func TestPure(t *testing.T) {
	for _, p := range load(t) {
		switch p.path {
		case "internal/policy", "internal/iam", "internal/authz", "internal/catalog", "internal/compose", "internal/world", "internal/pmap", "internal/expr", "internal/authn",
			"internal/catalog/route", "internal/guard", "internal/openapi":
		default:
			continue
		}
		for name, file := range p.files {
			ast.Inspect(file, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				from, ok := sel.X.(*ast.Ident)
				if ok && from.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "After", "Sleep"}, sel.Sel.Name) {
					t.Errorf("%s calls time.%s: time is an input here", name, sel.Sel.Name)
				}
				return true
			})
		}
	}
}

// TestPackageComments wants exactly one comment for each package, so that a reader knows where to look.
func TestPackageComments(t *testing.T) {
	for _, p := range load(t) {
		if p.docs != 1 {
			t.Errorf("%s has %d package comments, want one", p.path, p.docs)
		}
	}
}

// load reads every package of the module; other modules within the tree are left out.
func load(t *testing.T) []*pkg {
	t.Helper()
	root := "../.."
	byPath := packages{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			_, nested := os.Stat(filepath.Join(file, "go.mod"))
			if file != root && (nested == nil || strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		return byPath.add(root, file)
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(byPath) < 10 {
		t.Fatalf("only %d packages found: the walk looks in the wrong place", len(byPath))
	}
	var out []*pkg
	for _, p := range byPath {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b *pkg) int { return strings.Compare(a.path, b.path) })
	return out
}

type packages map[string]*pkg

// add parses one file into its package.
func (ps packages) add(root, file string) error {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(root, file)
	if err != nil {
		return err
	}
	dir := path.Dir(filepath.ToSlash(rel))
	p := ps[dir]
	if p == nil {
		p = &pkg{path: dir, imports: map[string][]string{}, files: map[string]*ast.File{}}
		ps[dir] = p
	}
	p.files[rel] = f
	if f.Doc != nil {
		p.docs++
	}
	for _, spec := range f.Imports {
		imp, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		p.imports[imp] = append(p.imports[imp], rel)
	}
	return nil
}
