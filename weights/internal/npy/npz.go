package npy

import (
	"archive/zip"
	"fmt"
	"io"
	"strings"

	"oneiro/weights/internal/archive"
	"oneiro/weights/internal/container"
)

// OpenZip opens NumPy's archive: a zip with one .npy file for each array.
func OpenZip(path string, z *zip.Reader, r container.Source, size int64) (*container.Container, error) {
	c := &container.Container{Closer: r, Format: "NumPy archive (.npz)"}
	for _, f := range z.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			continue
		}
		e, err := member(path, name, f, size)
		if err != nil {
			return nil, err
		}
		c.Tensors = append(c.Tensors, e)
	}
	if len(c.Tensors) == 0 {
		return nil, &container.UnsupportedError{File: path, Looks: "a zip archive without NumPy arrays"}
	}
	return c, nil
}

// member reads the header of an array.
func member(path, name string, f *zip.File, fileSize int64) (container.Tensor, error) {
	e := container.Tensor{Name: name, File: path, CRC32: fmt.Sprintf("crc32 %08x", f.CRC32)}
	if _, err := archive.Member(&e, f, fileSize); err != nil {
		return e, err
	}
	header, err := memberHeader(&e, f)
	if err != nil {
		return e, err
	}
	e.Open = func() (io.ReadCloser, error) {
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

func memberHeader(e *container.Tensor, f *zip.File) (header, error) {
	r, err := f.Open()
	if err != nil {
		return header{}, e.Failed(err, 0, 0)
	}
	defer r.Close()
	return readHeader(e, r, int64(f.UncompressedSize64))
}
