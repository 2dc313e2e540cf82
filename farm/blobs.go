package farm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"oneiro/internal/atomicfile"
)

// hashFile returns the SHA-256 of a file and its size.
func hashFile(path string) (string, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.CopyBuffer(h, f, make([]byte, 1<<20))
	return hex.EncodeToString(h.Sum(nil)), n, err
}

// readInput returns what a recipe has to say of a file or a folder. The SHA-256 of a folder is that of its
// files' hashes and names, as recipes have it.
func readInput(path string) (Input, error) {
	in := Input{Name: filepath.Base(path)}
	info, err := os.Stat(path)
	if err != nil {
		return in, err
	}
	if !info.IsDir() {
		in.SHA256, in.Bytes, err = hashFile(path)
		return in, err
	}
	h := sha256.New()
	in.Files = []File{}
	err = filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		sum, n, err := hashFile(file)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(path, file)
		name = filepath.ToSlash(name)
		fmt.Fprintf(h, "%s  %s\n", sum, name)
		in.Files = append(in.Files, File{Name: name, SHA256: sum, Bytes: n})
		in.Bytes += n
		return err
	})
	in.SHA256 = hex.EncodeToString(h.Sum(nil))
	return in, err
}

// blobTimeout is how long the server may take for a part of a file.
const blobTimeout = 10 * time.Minute

// has tells whether the store has a file.
func has(ctx context.Context, store jetstream.ObjectStore, name string) (bool, error) {
	_, err := store.GetInfo(ctx, name)
	if errors.Is(err, jetstream.ErrObjectNotFound) {
		return false, nil
	}
	return err == nil, err
}

// put stores a file under its SHA-256, unless it is there. The error is a *HashError if the file is another one
// by now, and a *FullError if there is no room.
func (f *Farm) put(ctx context.Context, store jetstream.ObjectStore, prefix, sum, path string) error {
	ctx, cancel := context.WithTimeout(ctx, blobTimeout)
	defer cancel()
	name := prefix + sum
	if there, err := has(ctx, store, name); err != nil || there {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	h := sha256.New()
	_, err = store.Put(ctx, jetstream.ObjectMeta{Name: name}, io.TeeReader(file, h))
	if err != nil {
		return full("files", err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != sum {
		store.Delete(ctx, name)
		return &HashError{quoted(path), sum, got}
	}
	return nil
}

// get writes a file of the store to a path, whole or not at all. The error is a *HashError if it is not what
// its name says.
func (f *Farm) get(ctx context.Context, store jetstream.ObjectStore, prefix, sum, path string) error {
	ctx, cancel := context.WithTimeout(ctx, blobTimeout)
	defer cancel()
	from, err := store.Get(ctx, prefix+sum)
	if err != nil {
		return fmt.Errorf("file %s: %w", Short(sum), err)
	}
	defer from.Close()
	var wrong error
	err = atomicfile.Write(path, func(w io.Writer) error {
		h := sha256.New()
		if _, err := io.Copy(io.MultiWriter(w, h), from); err != nil && !errors.Is(err, jetstream.ErrDigestMismatch) {
			return err
		}
		if got := hex.EncodeToString(h.Sum(nil)); got != sum {
			wrong = &HashError{"a file in the store", sum, got}
			return wrong
		}
		return nil
	})
	if wrong != nil {
		return wrong
	}
	return err
}

// putInput stores what a recipe names.
func (f *Farm) putInput(ctx context.Context, in *Input, path string) error {
	if in.Files == nil {
		return f.put(ctx, f.files, "", in.SHA256, path)
	}
	for _, file := range in.Files {
		if err := f.put(ctx, f.files, "", file.SHA256, filepath.Join(path, filepath.FromSlash(file.Name))); err != nil {
			return err
		}
	}
	return nil
}
