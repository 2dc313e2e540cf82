package main

import (
	"io/fs"
	"os"
	"sync"

	"oneiro/render"
)

// fileHashes remembers the hashes of files, which many jobs may read, as long as their size and time stay.
type fileHashes struct {
	mu    sync.Mutex
	known map[fileState]func() (string, error)
}

// fileState is a file as it is at some time.
type fileState struct {
	path string
	size int64
	time int64 // of the last change, in nanoseconds
	mode fs.FileMode
}

// of returns the hash of a file or folder.
func (h *fileHashes) of(path string) (string, error) { return h.find(path)() }

// find returns what hashes a file the first time that it is called.
func (h *fileHashes) find(path string) func() (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return func() (string, error) { return "", err }
	}
	state := fileState{path, info.Size(), info.ModTime().UnixNano(), info.Mode()}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.known == nil {
		h.known = map[fileState]func() (string, error){}
	}
	if h.known[state] == nil {
		h.known[state] = sync.OnceValues(func() (string, error) { return render.FileHash(path) })
	}
	return h.known[state]
}

// soon hashes a file while others work, since weights are large. The function that it returns waits for the
// result, which is empty if the file could not be read.
func (h *fileHashes) soon(path string) func() string {
	hash := h.find(path)
	go hash()
	return func() string {
		sum, _ := hash()
		return sum
	}
}
