package onnx

import (
	"fmt"
	"io"
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

// locate sets e's bytes to those in the other file, which has to be in the model's folder or in one inside: a
// model that comes from somewhere else must not read other files of the user (CVE-2022-25882, CVE-2024-27318),
// not even by a link (CVE-2026-27489), unless the link leads to where a cache of Hugging Face's has its files.
func (x *external) locate(e *container.Tensor, home *container.Home, path string) error {
	n, ok := container.Product(e.Shape)
	size := n * int64(e.DType.Size)
	switch {
	case slices.Contains(e.Shape, 0):
		size = 0
	case !ok:
		return e.BadShape()
	}
	switch {
	case !filepath.IsLocal(filepath.FromSlash(x.location)) || filepath.Clean(x.location) == "." ||
		strings.ContainsAny(x.location, "\\:\x00"):
		return container.In(path).Of(e.Name).Wrong(fmt.Sprintf("%q", x.location),
			"the name of a file in the model's folder")
	case x.length != 0 && x.length != size:
		return container.In(path).Of(e.Name).Wrong(fmt.Sprintf("%d bytes", x.length),
			fmt.Sprintf("%d for the shape %s", size, container.By(e.Shape)))
	}
	dir, tensor, location, offset := filepath.Dir(path), e.Name, filepath.FromSlash(x.location), x.offset
	e.File = filepath.Join(dir, location)
	e.Open = func() (io.ReadCloser, error) {
		r, have, err := home.Open(location, tensor)
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
