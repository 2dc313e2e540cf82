package studio

import (
	"fmt"
	"io/fs"
	"sync"
)

// facts is a cache of what is known of files, valid until they change.
type facts struct {
	mu  sync.Mutex
	all map[string]fact
}

type fact struct {
	stamp string
	value any
}

// maxFacts is how many files are remembered.
const maxFacts = 10_000

// stamp changes when a file does.
func stamp(info fs.FileInfo) string { return fmt.Sprint(info.Size(), " ", info.ModTime().UnixNano()) }

// of returns the cached value of a file, or that of find if the file is new or has changed.
func (f *facts) of(file string, info fs.FileInfo, find func() any) any {
	now := stamp(info)
	f.mu.Lock()
	known, is := f.all[file]
	f.mu.Unlock()
	if is && known.stamp == now {
		return known.value
	}
	value := find()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.all == nil || len(f.all) >= maxFacts {
		f.all = map[string]fact{}
	}
	f.all[file] = fact{now, value}
	return value
}
