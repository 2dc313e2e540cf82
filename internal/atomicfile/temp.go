package atomicfile

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// part is a file or a folder that is being written, beside the path that it will get. It has a name of its
// own, which begins with what nameOf returns, or none yet. While its writer lives, it is locked where the
// system has such locks.
type part struct {
	*os.File        // of the file or the folder
	name     string // empty for none
	target   string // where it will go
}

// nameOf begins the names of the parts of a target: those that a program left behind when it was killed are
// found by it.
func nameOf(target string) string {
	sum := fnv.New64a()
	sum.Write([]byte(filepath.Base(target)))
	return filepath.Join(filepath.Dir(target), fmt.Sprintf(".oneiro-%016x-", sum.Sum64()))
}

// ending ends the names of parts.
const ending = ".tmp"

// newName returns a name for a part of a target that most likely nothing has.
func newName(target string) string {
	return fmt.Sprintf("%s%016x%s", nameOf(target), rand.Uint64(), ending)
}

// createUnnamed is openUnnamed. Tests replace it to see what is done without it.
var createUnnamed = openUnnamed

// createPart makes an empty file in the folder of target, with the permissions that target would get
// (os.CreateTemp gives none to others).
func createPart(target string) (*part, error) {
	removeStale(target)
	if f := createUnnamed(filepath.Dir(target)); f != nil {
		lock(f) // before it has a name
		return &part{f, "", target}, nil
	}
	return namedPart(target)
}

// namedPart makes the part of a file with a name of its own from the beginning.
func namedPart(target string) (*part, error) {
	return lockedPart(target, func(name string) (*os.File, error) {
		return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	})
}

// lockedPart makes a part with a name and locks it.
func lockedPart(target string, create func(name string) (*os.File, error)) (*part, error) {
	for {
		name := newName(target)
		f, err := create(name)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		// another process may find it before it is locked, and remove it as a stale one
		if err := lock(f); err == errLocked || err == nil && !same(f, name) {
			f.Close()
			continue
		}
		return &part{f, name, target}, nil
	}
}

// errLocked reports that somebody else has locked a file.
var errLocked = errors.New("locked")

// same returns whether an open file still has a name.
func same(f *os.File, name string) bool {
	have, err := f.Stat()
	if err != nil {
		return false
	}
	info, err := os.Lstat(name)
	return err == nil && os.SameFile(info, have)
}

// publish moves the part, which is complete and synced, to its target, and closes it.
func (p *part) publish() error {
	if p.name == "" {
		name := newName(p.target)
		if err := link(p.File, name); err != nil {
			return err
		}
		p.name = name
	}
	if !renamesOpen {
		if err := p.Close(); err != nil {
			return err
		}
	}
	defer p.Close() // and unlock it, now that it is nobody's part
	return os.Rename(p.name, p.target)
}

// drop closes and removes the part.
func (p *part) drop() {
	p.Close()
	if p.name != "" {
		os.RemoveAll(p.name)
	}
}

// removeStale removes the parts of a target that programs left behind when they were killed: those that
// nobody has locked. Where there are no locks this cannot be told, and they stay.
func removeStale(target string) {
	begin := nameOf(target)
	folder := filepath.Dir(begin)
	entries, _ := os.ReadDir(folder)
	for _, e := range entries {
		name := filepath.Join(folder, e.Name())
		if !strings.HasPrefix(name, begin) || !strings.HasSuffix(name, ending) ||
			!e.Type().IsRegular() && !e.IsDir() {
			continue
		}
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		if lock(f) == nil {
			os.RemoveAll(name)
		}
		f.Close()
	}
}
