package weights

import (
	"path/filepath"
	"slices"
	"sync"

	"oneiro/internal/nearest"
)

// File is an open file or folder of weights. Its methods may be called from several goroutines,
// but Close only when none of the others is running.
type File struct {
	path      string
	container container

	mu       sync.Mutex
	byName   map[string]*entry // those that the container has listed so far
	indexed  int               // how many these are
	verified map[string]bool   // tensors whose SHA-256 was right
}

// Info is what a file says about a tensor.
type Info struct {
	Name   string
	Shape  []int  // in the order of Layout
	DType  string // such as "float32"
	Layout Layout // empty if unknown
	Float  bool   // its numbers are floating-point, and can be read
}

// Format returns what kind of file it is, for people.
func (f *File) Format() string { return f.container.format() }

// Has says whether the file has a tensor of that name.
func (f *File) Has(name string) bool {
	_, err := f.find(name)
	return err == nil
}

// Lookup returns what the file says about a tensor. The errors are NotFoundError, and those of a file that is read
// further to look for it.
func (f *File) Lookup(name string) (Info, error) {
	e, err := f.find(name)
	if err != nil {
		return Info{}, err
	}
	return e.info(), nil
}

// Listed lists the tensors that are known so far, in the order of the file. Some formats list all of them only when
// Tensors is called, or when one is looked for in vain, because that takes long.
func (f *File) Listed() []Info {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []Info
	for _, e := range f.container.entries() {
		all = append(all, e.info())
	}
	return all
}

// AssumeChannelsLast takes filters and matrices to lie as TensorFlow has them where the format does not say, and the
// layout of PyTorch is assumed otherwise. No tensor may have been read before.
func (f *File) AssumeChannelsLast() {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.container.entries()
	for i := range all {
		switch all[i].layout {
		case OIHW:
			all[i].layout = HWIO
		case OI:
			all[i].layout = IO
		}
	}
}

// find returns a tensor of the file. The errors are NotFoundError, and those of a file that is read further to
// look for it.
func (f *File) find(name string) (*entry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if e := f.byName[name]; e != nil {
		return e, nil
	}
	if err := f.complete(); err != nil {
		return nil, err
	}
	if e := f.byName[name]; e != nil {
		return e, nil
	}
	return nil, f.notFound(name)
}

// readable returns a tensor that has floating-point numbers. The errors are those of find, and TypeError.
func (f *File) readable(name string) (*entry, error) {
	e, err := f.find(name)
	if err == nil && e.dtype.decode == nil {
		return nil, &TypeError{f.path, name, e.dtype.name}
	}
	return e, err
}

// complete has the container list all its tensors. The caller holds f.mu.
func (f *File) complete() error {
	c, ok := f.container.(lazy)
	if !ok {
		return nil
	}
	failure := c.complete()
	if err := f.index(); err != nil {
		return err
	}
	return failure
}

// index adds what the container has listed since to byName. The error is a FormatError if two tensors have one
// name.
func (f *File) index() error {
	all := f.container.entries()
	for f.indexed < len(all) {
		e := &all[f.indexed]
		if f.byName[e.name] != nil {
			return &FormatError{f.path, e.name, "another of the same name", "one tensor of each name"}
		}
		f.byName[e.name] = e
		f.indexed++
	}
	return nil
}

// Len is how many numbers the tensor has, or 0 if its shape is not possible.
func (i Info) Len() int64 {
	n, _ := product(i.Shape)
	return n
}

func (e *entry) info() Info {
	return Info{e.name, slices.Clone(e.shape), e.dtype.name, e.layout, e.dtype.decode != nil}
}

// Path returns the path that was opened.
func (f *File) Path() string { return f.path }

// Name returns the last element of the path.
func (f *File) Name() string { return filepath.Base(f.path) }

// Close closes the file. Tensors that were read stay valid.
func (f *File) Close() error { return f.container.Close() }

// Tensors lists what is in the file, in its order. If the file is broken where it was not read yet, the last of
// them says so when it is read.
func (f *File) Tensors() []Info {
	f.mu.Lock()
	_ = f.complete()
	f.mu.Unlock()
	return f.Listed()
}

// Tensor reads a tensor into a new slice. It is row-major in the engine's shape: kernel height, kernel
// width, inputs, outputs for a convolution; inputs, outputs for a dense layer; the length of a
// vector. A dense matrix can be read as a convolution over the picture that was flattened for it,
// and a convolution of 1x1 as a dense matrix.
//
// The errors are NotFoundError, ShapeError, TypeError, TruncatedError, ChecksumError, FormatError,
// ValueError and ReadError.
func (f *File) Tensor(name string, shape ...int) ([]float32, error) {
	e, err := f.readable(name)
	if err != nil {
		return nil, err
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
	if err := f.index(); err != nil {
		c.Close()
		return nil, err
	}
	return f, nil
}
