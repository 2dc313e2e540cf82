package imageio

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// CheckOutput tells, before any work is done, whether Write could write a picture to path: whether
// its extension is known, its folder is there and can be written in, and path is not a folder
// itself. It finds out by making an empty file beside path and removing it. The error is an
// *ExtensionError or a *FileError.
func CheckOutput(path string) error {
	if _, err := encoder(path); err != nil {
		if info, statErr := os.Stat(path); statErr == nil && info.IsDir() {
			return &FileError{"write", path, ErrFolder}
		}
		return err
	}
	return CheckPlace(path)
}

// CheckPlace finds out whether WriteAtomic would be able to write path, as CheckOutput does but for files of any kind.
// The error is a *FileError.
func CheckPlace(path string) error {
	f, _, err := createBeside(path)
	if err != nil {
		return fileError("write", path, err)
	}
	f.Close()
	if err := os.Remove(f.Name()); err != nil {
		return fileError("write", path, err)
	}
	return nil
}

// WriteAtomic has fill write a file beside path, and renames it to path once it is on the disk: the file
// appears at once and whole, or not at all. The error is a *FileError.
func WriteAtomic(path string, fill func(io.Writer) error) (err error) {
	f, target, err := createBeside(path)
	if err != nil {
		return fileError("write", path, err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
			err = fileError("write", path, err)
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

// createBeside makes an empty file in the folder of path, with the permissions that path would get
// (os.CreateTemp gives none to others). If path is a symbolic link to a file, the folder is that of
// the file, which is returned as target: the link shall stay.
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

// syncFolder makes the new name as durable as the file. Not every system can do so, and the picture
// is there either way, so errors do not matter.
func syncFolder(folder string) {
	if d, err := os.Open(folder); err == nil {
		d.Sync()
		d.Close()
	}
}
