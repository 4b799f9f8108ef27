package engine

import (
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/writ-iam/writ/internal/policy"
)

// Language is the language of a policy document (docs/policies.md).
type Language = policy.Language

// The languages.
const (
	Statements = policy.Statements
	VNGCloud   = policy.VNGCloud
	Cloudflare = policy.Cloudflare
	Scaleway   = policy.Scaleway
	Exoscale   = policy.Exoscale
)

// Bundle is what an Engine decides from. Names are free texts; each is unique among its kind.
type Bundle struct {
	// Account is the short number of the organization, which resource names of VNG Cloud's hold. It may be empty.
	Account string `json:"account,omitempty"`
	// Owner is the name of a user who may do everything, whatever the policies say. It may be empty.
	Owner string `json:"owner,omitempty"`
	// Boundary names policies that limit what everybody may do, the owner included: some of them must allow as well, and none
	// may deny. Without any, nothing is limited.
	Boundary []string `json:"boundary,omitempty"`
	// Catalog are files that add to the catalogue, each as docs/catalog.md describes it: what policies may refer to, and which
	// HTTP requests mean which actions (DecideHTTP).
	Catalog    []Document  `json:"catalog,omitempty"`
	Policies   []Policy    `json:"policies"`
	Groups     []Group     `json:"groups,omitempty"`
	Principals []Principal `json:"principals"`
}

// Policy is one policy.
type Policy struct {
	Name     string   `json:"name"`
	Language Language `json:"language,omitempty"` // empty for Statements
	// Document is the policy as its language writes it.
	Document Document `json:"document"`
}

// Document is the text of a policy. In a bundle's file it stands as it is, as JSON.
type Document []byte

// MarshalJSON gives the document as it is.
func (d Document) MarshalJSON() ([]byte, error) { return d, nil }

// UnmarshalJSON keeps the document as it is.
func (d *Document) UnmarshalJSON(text []byte) error {
	*d = append((*d)[:0], text...)
	return nil
}

// Group is a group and the names of the policies attached to it.
type Group struct {
	Name     string   `json:"name"`
	Policies []string `json:"policies"`
}

// Principal is who may ask, with the names of the groups that it is in and of the policies attached to it.
type Principal struct {
	Kind     Kind     `json:"kind"`
	Name     string   `json:"name"`
	Disabled bool     `json:"disabled,omitempty"`
	Groups   []string `json:"groups,omitempty"` // none for a role
	Policies []string `json:"policies,omitempty"`
}

// MaxBundle bounds what Read reads, in bytes.
const MaxBundle = 1 << 30

// Read reads a bundle: one JSON object with the members of Bundle. Unknown members are refused, because a mistyped one would
// leave out what its author meant.
func Read(r io.Reader) (*Bundle, error) {
	limited := &io.LimitedReader{R: r, N: MaxBundle + 1}
	var b Bundle
	if err := json.UnmarshalRead(limited, &b, json.RejectUnknownMembers(true)); err != nil {
		if limited.N <= 0 {
			return nil, fmt.Errorf("the bundle is larger than %d bytes", MaxBundle)
		}
		return nil, fmt.Errorf("the bundle: %w", err)
	}
	return &b, nil
}

// ReadFS reads a bundle from files: bundle.json as Read has it, and beside the policies in it every file
// policies/<name>.<language>.json, each a policy's document.
func ReadFS(files fs.FS) (*Bundle, error) {
	f, err := files.Open("bundle.json")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := Read(f)
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "policies/*.json")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		p, err := readPolicy(files, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		b.Policies = append(b.Policies, p)
	}
	return b, nil
}

func readPolicy(files fs.FS, name string) (Policy, error) {
	stem := strings.TrimSuffix(path.Base(name), ".json")
	dot := strings.LastIndexByte(stem, '.')
	if dot <= 0 {
		return Policy{}, fmt.Errorf("the file's name does not say the policy's language; name it as in policies/readers.%s.json", Statements)
	}
	document, err := fs.ReadFile(files, name)
	return Policy{Name: stem[:dot], Language: Language(stem[dot+1:]), Document: document}, err
}
