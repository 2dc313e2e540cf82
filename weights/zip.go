package weights

import (
	"archive/zip"
	"errors"
	"io"
	"strings"

	"oneiro/weights/internal/archive"
	"oneiro/weights/internal/container"
	"oneiro/weights/internal/hdf5"
	"oneiro/weights/internal/npy"
	"oneiro/weights/internal/tensorflow"
	"oneiro/weights/internal/torch"
)

// openZip opens a zip archive: PyTorch's, NumPy's, or one with a file of another kind.
func openZip(path string, r container.Source, size int64) (*container.Container, error) {
	z, err := archive.Open(path, r, size)
	if err != nil {
		return nil, err
	}
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/data.pkl") {
			return torch.OpenZip(path, z, r, size)
		}
	}
	if inner, err := openInner(path, z, r, size); inner != nil || err != nil {
		return inner, err
	}
	return npy.OpenZip(path, z, r, size)
}

// inners are files of weights that come in zip archives, by how their names end.
var inners = []struct {
	suffix string
	container.Format
}{
	{".pb", container.Format{Name: "a TensorFlow graph", Is: tensorflow.IsGraph, Open: tensorflow.OpenGraph}},
	{"model.weights.h5", container.Format{Name: "weights of Keras", Is: hdf5.Is,
		Open: hdf5.Open}}, // in a .keras file
}

// openInner opens the file of weights in an archive, if there is one of a kind; else it returns nil. It can
// only be read in place if it is not compressed.
func openInner(path string, z *zip.Reader, r container.Source, size int64) (*container.Container, error) {
	for _, inner := range inners {
		var found []*zip.File
		for _, f := range z.File {
			if strings.HasSuffix(f.Name, inner.suffix) {
				found = append(found, f)
			}
		}
		if len(found) == 1 {
			return openMember(inner.Format, path, found[0], r, size)
		}
	}
	return nil, nil
}

// openMember opens a file of the format that is a member of an archive.
func openMember(format container.Format, path string, f *zip.File, r container.Source,
	size int64) (*container.Container, error) {
	if f.Method != zip.Store {
		return nil, &UnsupportedError{File: path, Looks: "a zip archive with " + format.Name,
			Advice: "unpack it, and open the file " + container.Clean(f.Name) + " from it"}
	}
	start, err := f.DataOffset()
	at := container.In(path)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, at.Truncated(0, 0)
	case errors.Is(err, zip.ErrFormat):
		return nil, at.Wrong("damaged data", "a member of a zip archive")
	case err != nil:
		return nil, at.Unreadable(err)
	case start > size || f.CompressedSize64 > uint64(size-start):
		return nil, at.Truncated(max(size-start, 0), int64(min(f.CompressedSize64, 1<<48)))
	}
	file := io.NewSectionReader(r, start, int64(f.CompressedSize64))
	head := make([]byte, min(container.HeadSize, file.Size()))
	if _, err := io.ReadFull(file, head); err != nil {
		return nil, at.Unreadable(err)
	}
	if !format.Is(head, file.Size()) {
		looks, advice := recognise(head, file.Size())
		return nil, &UnsupportedError{File: path, Looks: "a zip archive with " + looks, Advice: advice}
	}
	return format.Open(path, struct {
		io.ReaderAt
		io.Closer
	}{file, r}, file.Size())
}
