// Package atomicfile writes files that appear whole or not at all. Every file that the program leaves
// behind is written by it, but for the log of a training, which grows, and folders of weights, which appear
// whole by themselves.
package atomicfile

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Check reports whether Write would be able to write path: whether its folder exists and can be
// written in, and path is not a folder itself. It makes an empty file beside path and removes it
// again, so that a long run need not start in vain. The error is an *Error.
func Check(path string) error {
	p, err := createBeside(path)
	if err != nil {
		return newError(path, err)
	}
	p.drop()
	return nil
}

// Write writes a file: fill writes its content to a new file beside path, which is synced to the
// disk and renamed to path. After an error path is as it was, and nothing else is left; what is left of a
// program that was killed while it wrote the same path is removed. A symbolic link stays a link; the file
// that it leads to is replaced. The error is an *Error.
func Write(path string, fill func(io.Writer) error) error {
	return WriteFile(path, func(f *os.File) error {
		buf := bufio.NewWriterSize(f, 1<<16)
		if err := fill(buf); err != nil {
			return err
		}
		return buf.Flush()
	})
}

// WriteFile is Write for content that is not written from its beginning to its end. Nothing is buffered.
func WriteFile(path string, fill func(*os.File) error) error {
	p, err := createBeside(path)
	if err != nil {
		return newError(path, err)
	}
	if err := p.write(fill); err != nil {
		p.drop()
		return newError(path, err)
	}
	return nil
}

// WriteNamed is Write for content that another program writes: fill gets the name of the new file, which is
// there and empty, and has that program replace its content.
func WriteNamed(path string, fill func(name string) error) error {
	target, err := targetOf(path)
	if err != nil {
		return newError(path, err)
	}
	removeStale(target)
	p, err := namedPart(target)
	if err != nil {
		return newError(path, err)
	}
	if err := p.write(func(*os.File) error { return fill(p.name) }); err != nil {
		p.drop()
		return newError(path, err)
	}
	return nil
}

// write fills the part and publishes it.
func (p *part) write(fill func(*os.File) error) error {
	if err := fill(p.File); err != nil {
		return err
	}
	if err := p.Sync(); err != nil {
		return err
	}
	if err := p.publish(); err != nil {
		return err
	}
	syncFolder(filepath.Dir(p.target))
	return nil
}

// WriteFolder makes a folder: fill writes its files into a new one beside path, which is renamed to path.
// After an error nothing is left. It fails with fs.ErrExist if path is there. The error is an *Error.
func WriteFolder(path string, fill func(dir string) error) error {
	path = filepath.Clean(path)
	if _, err := os.Lstat(path); err == nil {
		return newError(path, fs.ErrExist)
	}
	removeStale(path)
	p, err := lockedPart(path, func(name string) (*os.File, error) {
		if err := os.Mkdir(name, 0o777); err != nil {
			return nil, err
		}
		return os.Open(name)
	})
	if err != nil {
		return newError(path, err)
	}
	err = fill(p.name)
	if err == nil {
		err = p.publish()
	}
	if err != nil {
		p.drop()
		return newError(path, err)
	}
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

// createBeside makes the part of a file. If path is a symbolic link to a file, it is beside that file, so
// that the link stays.
func createBeside(path string) (*part, error) {
	target, err := targetOf(path)
	if err != nil {
		return nil, err
	}
	return createPart(target)
}

// targetOf returns the file that path leads to, which need not be there.
func targetOf(path string) (string, error) {
	switch info, err := os.Stat(path); {
	case err != nil && !errors.Is(err, fs.ErrNotExist): // such as a name that is too long
		return "", err
	case err != nil:
		return path, nil
	case info.IsDir():
		return "", ErrFolder
	case !info.Mode().IsRegular():
		return "", ErrNotRegular
	}
	return filepath.EvalSymlinks(path)
}

// syncFolder makes the new name as durable as the file. Not every system supports it, and the file
// is there either way, so errors are ignored.
func syncFolder(folder string) {
	if d, err := os.Open(folder); err == nil {
		d.Sync()
		d.Close()
	}
}
