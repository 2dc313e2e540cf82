package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"oneiro/render"
)

// wantedFile is a file that a recipe needs.
type wantedFile struct {
	what   string // content, style, weights
	name   string // without folders
	sha256 string // empty in recipes of version 1, where the name has to do
	bytes  int64  // 0 if it is not known
}

// finder looks for files by their SHA-256: under the name that they had, in the current folder, in that of the
// picture and anywhere below the folders of --find, and then under any other name.
type finder struct {
	places  []place
	hashes  map[string]string // of the files that were read, by path
	missing []missingFile
}

// place is a file or a folder somewhere to look.
type place struct {
	path  string
	bytes int64
	dir   bool
}

// newFinder lists the places where files may be. The error is a usageError.
func newFinder(picture string, folders []string) (*finder, error) {
	f := &finder{hashes: map[string]string{}}
	for _, dir := range []string{".", filepath.Dir(picture)} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue // it may be searched without being readable; --find is for what is not found
		}
		for _, e := range entries {
			f.add(filepath.Join(dir, e.Name()))
		}
	}
	for _, dir := range folders {
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			return nil, &usageError{"--find names " + quote(dir) + ", which does not exist", "name a folder, or a file"}
		}
		filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if err == nil { // what cannot be read is as good as not there
				f.add(path)
			}
			return nil
		})
	}
	return f, nil
}

func (f *finder) add(path string) {
	info, err := os.Stat(path)
	if err == nil && (info.IsDir() || info.Mode().IsRegular()) {
		f.places = append(f.places, place{path, info.Size(), info.IsDir()})
	}
}

// find returns where a file is. If it is nowhere, the path is empty, and err reports that.
func (f *finder) find(w wantedFile) string {
	path, other := f.look(w)
	if path == "" {
		f.missing = append(f.missing, missingFile{w, other})
	}
	return path
}

// err returns a *missingError if something was not found.
func (f *finder) err() error {
	if len(f.missing) == 0 {
		return nil
	}
	return &missingError{files: f.missing}
}

// look returns where a file is; other is one that has only its name. Both are empty if there is none.
func (f *finder) look(w wantedFile) (path, other string) {
	for _, p := range f.places {
		if filepath.Base(p.path) != w.name {
			continue
		}
		if w.sha256 == "" || p.mayBe(w) && f.hash(p.path) == w.sha256 {
			return p.path, ""
		}
		other = p.path
	}
	for _, p := range f.places {
		if w.sha256 != "" && !p.dir && p.mayBe(w) && f.hash(p.path) == w.sha256 {
			return p.path, ""
		}
	}
	return "", other
}

// mayBe says whether it is worth while to read the file: it has the right size, or, where that is not known,
// the right ending.
func (p place) mayBe(w wantedFile) bool {
	switch {
	case p.dir:
		return w.bytes == 0 && filepath.Base(p.path) == w.name
	case w.bytes > 0:
		return p.bytes == w.bytes
	}
	return strings.EqualFold(filepath.Ext(p.path), filepath.Ext(w.name))
}

// hash returns the hash of a file or folder, empty if it cannot be read.
func (f *finder) hash(path string) string {
	sum, ok := f.hashes[path]
	if !ok {
		sum, _ = render.FileHash(path)
		f.hashes[path] = sum
	}
	return sum
}

// missingError reports inputs of a recipe that were not found.
type missingError struct {
	files []missingFile
	score bool // they can also be named: --content, --style
}

type missingFile struct {
	wantedFile
	other string // a file of that name with another content
}

func (e *missingError) Error() string {
	parts := make([]string, len(e.files))
	for i, f := range e.files {
		parts[i] = "cannot find the " + f.what + " " + quote(f.name)
		if f.sha256 != "" {
			parts[i] += " (SHA-256 " + f.sha256 + ")"
		}
		if f.other != "" {
			parts[i] += "; " + quote(f.other) + " has another content"
		}
	}
	return strings.Join(parts, "; ")
}

// Hint says where else to look.
func (e *missingError) Hint() string {
	hint := "name a folder to look in, under any name and in all folders below: --find DIR"
	if e.score {
		hint += ", or the pictures: --content, --style"
	}
	return hint
}
