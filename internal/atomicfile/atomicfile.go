// Package atomicfile writes files that appear whole or not at all. Every file that the program leaves
// behind is written by it, but for the log of a training, which grows, and folders of weights, which appear
// whole by themselves.
package atomicfile

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// Check reports whether Write would be able to write path: whether its folder exists and can be
// written in, and path is not a folder itself. It makes an empty file beside path and removes it
// again, so that a long run need not start in vain. The error is an *Error.
func Check(path string) error {
	f, _, err := createBeside(path)
	if err != nil {
		return newError(path, err)
	}
	f.Close()
	if err := os.Remove(f.Name()); err != nil {
		return newError(path, err)
	}
	return nil
}

// Write writes a file: fill writes its content to a new file beside path, which is synced to the
// disk and renamed to path. After an error path is as it was, and nothing else is left. A symbolic
// link stays a link; the file that it leads to is replaced. The error is an *Error.
func Write(path string, fill func(io.Writer) error) (err error) {
	f, target, err := createBeside(path)
	if err != nil {
		return newError(path, err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
			err = newError(path, err)
		}
	}()
	buf := bufio.NewWriterSize(f, 1<<16)
	if err := fill(buf); err != nil {
		return err
	}
	if err := buf.Flush(); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), target); err != nil {
		if l, ok := errors.AsType[*os.LinkError](err); ok {
			return l.Err
		}
		return err
	}
	syncFolder(filepath.Dir(target))
	return nil
}

// WriteJSON writes a file with v as indented JSON, as Write does. Missing folders are made.
func WriteJSON(path string, v any) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return newError(path, err)
	}
	return Write(path, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(v)
	})
}

// createBeside makes an empty file in the folder of path, with the permissions that path would get
// (os.CreateTemp gives none to others). If path is a symbolic link to a file, the folder is that of
// the file, which is returned as target, so that the link stays.
func createBeside(path string) (f *os.File, target string, err error) {
	target = path
	if info, err := os.Stat(path); err == nil {
		switch {
		case info.IsDir():
			return nil, "", ErrFolder
		case !info.Mode().IsRegular():
			return nil, "", ErrNotRegular
		}
		if target, err = filepath.EvalSymlinks(path); err != nil {
			return nil, "", err
		}
	}
	for {
		name := filepath.Join(filepath.Dir(target), fmt.Sprintf(".oneiro-%016x.tmp", rand.Uint64()))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, target, err
		}
	}
}

// syncFolder makes the new name as durable as the file. Not every system supports it, and the file
// is there either way, so errors are ignored.
func syncFolder(folder string) {
	if d, err := os.Open(folder); err == nil {
		d.Sync()
		d.Close()
	}
}
