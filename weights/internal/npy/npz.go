package npy

import (
	"archive/zip"
	"fmt"
	"io"
	"strings"

	"oneiro/weights/internal/archive"
	"oneiro/weights/internal/container"
	"oneiro/weights/internal/pickle"
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
		if inner := objects(path, &e, f, r, size); len(inner) > 0 {
			c.Tensors = append(c.Tensors, inner...)
			continue
		}
		c.Tensors = append(c.Tensors, e)
	}
	if len(c.Tensors) == 0 {
		return nil, &container.UnsupportedError{File: path, Looks: "a zip archive without NumPy arrays"}
	}
	return c, nil
}

// objects lists the arrays in a member that is a pickle, as NumPy saves lists and dictionaries of arrays. There
// are none in one that is compressed, or damaged.
func objects(path string, e *container.Tensor, f *zip.File, r io.ReaderAt, size int64) []container.Tensor {
	if e.DType.Name != container.PythonObjects.Name || f.Method != zip.Store {
		return nil
	}
	start, err := archive.Member(e, f, size)
	if err != nil {
		return nil
	}
	in := io.NewSectionReader(r, start, int64(f.UncompressedSize64))
	h, err := readHeader(&container.Tensor{Name: e.Name, File: path}, in, in.Size())
	if err != nil {
		return nil
	}
	root, _, err := pickle.Run(pickle.NewInput(path, r, start+h.length, start+in.Size()))
	if err != nil {
		return nil
	}
	all, err := pickle.File{Path: path, R: r, Size: size}.Tensors(root, "")
	if err != nil {
		return nil
	}
	for i := range all {
		if all[i].Name == "" {
			all[i].Name = e.Name
		} else {
			all[i].Name = e.Name + "." + all[i].Name
		}
	}
	return all
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
