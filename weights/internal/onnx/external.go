package onnx

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"oneiro/weights/internal/container"
	"oneiro/weights/internal/protobuf"
)

// external says where a tensor's numbers are in another file.
type external struct {
	location string
	offset   int64
	length   int64 // 0 if unknown
}

// externalData reads a StringStringEntryProto.
func (g *graph) externalData(message protobuf.Span, x *external) error {
	var key, value string
	if err := g.Each(message, func(f protobuf.Field) (err error) {
		switch f.Number {
		case 1:
			key, err = g.Text(f)
		case 2:
			value, err = g.Text(f)
		}
		return err
	}); err != nil {
		return err
	}
	var err error
	switch key {
	case "location":
		x.location = value
	case "offset":
		x.offset, err = g.place(value)
	case "length":
		x.length, err = g.place(value)
	}
	return err
}

func (g *graph) place(text string) (int64, error) {
	v, err := strconv.ParseUint(text, 10, 48)
	if err != nil {
		return 0, g.Wrong(fmt.Sprintf("%q", text), "a place in another file")
	}
	return int64(v), nil
}

// locate sets e's bytes to those in the other file, which has to be beside the model: a model that comes from
// somewhere else must not read other files of the user (CVE-2022-25882, CVE-2024-27318), not even by a
// link (CVE-2026-27489).
func (x *external) locate(e *container.Tensor, root *os.Root, path string) error {
	n, ok := container.Product(e.Shape)
	size := n * int64(e.DType.Size)
	switch {
	case slices.Contains(e.Shape, 0):
		size = 0
	case !ok:
		return e.BadShape()
	}
	switch {
	case !filepath.IsLocal(x.location) || x.location == "." || strings.ContainsAny(x.location, "/\\:\x00"):
		return container.In(path).Of(e.Name).Wrong(fmt.Sprintf("%q", x.location),
			"the name of a file beside the model")
	case x.length != 0 && x.length != size:
		return container.In(path).Of(e.Name).Wrong(fmt.Sprintf("%d bytes", x.length),
			fmt.Sprintf("%d for the shape %s", size, container.By(e.Shape)))
	}
	dir, tensor, location, offset := filepath.Dir(path), e.Name, x.location, x.offset
	e.File = filepath.Join(dir, location)
	e.Open = func() (io.ReadCloser, error) {
		r, have, err := openBeside(root, dir, location, tensor)
		if err != nil {
			return nil, err
		}
		if offset > have || size > have-offset {
			r.Close()
			return nil, container.In(filepath.Join(dir, location)).Of(tensor).Truncated(have, offset+size)
		}
		return struct {
			io.Reader
			io.Closer
		}{io.NewSectionReader(r, offset, size), r}, nil
	}
	r, err := e.Open()
	if err != nil {
		return err
	}
	return r.Close()
}

// openBeside opens a file in the folder that is one itself, and not a link.
func openBeside(root *os.Root, dir, file, tensor string) (*os.File, int64, error) {
	full := filepath.Join(dir, file)
	before, err := root.Lstat(file)
	if err != nil {
		return nil, 0, container.In(full).Of(tensor).Unreadable(err)
	}
	odd := container.In(full).Of(tensor).Wrong("a link or something else", "a file")
	if !before.Mode().IsRegular() {
		return nil, 0, odd
	}
	r, size, err := container.OpenRegular(root, dir, file, tensor)
	if err != nil {
		return nil, 0, err
	}
	after, err := r.Stat()
	if err != nil || !os.SameFile(before, after) {
		r.Close()
		return nil, 0, odd
	}
	return r, size, nil
}
