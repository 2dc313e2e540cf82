package weights

import (
	"archive/zip"
	"errors"
	"io"
	"strings"
)

// inners are files of weights that come in zip archives.
var inners = []struct {
	suffix string // of the name
	format
}{
	{".pb", format{"a TensorFlow graph", isGraphDef, openGraphDef}},
	{"model.weights.h5", format{"weights of Keras", isHDF5, openHDF5}}, // in a .keras file
}

// openInner opens the file of weights in an archive, if there is one of a kind; else it returns nil. Only one that is
// not compressed can be read where it lies.
func openInner(path string, archive *zip.Reader, r source, size int64) (container, error) {
	for _, inner := range inners {
		var found []*zip.File
		for _, f := range archive.File {
			if strings.HasSuffix(f.Name, inner.suffix) {
				found = append(found, f)
			}
		}
		if len(found) == 1 {
			return inner.inside(path, found[0], r, size)
		}
	}
	return nil, nil
}

// inside opens a file of the format that is a member of an archive.
func (in format) inside(path string, f *zip.File, r source, size int64) (container, error) {
	if f.Method != zip.Store {
		return nil, &UnsupportedError{File: path, Looks: "a zip archive with " + in.name,
			Advice: "unpack it, and open the file " + clean(f.Name) + " from it"}
	}
	start, err := f.DataOffset()
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, &TruncatedError{File: path}
	case errors.Is(err, zip.ErrFormat):
		return nil, &FormatError{path, "", "damaged data", "a member of a zip archive"}
	case err != nil:
		return nil, &ReadError{path, "", err}
	case start > size || f.CompressedSize64 > uint64(size-start):
		return nil, &TruncatedError{path, "", max(size-start, 0), int64(min(f.CompressedSize64, 1<<48))}
	}
	file := io.NewSectionReader(r, start, int64(f.CompressedSize64))
	head := make([]byte, min(headSize, file.Size()))
	if _, err := io.ReadFull(file, head); err != nil {
		return nil, &ReadError{path, "", err}
	}
	if !in.is(head, file.Size()) {
		return nil, &UnsupportedError{File: path, Looks: "a zip archive with " + looks(head, file.Size())}
	}
	return in.open(path, struct {
		io.ReaderAt
		io.Closer
	}{file, r}, file.Size())
}
