package doctest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const docs = "../../docs/"

// block is a fenced block of a page.
type block struct {
	page     string
	line     int    // of the fence
	info     string // what stands after the fence: "sh norun"
	text     string
	expected string // the text block right after it, if there is one
}

// read gives a page.
func read(t *testing.T, page string) string {
	t.Helper()
	b, err := os.ReadFile(docs + page)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// blocks gives the fenced blocks of a page that begin with one of the languages.
func blocks(t *testing.T, page string) []block {
	t.Helper()
	var out []block
	var open *block
	var text strings.Builder
	last := 0 // line after the last block
	for i, line := range strings.Split(read(t, page), "\n") {
		switch {
		case open == nil && strings.HasPrefix(line, "```"):
			open = &block{page: page, line: i + 1, info: strings.TrimPrefix(line, "```")}
			text.Reset()
		case open != nil && line == "```":
			open.text = text.String()
			if n := len(out); open.info == "text" && n > 0 && open.line == last+1 {
				out[n-1].expected = open.text
			} else {
				out = append(out, *open)
			}
			open, last = nil, i+1
		case open != nil:
			text.WriteString(line + "\n")
		}
	}
	if open != nil {
		t.Fatalf("%s:%d: the block has no end", page, open.line)
	}
	return out
}

// pages lists all pages of the manual.
func pages(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"*.md", "dialects/*.md"} {
		names, err := filepath.Glob(docs + pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			out = append(out, strings.TrimPrefix(filepath.ToSlash(name), docs))
		}
	}
	if len(out) < 5 {
		t.Fatalf("only %d pages: %v", len(out), out)
	}
	return out
}

// missing gives the first line of want that is not in got, in order; "" if all are.
func missing(want, got string) string {
	for line := range strings.Lines(want) {
		line = strings.TrimSuffix(line, "\n")
		for part := range strings.SplitSeq(line, "…") {
			at := strings.Index(got, part)
			if at < 0 {
				return line
			}
			got = got[at+len(part):]
		}
	}
	return ""
}

// table gives the cells of the rows of a table that begin with "| " and hold mark.
func table(text, mark string) [][]string {
	var out [][]string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "| ") || !strings.Contains(line, mark) {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		out = append(out, cells)
	}
	return out
}

// section gives a page from a heading to the next one of the same height or a greater one.
func section(t *testing.T, page, heading string) string {
	t.Helper()
	_, text, ok := strings.Cut(read(t, page), "\n"+heading+"\n")
	if !ok {
		t.Fatalf("%s has no heading %q", page, heading)
	}
	height := strings.IndexByte(heading, ' ')
	var out strings.Builder
	fenced := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		if h := strings.IndexByte(line, ' '); !fenced && h > 0 && h <= height && strings.Trim(line[:h], "#") == "" {
			break
		}
		out.WriteString(line)
	}
	return out.String()
}

// TestBlocksAreKnown: a fence that no test understands would be run by none.
func TestBlocksAreKnown(t *testing.T) {
	known := map[string]bool{"text": true, "json": true, "json policy": true, "json policy error": true, "json trust": true,
		"text decisions": true, "sh": true, "sh fails": true, "sh serve": true, "sh stopped": true, "sh norun": true}
	foreign := map[string]bool{"dependencies.md": true, "benchmarks.md": true} // not written for this package
	shell := map[string]bool{"api.md": true, "catalog.md": true, "operations.md": true, "dialects/cloudflare.md": true, "dialects/scaleway.md": true,
		"dialects/vngcloud.md": true, "dialects/exoscale.md": true, "sign-in.md": true}
	for _, page := range pages(t) {
		if foreign[page] {
			continue
		}
		for _, b := range blocks(t, page) {
			if info, _ := languageOf(b.info); !known[info] {
				t.Errorf("%s:%d: the fence %q is none that package doctest describes", page, b.line, b.info)
			}
			if strings.HasPrefix(b.info, "sh") && !shell[page] {
				t.Errorf("%s:%d: commands of this page are not run", page, b.line)
			}
			if strings.Contains(b.info, "policy") && page != "policies.md" {
				t.Errorf("%s:%d: policies of this page are not compiled", page, b.line)
			}
		}
	}
}

func TestMissing(t *testing.T) {
	for _, c := range []struct{ want, got, missing string }{
		{"a\nb\n", "xax\nxbx\n", ""},
		{"b\na\n", "a\nb\n", "a"},
		{"a…c\n", "a b c", ""},
		{"…x…\n", "abc", "…x…"},
	} {
		if got := missing(c.want, c.got); got != c.missing {
			t.Errorf("missing(%q, %q) = %q, want %q", c.want, c.got, got, c.missing)
		}
	}
}
