package weights

import (
	"archive/zip"
	"errors"
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

// npzEntry reads the header of an array. No size is believed before it is compared with the bytes
// that are there: deflate makes at most 1032 bytes of one.
func npzEntry(path, name string, f *zip.File, fileSize int64) (entry, error) {
	e := entry{name: name, file: path, crc32: fmt.Sprintf("crc32 %08x", f.CRC32)}
	stored, size := f.CompressedSize64, f.UncompressedSize64
	start, err := f.DataOffset()
	switch {
	case err != nil:
		return e, e.failed(err, 0, 0)
	case start > fileSize || stored > uint64(fileSize-start):
		return e, &TruncatedError{path, name, max(fileSize-start, 0), int64(min(stored, 1<<62))}
	case f.Method == zip.Store && size != stored || size/1032 > stored:
		return e, &FormatError{path, name, fmt.Sprintf("%d bytes said to hold %d", stored, size), "an honest size"}
	case f.Flags&1 != 0:
		return e, &FormatError{path, name, "an encrypted array", "an array that can be read"}
	}
	header, err := readNPYHeader(&e, f)
	if err != nil {
		return e, err
	}
	e.shape, e.fortran, e.dtype, e.layout = header.shape, header.fortran, header.dtype, usual(len(header.shape))
	if e.dtype.decode != nil {
		n, ok := product(e.shape)
		want, have := n*int64(e.dtype.size), int64(size)-header.length
		switch {
		case !ok:
			return e, &FormatError{path, name, "the shape " + by(e.shape), "sizes above 0 that a file can hold"}
		case have < want:
			return e, &TruncatedError{path, name, have, want}
		case have > want:
			return e, &FormatError{path, name, fmt.Sprintf("%d bytes", have), fmt.Sprintf("%d bytes", want)}
		}
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

func readNPYHeader(e *entry, f *zip.File) (npyHeader, error) {
	r, err := f.Open()
	if err != nil {
		return npyHeader{}, e.failed(err, 0, 0)
	}
	defer r.Close()
	header, err := parseNPY(r)
	var wrong *npyError
	switch {
	case errors.As(err, &wrong):
		err = &FormatError{e.file, e.name, wrong.have, wrong.want}
	case err != nil:
		err = e.failed(err, 0, 0)
	}
	return header, err
}
