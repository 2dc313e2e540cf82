// Package npy reads arrays of NumPy: by themselves, in archives, and in folders.
package npy

import (
	"bytes"
	"io"
	"strings"

	"oneiro/weights/internal/container"
	"oneiro/weights/internal/pickle"
)

// Is recognises the signature.
func Is(head []byte, _ int64) bool { return bytes.HasPrefix(head, []byte("\x93NUMPY")) }

// isText says whether a type is text, by its name in package container, which ends in NumPy's: <U7, |S7.
func isText(name string) bool {
	descr := name[strings.LastIndexByte(name, ' ')+1:]
	return len(descr) > 1 && strings.ContainsAny(descr[:1], "<>|=") && (descr[1] == 'U' || descr[1] == 'S')
}

// Open opens an array, under the name array, or a pickle of arrays. The weights of VGG that came
// with the first programs for TensorFlow are a dictionary of lists, {conv1_1: [weight, bias]}.
func Open(path string, r container.Source, size int64) (*container.Container, error) {
	e := container.Tensor{Name: "array", File: path}
	header, err := readHeader(&e, io.NewSectionReader(r, 0, size), size)
	if err != nil {
		return nil, err
	}
	if isText(e.DType.Name) {
		return nil, &container.UnsupportedError{File: path, Looks: "an array of text",
			Advice: "give the array of numbers, or an .npz with all of them"}
	}
	if e.DType.Name != container.PythonObjects.Name {
		if err := e.Locate(r, size, header.length); err != nil {
			return nil, err
		}
		return &container.Container{Closer: r, Format: "NumPy array (.npy)", Tensors: []container.Tensor{e}},
			nil
	}
	root, _, err := pickle.Run(pickle.NewInput(path, r, header.length, size))
	if err != nil {
		return nil, err
	}
	tensors, err := pickle.File{Path: path, R: r, Size: size}.Tensors(root, e.Name)
	if err != nil {
		return nil, err
	}
	if len(tensors) == 0 {
		return nil, &container.UnsupportedError{
			File: path, Looks: "a NumPy file without arrays of numbers",
			Advice: "save a dictionary of arrays: numpy.savez(\"weights.npz\", **arrays)",
		}
	}
	return &container.Container{Closer: r, Format: "NumPy array (.npy)", Tensors: tensors}, nil
}
