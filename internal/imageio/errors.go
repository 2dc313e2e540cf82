package imageio

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"

	"oneiro/internal/atomicfile"
	"oneiro/internal/quote"
)

// Reasons of a FileError beside those of the operating system.
var (
	ErrNoName = errors.New("no file is named")
	ErrEmpty  = errors.New("the file is empty")
	ErrFolder = errors.New("it is a folder")
)

// FileError reports a file that cannot be read, whatever is in it. Err is one of the reasons above
// or the operating system's, without the path: errors.Is finds fs.ErrNotExist and fs.ErrPermission
// in it.
type FileError struct {
	Path string
	Err  error
}

// newFileError makes a FileError of an error of package os, whose text would name the path again.
func newFileError(path string, err error) *FileError {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	}
	return &FileError{path, err}
}

func (e *FileError) Error() string {
	reason := e.Err.Error()
	if errors.Is(e.Err, fs.ErrNotExist) {
		reason = "there is no such file"
	}
	return fmt.Sprintf("cannot read %s: %s", quote.Path(e.Path), reason)
}

func (e *FileError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *FileError) Hint() string {
	switch {
	case errors.Is(e.Err, ErrNoName):
		return "give the path of a picture; an empty one often comes from a variable of a script that is not set"
	case errors.Is(e.Err, ErrEmpty):
		return "a download or a copy was probably cut short: fetch the file again"
	case errors.Is(e.Err, ErrFolder):
		return "name one picture in it"
	case errors.Is(e.Err, fs.ErrNotExist):
		return "check the spelling and the folder that the path starts from"
	case errors.Is(e.Err, fs.ErrPermission):
		return "get permission to read it, or copy it to a place where you have that"
	}
	return cmp.Or(atomicfile.SystemHint(e.Err), "copy the file to a local disk and try again")
}

// KindError reports a file that is no picture, or one of a kind that is not supported.
type KindError struct {
	Path string
	Kind string // what it is, such as "GIF", or "" if that is not known
	Why  string // what of that kind is not supported, or "" if nothing of it is
}

func (e *KindError) Error() string {
	switch {
	case e.Kind == "":
		return quote.Path(e.Path) + " is not a picture of a known kind"
	case e.Why != "":
		return fmt.Sprintf("%s is a kind of %s that cannot be read: %s", quote.Path(e.Path), e.Kind, e.Why)
	}
	return fmt.Sprintf("%s is %s, which cannot be read", quote.Path(e.Path), e.Kind)
}

// Hint says what to do about it.
func (e *KindError) Hint() string {
	if hint, ok := waysOut[e.Kind]; ok {
		return hint
	}
	return "open it in an image editor and save it as an ordinary PNG or JPEG"
}

// DataError reports a picture whose data is cut short or damaged.
type DataError struct {
	Path, Kind string
	Err        error // what the decoder says
}

// Truncated tells whether the data ends before the picture does.
func (e *DataError) Truncated() bool { return truncated(e.Err) }

func (e *DataError) Error() string {
	if e.Truncated() {
		return fmt.Sprintf("%s: the %s data is cut short", quote.Path(e.Path), e.Kind)
	}
	return fmt.Sprintf("%s: the %s data is damaged: %v", quote.Path(e.Path), e.Kind, e.Err)
}

func (e *DataError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *DataError) Hint() string {
	if e.Truncated() && (e.Kind == "PNG" || e.Kind == "JPEG") {
		return "fetch or copy the file again; what there is of the picture can be read with --allow-truncated"
	}
	return "fetch or copy the file again; if an image editor still opens it, save it anew from there"
}

// MemoryError reports a picture that takes more memory to read than it may.
type MemoryError struct {
	Path      string
	Need, Max int64 // in bytes
}

func (e *MemoryError) Error() string {
	return fmt.Sprintf("%s takes %d MiB to read, more than the %d MiB that it may", quote.Path(e.Path),
		mib(e.Need), e.Max>>20)
}

// Hint says what to do about it.
func (e *MemoryError) Hint() string {
	return fmt.Sprintf("allow at least %d MiB, or make the picture smaller first", mib(e.Need))
}

// mib returns bytes in MiB, rounded up.
func mib(bytes int64) int64 { return (bytes + 1<<20 - 1) >> 20 }

// ExtensionError reports an output path that does not end in the name of a format to write.
type ExtensionError struct{ Path, Ext string }

func (e *ExtensionError) Error() string {
	if e.Ext == "" {
		return fmt.Sprintf("cannot write %s: its name does not end in .png, .jpg or .tif", quote.Path(e.Path))
	}
	return fmt.Sprintf("cannot write %s: %s pictures are not supported", quote.Path(e.Path), quote.Path(e.Ext))
}

// Hint says what to do about it.
func (e *ExtensionError) Hint() string { return "end the name in .png, .jpg or .tif" }

// NoRecipeError reports a picture that carries no recipe.
type NoRecipeError struct{ Path string }

func (e *NoRecipeError) Error() string { return quote.Path(e.Path) + " carries no recipe" }

// Hint says what to do about it.
func (e *NoRecipeError) Hint() string {
	return "only a PNG, JPEG or TIFF as oneiro wrote it has one: editors and web sites often strip it"
}

// SideError reports a picture that is too large for the format of a file.
type SideError struct {
	Path, Kind string
	W, H       int
	Most       int // pixels that a side may have
}

func (e *SideError) Error() string {
	return fmt.Sprintf("cannot write %s: it has %d x %d pixels, and a %s has at most %d a side", quote.Path(e.Path),
		e.W, e.H, e.Kind, e.Most)
}

// Hint says what to do about it.
func (e *SideError) Hint() string { return "end the name in .png or .tif" }
