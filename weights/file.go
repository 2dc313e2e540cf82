package weights

import (
	"path/filepath"
	"sync"

	"oneiro/internal/nearest"
)

// File is an open file or folder of weights. Its methods may be called from several goroutines,
// but Close only when none of the others is running.
type File struct {
	path      string
	container container
	byName    map[string]*entry

	mu       sync.Mutex
	verified map[string]bool // tensors whose SHA-256 was right
}

// Info is what a file says about a tensor.
type Info struct {
	Name   string
	Shape  []int  // in the order of Layout
	DType  string // such as "float32"
	Layout Layout // empty if unknown
}

// Path returns the path that was opened.
func (f *File) Path() string { return f.path }

// Name returns the last element of the path.
func (f *File) Name() string { return filepath.Base(f.path) }

// Close closes the file. Tensors that were read stay valid.
func (f *File) Close() error { return f.container.Close() }

// Tensors lists what is in the file, in its order.
func (f *File) Tensors() []Info {
	var all []Info
	for _, e := range f.container.entries() {
		all = append(all, Info{e.name, append([]int(nil), e.shape...), e.dtype.name, e.layout})
	}
	return all
}

// Tensor reads a tensor into a new slice, row-major in the engine's shape: kernel height, kernel
// width, inputs, outputs for a convolution; inputs, outputs for a dense layer; the length of a
// vector. A dense matrix can be read as a convolution over the picture that was flattened for it,
// and a convolution of 1x1 as a dense matrix.
//
// The errors are NotFoundError, ShapeError, TypeError, TruncatedError, ChecksumError, FormatError,
// ValueError and ReadError.
func (f *File) Tensor(name string, shape ...int) ([]float32, error) {
	e := f.byName[name]
	if e == nil {
		return nil, f.notFound(name)
	}
	if e.dtype.decode == nil {
		return nil, &TypeError{f.path, name, e.dtype.name}
	}
	axes, ok := view(e.shape, e.layout, e.fortran, shape)
	if !ok {
		return nil, &ShapeError{f.path, name, engineOrder(e.shape, e.layout), append([]int(nil), shape...)}
	}
	n, _ := product(shape)
	dst := make([]float32, n)
	f.mu.Lock()
	verified := f.verified[name]
	f.mu.Unlock()
	if err := e.read(dst, axes, !verified); err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.verified[name] = true
	f.mu.Unlock()
	return dst, nil
}

func (f *File) notFound(name string) error {
	names := make([]string, 0, len(f.byName))
	for _, e := range f.container.entries() {
		names = append(names, e.name)
	}
	return &NotFoundError{f.path, name, len(names), nearest.Names(name, names, 3)}
}

// newFile checks that the names of the tensors differ, and takes over the container.
func newFile(path string, c container) (*File, error) {
	f := &File{path: path, container: c, byName: map[string]*entry{}, verified: map[string]bool{}}
	all := c.entries()
	for i := range all {
		if f.byName[all[i].name] != nil {
			c.Close()
			return nil, &FormatError{path, all[i].name, "another of the same name", "one tensor of each name"}
		}
		f.byName[all[i].name] = &all[i]
	}
	return f, nil
}
