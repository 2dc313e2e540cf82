package weights

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"strings"
)

// openZip opens a zip archive: PyTorch's, NumPy's, or one with a file of another kind.
func openZip(path string, r source, size int64) (container, error) {
	archive, err := zip.NewReader(r, size)
	if errors.Is(err, zip.ErrFormat) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return nil, noDirectory(path, r, size)
	}
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // no path of the archive is ever used
		return nil, &ReadError{path, "", err}
	}
	for _, f := range archive.File {
		if strings.HasSuffix(f.Name, "/data.pkl") {
			return openTorchZip(path, archive, r, size)
		}
	}
	if inner, err := openInner(path, archive, r, size); inner != nil || err != nil {
		return inner, err
	}
	return openNPZ(path, archive, r, size)
}

// noDirectory says why a zip archive has no directory, which is the last thing in it.
func noDirectory(path string, r io.ReaderAt, size int64) error {
	tail := make([]byte, min(size, 64<<10+22)) // the end record, and the longest comment behind it
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return &ReadError{path, "", err}
	}
	if strings.Contains(string(tail), "PK\x05\x06") {
		return &FormatError{path, "", "a damaged one", "the directory of a zip archive"}
	}
	return &TruncatedError{File: path}
}

// member returns where the bytes of a member begin that holds the tensor. No size is believed before
// it is compared with the bytes that are there: deflate makes at most 1032 bytes of one.
func (e *entry) member(f *zip.File, fileSize int64) (start int64, err error) {
	stored, size := f.CompressedSize64, f.UncompressedSize64
	start, err = f.DataOffset()
	switch {
	case err != nil:
		return 0, e.failed(err, 0, 0)
	case start > fileSize || stored > uint64(fileSize-start):
		return 0, &TruncatedError{e.file, e.name, max(fileSize-start, 0), int64(min(stored, 1<<62))}
	case f.Method == zip.Store && size != stored || size/1032 > stored:
		return 0, &FormatError{e.file, e.name, fmt.Sprintf("%d bytes said to hold %d", stored, size), "an honest size"}
	case f.Flags&1 != 0:
		return 0, &FormatError{e.file, e.name, "an encrypted array", "an array that can be read"}
	}
	return start, nil
}
