package farm

import (
	"cmp"
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// cache is a folder with files by their SHA-256, so that a worker gets each once.
type cache struct {
	dir  string
	most int64 // bytes; 0 for no limit

	mu sync.Mutex // one download at a time
}

// link puts a file of the store at a path: as a link to the file in the cache, or a copy where that cannot be.
// The program checks the hash before it uses it.
func (c *cache) link(ctx context.Context, f *Farm, file File, path string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	here := filepath.Join(c.dir, file.SHA256)
	if info, err := os.Stat(here); err != nil || info.Size() != file.Bytes {
		os.Remove(here)
		if err := f.get(ctx, f.files, "", file.SHA256, here); err != nil {
			return err
		}
		c.clear(file.SHA256)
	}
	now := time.Now()
	os.Chtimes(here, now, now) // which says what was not needed for long
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	if os.Link(here, path) == nil {
		return nil
	}
	return copyFile(here, path)
}

func copyFile(from, to string) error {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	if closed := w.Close(); err == nil {
		err = closed
	}
	return err
}

// drop removes files that turned out to be damaged.
func (c *cache) drop(sums ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, sum := range sums {
		os.Remove(filepath.Join(c.dir, sum))
	}
}

// clear removes the files that were not needed for the longest time until the cache is small enough. Links to
// them in folders of jobs stay.
func (c *cache) clear(keep string) {
	if c.most == 0 {
		return
	}
	var all []fs.FileInfo
	var sum int64
	entries, _ := os.ReadDir(c.dir)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && isHash(e.Name()) {
			all = append(all, info)
			sum += info.Size()
		}
	}
	slices.SortFunc(all, func(a, b fs.FileInfo) int { return cmp.Compare(a.ModTime().UnixNano(), b.ModTime().UnixNano()) })
	for _, info := range all {
		if sum <= c.most {
			return
		}
		if info.Name() != keep && os.Remove(filepath.Join(c.dir, info.Name())) == nil {
			sum -= info.Size()
		}
	}
}
