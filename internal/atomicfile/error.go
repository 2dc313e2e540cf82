package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"oneiro/internal/quote"
)

// Reasons of an Error beside those of the operating system.
var (
	ErrFolder     = errors.New("it is a folder")
	ErrNotRegular = errors.New("it is not a regular file")
)

// Error reports a file that could not be written. Err is one of the reasons above, what the caller's
// function returned, or the operating system's error without the path: errors.Is finds
// fs.ErrNotExist and fs.ErrPermission in it.
type Error struct {
	Path string
	Err  error
}

// newError makes an Error of an error of package os, whose text would name the path again.
func newError(path string, err error) *Error {
	switch e := err.(type) { // not one inside an error of the content
	case *fs.PathError:
		err = e.Err
	case *os.LinkError:
		err = e.Err
	}
	return &Error{path, err}
}

func (e *Error) Error() string {
	reason := e.Err.Error()
	var content interface{ Hint() string }
	if errors.Is(e.Err, fs.ErrNotExist) && !errors.As(e.Err, &content) {
		reason = "there is no folder " + quote.Path(filepath.Dir(e.Path))
	}
	return fmt.Sprintf("cannot write %s: %s", quote.Path(e.Path), reason)
}

func (e *Error) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *Error) Hint() string {
	folder := quote.Path(filepath.Dir(e.Path))
	var h interface{ Hint() string }
	switch {
	case errors.As(e.Err, &h): // the content is at fault, not the place
		return h.Hint()
	case errors.Is(e.Err, ErrFolder):
		return "add a file name, such as " + quote.Path(filepath.Join(e.Path, "out.png"))
	case errors.Is(e.Err, ErrNotRegular):
		return "name an ordinary file"
	case errors.Is(e.Err, fs.ErrExist):
		return "choose another name, or remove what is there"
	case errors.Is(e.Err, fs.ErrNotExist):
		return "make the folder first: mkdir -p " + folder
	case errors.Is(e.Err, fs.ErrPermission):
		return "choose another folder, or get permission to write in " + folder
	}
	if hint := SystemHint(e.Err); hint != "" {
		return hint
	}
	return "choose another folder; nothing was left behind"
}

// SystemHint says what to do about an error of the operating system, such as too many open files, or nothing.
func SystemHint(err error) string {
	for _, r := range reasons {
		if errors.Is(err, r.err) {
			return r.hint
		}
	}
	return ""
}

// reason is an error of the operating system with what to do about it.
type reason struct {
	err  error
	hint string
}

// What to do about several reasons.
const (
	hintFull     = "free some space or choose another folder; nothing was left behind"
	hintLimit    = "the system limits the size of files here (ulimit -f): raise the limit or choose another disk"
	hintName     = "choose a shorter name"
	hintOpen     = "close other programs or raise the limit of open files (ulimit -n)"
	hintReadOnly = "choose a folder on a disk that can be written"
	hintNoFolder = "a part of the path is a file and no folder: choose another folder"
)
