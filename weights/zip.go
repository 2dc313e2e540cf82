package weights

import (
	"archive/zip"
	"errors"
	"io"
	"strings"
)

// openZip opens a zip archive: PyTorch's, NumPy's, or one with a graph of TensorFlow's.
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
	if graph := zippedGraph(archive); graph != nil {
		return openZippedGraph(path, graph, r, size)
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
