package exchangetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	lineBelowRequest = "\n----------\n"
	lineBelowAnswer  = "\n==========\n"
)

// Exchange is a request and its answer as a file has them, with names in place of values.
type Exchange struct {
	File            string
	Request, Answer string
}

// Read gives the exchanges of all files of a folder.
func Read(t *testing.T, folder string) []Exchange {
	t.Helper()
	var out []Exchange
	for _, file := range files(t, folder) {
		_, list := parse(t, file)
		out = append(out, list...)
	}
	return out
}

func files(t *testing.T, folder string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// parse reads a file: the lines at its top that begin with "#", and its exchanges.
func parse(t *testing.T, file string) (notes string, list []Exchange) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	notes, rest := head(string(text))
	for i, exchange := range strings.Split(strings.TrimSuffix(rest, "\n"), lineBelowAnswer) {
		request, answer, ok := strings.Cut(exchange, lineBelowRequest)
		if !ok {
			t.Fatalf("%s: exchange %d has no line of dashes", file, i+1)
		}
		list = append(list, Exchange{file, request, answer})
	}
	return notes, list
}

// head splits off the lines that begin with "#".
func head(text string) (notes, rest string) {
	for strings.HasPrefix(text, "#") {
		line, after, _ := strings.Cut(text, "\n")
		notes, text = notes+line+"\n", after
	}
	return notes, text
}

// save writes a file with the exchanges as they are now.
func save(t *testing.T, file, notes string, list []Exchange) {
	t.Helper()
	texts := make([]string, len(list))
	for i, x := range list {
		texts[i] = x.Request + lineBelowRequest + x.Answer
	}
	if err := os.WriteFile(file, []byte(notes+strings.Join(texts, lineBelowAnswer)+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}
