package weights

import (
	"archive/zip"
	"fmt"
	"io"
	"strings"
)

// npz is NumPy's archive: a zip with one .npy file for each array.
type npz struct {
	io.Closer
	all []entry
}

func (z *npz) format() string   { return "NumPy archive (.npz)" }
func (z *npz) entries() []entry { return z.all }

func openNPZ(path string, archive *zip.Reader, r source, size int64) (container, error) {
	z := &npz{Closer: r}
	for _, f := range archive.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			continue
		}
		e, err := npzEntry(path, name, f, size)
		if err != nil {
			return nil, err
		}
		z.all = append(z.all, e)
	}
	if len(z.all) == 0 {
		return nil, &UnsupportedError{File: path, Looks: "a zip archive without NumPy arrays"}
	}
	return z, nil
}

// npzEntry reads the header of an array.
func npzEntry(path, name string, f *zip.File, fileSize int64) (entry, error) {
	e := entry{name: name, file: path, crc32: fmt.Sprintf("crc32 %08x", f.CRC32)}
	if _, err := e.member(f, fileSize); err != nil {
		return e, err
	}
	header, err := npzHeader(&e, f)
	if err != nil {
		return e, err
	}
	e.open = func() (io.ReadCloser, error) {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		if _, err := io.CopyN(io.Discard, r, header.length); err != nil {
			r.Close()
			return nil, err
		}
		return r, nil
	}
	return e, nil
}

func npzHeader(e *entry, f *zip.File) (npyHeader, error) {
	r, err := f.Open()
	if err != nil {
		return npyHeader{}, e.failed(err, 0, 0)
	}
	defer r.Close()
	return e.readNPY(r, int64(f.UncompressedSize64))
}
