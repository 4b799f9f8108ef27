package iam

import (
	"strings"
	"time"
	"unicode/utf8"
)

// PutCatalogFile adds a file to the catalogue, under an id for a new one, or replaces the content of the one of that name.
// PlatformOrg only. A name that no file can have is NotFound, as what is no id is. Whether the content is good, and may take the old one's place, is for the caller to know. Nothing is
// touched when nothing changes.
func (d *Draft) PutCatalogFile(id UUID, name, content string) (*CatalogFile, error) {
	if err := checkCatalogFile(name, content); err != nil {
		return nil, err
	}
	f := CatalogFile{ID: id, Name: name, Content: content, CreatedAt: d.now, UpdatedAt: d.now}
	switch old, err := d.s.CatalogFile(name); {
	case err == nil && old.Content == content:
		return old, nil
	case err == nil:
		f.ID, f.CreatedAt = old.ID, old.CreatedAt
	default:
		if err := fresh(&d.s.files, id); err != nil {
			return nil, err
		}
		if d.s.files.len() >= MaxCatalogFiles {
			return nil, Errorf(Quota, "the catalogue has %d files, and more are not allowed: put several into one", MaxCatalogFiles)
		}
		f.CreatedAt = d.afterFiles()
	}
	d.touch(KindCatalogFile, f.ID)
	d.s.putCatalogFile(d.edit, f.ID, &f)
	return &f, nil
}

// afterFiles is a time after that of every file, so that a new file is the last whatever clocks say: what files mean
// depends on their order.
func (d *Draft) afterFiles() time.Time {
	at := d.now
	for f := range d.s.CatalogFiles().All() {
		if !at.After(f.CreatedAt) {
			at = f.CreatedAt.Add(time.Microsecond)
		}
	}
	return at
}

func checkCatalogFile(name, content string) error {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	switch {
	case name == "" || len(name) > MaxCatalogFileName || !strings.ContainsRune(letters, rune(name[0])) ||
		strings.Trim(name, letters+"-_") != "":
		return Errorf(NotFound, "%.80q is no name of a catalogue file; use up to %d small letters, digits, dashes and underscores, a letter or digit first",
			name, MaxCatalogFileName)
	case len(content) > MaxCatalogFile:
		return Errorf(Invalid, "the file has %d bytes; at most %d are allowed", len(content), MaxCatalogFile)
	case !utf8.ValidString(content):
		return Errorf(Invalid, "the file is not valid UTF-8")
	}
	return nil
}
