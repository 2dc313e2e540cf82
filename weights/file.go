package weights

import (
	"maps"
	"path/filepath"
	"strings"
	"sync"

	"oneiro/internal/nearest"
)

// File is an open file or folder of weights. Its methods may be called from several goroutines,
// but Close only when none of the others is running.
type File struct {
	path      string
	container container
	naming    *naming // that the tensors follow, or nil

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
}

// Format returns what kind of file it is, for people.
func (f *File) Format() string { return f.container.format() }

// Network returns the name of the network that the tensors belong to by their names, as package nn calls
// it, and who calls them so. Both are empty if nobody who is known does.
func (f *File) Network() (network, naming string) {
	if f.naming == nil {
		return "", ""
	}
	return f.naming.network, f.naming.by
}

// Has says whether the file has all tensors that a parameter is made of, by its name in package nn.
func (f *File) Has(name string) bool {
	sources := f.Sources(name)
	for _, s := range sources {
		if _, err := f.find(s); err != nil {
			return false
		}
	}
	return len(sources) > 0
}

// Sources returns the tensors of the file that a parameter is made of, by its name in package nn, or none.
func (f *File) Sources(name string) []string {
	if o, kind, ok := f.origin(name); ok {
		if kind == ".bias" {
			o.weight = ""
		} else {
			o.bias = ""
		}
		return o.tensors()
	}
	if _, err := f.find(name); err == nil {
		return []string{name}
	}
	return nil
}

// Notes returns what the file says of itself beside its tensors, by key, if its format has room for that.
func (f *File) Notes() map[string]string { return maps.Clone(metadata(f.container)) }

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

// origin finds the layer that a parameter belongs to, if the tensors follow a naming that has it.
func (f *File) origin(name string) (o origin, kind string, ok bool) {
	if f.naming == nil {
		return origin{}, "", false
	}
	for _, kind := range []string{".weight", ".bias"} {
		if layer, cut := strings.CutSuffix(name, kind); cut {
			o, ok := f.naming.layer(layer)
			return o, kind, ok
		}
	}
	return origin{}, "", false
}

// Len is how many numbers the tensor has.
func (i Info) Len() int64 {
	n := int64(1)
	for _, d := range i.Shape {
		n *= int64(d)
	}
	return n
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
	var all []Info
	for _, e := range f.container.entries() {
		all = append(all, Info{e.name, append([]int(nil), e.shape...), e.dtype.name, e.layout})
	}
	return all
}

// Tensor reads a parameter into a new slice. Its name is package nn's, whatever the file calls it, or for
// what is no part of a known network the file's. Batch normalisation is folded into the convolution that
// comes before it. It is row-major in the engine's shape: kernel height, kernel
// width, inputs, outputs for a convolution; inputs, outputs for a dense layer; the length of a
// vector. A dense matrix can be read as a convolution over the picture that was flattened for it,
// and a convolution of 1x1 as a dense matrix.
//
// The errors are NotFoundError, ShapeError, TypeError, TruncatedError, ChecksumError, FormatError,
// ValueError and ReadError.
func (f *File) Tensor(name string, shape ...int) ([]float32, error) {
	if o, kind, ok := f.origin(name); ok {
		return f.parameter(o, kind == ".bias", shape)
	}
	return f.stored(name, shape...)
}

// stored reads a tensor of the file.
func (f *File) stored(name string, shape ...int) ([]float32, error) {
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
	if f.naming = recognise(metadata(c)[networkKey], func(tensor string) *entry { return f.byName[tensor] }); f.naming == nil {
		f.naming = inOrder(c.entries())
	}
	if f.naming != nil && looksHWIO(f.byName[f.naming.layers[0].from.weight]) {
		all := c.entries()
		for i := range all {
			switch all[i].layout {
			case OIHW:
				all[i].layout = HWIO
			case OI:
				all[i].layout = IO
			}
		}
	}
	return f, nil
}
