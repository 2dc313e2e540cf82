package weights

import (
	"archive/zip"
	"errors"
	"io"
	pathpkg "path"
	"strings"

	"oneiro/weights/internal/archive"
	"oneiro/weights/internal/container"
	"oneiro/weights/internal/hdf5"
	"oneiro/weights/internal/npy"
	"oneiro/weights/internal/torch"
)

// zips opens zip archives: PyTorch's, NumPy's, or those with a file of another kind.
type zips struct {
	hints  Hints
	inside bool // the archive is in another one
}

func (z zips) open(path string, r container.Source, size int64) (*container.Container, error) {
	all, err := archive.Open(path, r, size)
	if err != nil {
		return nil, err
	}
	arrays := false
	for _, f := range all.File {
		switch base := pathpkg.Base(f.Name); {
		case base == "data.pkl" && base != f.Name:
			return torch.OpenZip(path, all, r, size)
		case base == "archive_format" && base != f.Name:
			return nil, &UnsupportedError{File: path, Looks: "a program that torch.export wrote (.pt2)",
				Advice: "load it in Python and save the numbers alone: " +
					"torch.save(torch.export.load(file).state_dict, \"weights.pth\")"}
		}
		arrays = arrays || strings.HasSuffix(f.Name, ".npy")
	}
	if arrays {
		return npy.OpenZip(path, all, r, size)
	}
	return z.openOnly(path, all, r, size)
}

// openOnly opens the only file of weights in an archive. It can only be read in place, where it is not
// compressed.
func (z zips) openOnly(path string, all *zip.Reader, r container.Source, size int64) (*container.Container, error) {
	var found []*zip.File
	for _, f := range all.File {
		base := pathpkg.Base(f.Name)
		if model.MatchString(base) && !strings.HasPrefix(base, "._") { // which macOS puts beside each file
			found = append(found, f)
		}
	}
	switch {
	case len(found) == 0:
		return npy.OpenZip(path, all, r, size) // which says what is missing
	case len(found) > 1:
		return nil, &UnsupportedError{File: path, Looks: "a zip archive with several files of weights",
			Advice: "unpack it, and open one of them, such as " + container.Clean(found[0].Name)}
	case z.inside:
		return nil, &UnsupportedError{File: path, Looks: "a zip archive in a zip archive", Advice: "unpack it"}
	}
	c, err := z.openMember(path, found[0], r, size)
	if err != nil {
		return nil, err
	}
	for _, f := range all.File {
		if f.Name == "config.json" && found[0].Name == "model.weights.h5" { // Keras' description of the network
			if text, err := member(path, f, size); err == nil {
				hdf5.Describe(c, text)
			}
		}
	}
	return c, nil
}

// maxConfig bounds what is read of a description in an archive.
const maxConfig = 16 << 20

// member reads a text in an archive.
func member(path string, f *zip.File, size int64) ([]byte, error) {
	if _, err := archive.Member(&container.Tensor{File: path}, f, size); err != nil {
		return nil, err
	}
	r, err := f.Open()
	if err != nil {
		return nil, container.In(path).Unreadable(err)
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, maxConfig))
}

// openMember opens a file that is a member of an archive.
func (z zips) openMember(path string, f *zip.File, r container.Source, size int64) (*container.Container, error) {
	if f.Method != zip.Store {
		return nil, &UnsupportedError{File: path, Looks: "a zip archive with a file of weights",
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
	inner := struct {
		io.ReaderAt
		io.Closer
	}{file, r}
	return openFormat(path, pathpkg.Base(f.Name), inner, file.Size(), z.hints, true)
}
