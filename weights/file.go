package weights

import (
	"path/filepath"
	"slices"
	"sync"

	"oneiro/internal/nearest"
	"oneiro/weights/internal/container"
)

// File is an open file or folder of weights. Its methods may be called from several goroutines,
// but Close only when none of the others is running.
type File struct {
	path      string
	container *container.Container

	mu       sync.Mutex
	byName   map[string]*container.Tensor // those that the container has listed so far
	failure  error                        // of listing the others
	verified map[string]bool              // tensors whose SHA-256 was right
}

// Info is what a file says about a tensor.
type Info struct {
	Name   string
	Shape  []int  // in the order of Layout
	DType  string // such as "float32"
	Layout Layout // empty if unknown
	Float  bool   // its numbers are floating-point, and can be read
}

// Len is how many numbers the tensor has, or 0 if its shape is not possible.
func (i Info) Len() int64 {
	n, _ := container.Product(i.Shape)
	return n
}

func info(t *container.Tensor) Info {
	return Info{t.Name, slices.Clone(t.Shape), t.DType.Name, t.Layout, t.DType.Decode != nil}
}

// newFile checks that the names of the tensors differ, and takes over the container, which it closes if it
// fails.
func newFile(path string, c *container.Container) (*File, error) {
	f := &File{path: path, container: c, byName: map[string]*container.Tensor{}, verified: map[string]bool{}}
	if err := f.index(c.Tensors); err != nil {
		c.Close()
		return nil, err
	}
	return f, nil
}

// index adds tensors to byName. The error is a FormatError if two tensors have one name.
func (f *File) index(tensors []container.Tensor) error {
	for i := range tensors {
		t := &tensors[i]
		if f.byName[t.Name] != nil {
			return container.In(f.path).Of(t.Name).Wrong("another of the same name", "one tensor of each name")
		}
		f.byName[t.Name] = t
	}
	return nil
}

// Path returns the path that was opened.
func (f *File) Path() string { return f.path }

// Name returns the last element of the path.
func (f *File) Name() string { return filepath.Base(f.path) }

// Format returns the format of the file, for people.
func (f *File) Format() string { return f.container.Format }

// Close closes the file. Tensors that were read stay valid.
func (f *File) Close() error { return f.container.Close() }

// Tensors lists what is in the file, in its order. If the file is broken where it was not read yet, the last
// of them says so when it is read.
func (f *File) Tensors() []Info {
	f.mu.Lock()
	_ = f.complete()
	f.mu.Unlock()
	return f.Listed()
}

// Listed lists the tensors that are known so far, in the order of the file. Some formats list all of them only
// when Tensors is called, or when one is not found, because that takes long.
func (f *File) Listed() []Info {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []Info
	for i := range f.container.Tensors {
		all = append(all, info(&f.container.Tensors[i]))
	}
	return all
}

// Has says whether the file has a tensor of that name.
func (f *File) Has(name string) bool {
	_, err := f.find(name)
	return err == nil
}

// Lookup returns what the file says about a tensor. The errors are NotFoundError, and those of a file that is
// read further to look for it.
func (f *File) Lookup(name string) (Info, error) {
	t, err := f.find(name)
	if err != nil {
		return Info{}, err
	}
	return info(t), nil
}

// AssumeLayout reads filters in that layout where the format does not say, and another is assumed otherwise,
// and matrices in that of the same framework. No tensor may have been read before.
func (f *File) AssumeLayout(filters Layout) {
	matrices := OI
	if filters == HWIO {
		matrices = IO
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range f.byName {
		switch len(t.Layout) {
		case 4:
			t.Layout = filters
		case 2:
			t.Layout = matrices
		}
	}
}

// find returns a tensor of the file. The errors are NotFoundError, and those of a file that is read further to
// look for it.
func (f *File) find(name string) (*container.Tensor, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if t := f.byName[name]; t != nil {
		return t, nil
	}
	if err := f.complete(); err != nil {
		return nil, err
	}
	if t := f.byName[name]; t != nil {
		return t, nil
	}
	return nil, f.notFound(name)
}

// readable returns a tensor that has floating-point numbers. The errors are those of find, and TypeError.
func (f *File) readable(name string) (*container.Tensor, error) {
	t, err := f.find(name)
	if err == nil && t.DType.Decode == nil {
		return nil, &TypeError{f.path, name, t.DType.Name, t.DType.Advice}
	}
	return t, err
}

// complete has the container list all its tensors. The caller holds f.mu.
func (f *File) complete() error {
	c := f.container
	if c.More == nil {
		return f.failure
	}
	more, err := c.More()
	c.More = nil
	if f.failure = f.index(more); f.failure != nil {
		return f.failure
	}
	c.Tensors = append(c.Tensors, more...)
	f.failure = err
	return err
}

func (f *File) notFound(name string) error {
	names := make([]string, 0, len(f.byName))
	for i := range f.container.Tensors {
		names = append(names, f.container.Tensors[i].Name)
	}
	return &NotFoundError{f.path, name, len(names), nearest.Names(name, names, 3)}
}
