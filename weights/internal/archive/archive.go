// Package archive checks zip archives, and what they say about their members.
package archive

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"oneiro/weights/internal/container"
)

// Is recognises the first member, or the end of an archive without any.
func Is(head []byte, _ int64) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
}

// Open reads the directory of an archive.
func Open(path string, r io.ReaderAt, size int64) (*zip.Reader, error) {
	z, err := zip.NewReader(r, size)
	if errors.Is(err, zip.ErrFormat) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return nil, noDirectory(path, r, size)
	}
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // no path of the archive is ever used
		return nil, container.In(path).Unreadable(err)
	}
	return z, nil
}

// noDirectory says why a zip archive has no directory, which is the last thing in it.
func noDirectory(path string, r io.ReaderAt, size int64) error {
	tail := make([]byte, min(size, 64<<10+22)) // the end record, and the longest comment after it
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return container.In(path).Unreadable(err)
	}
	if strings.Contains(string(tail), "PK\x05\x06") {
		return container.In(path).Wrong("a damaged one", "the directory of a zip archive")
	}
	return container.In(path).Truncated(0, 0)
}

// MaxInflated is how many bytes deflate makes of one, at most.
const MaxInflated = 1032

// Member returns where the bytes of a member begin that has the tensor t. No size is believed before
// it is compared with the bytes that are there.
func Member(t *container.Tensor, f *zip.File, fileSize int64) (start int64, err error) {
	stored, size := f.CompressedSize64, f.UncompressedSize64
	start, err = f.DataOffset()
	switch {
	case err != nil:
		return 0, t.Failed(err, 0, 0)
	case start > fileSize || stored > uint64(fileSize-start):
		return 0, t.Place().Truncated(max(fileSize-start, 0), int64(min(stored, 1<<62)))
	case f.Method == zip.Store && size != stored || size/MaxInflated > stored:
		return 0, t.Place().Wrong(fmt.Sprintf("%d bytes said to hold %d", stored, size), "an honest size")
	case f.Flags&1 != 0:
		return 0, t.Place().Wrong("an encrypted array", "an array that can be read")
	}
	return start, nil
}
