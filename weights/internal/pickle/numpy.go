package pickle

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"oneiro/weights/internal/container"
)

// numpyType is a type of NumPy's in a pickle.
type numpyType struct{ kind, order string }

func newNumpyType(args []any) (any, bool) {
	if len(args) == 0 {
		return nil, false
	}
	kind, ok := args[0].(Text)
	return &numpyType{kind: kind.Value}, ok
}

// setState takes a version, the order of the bytes, and what only records have.
func (t *numpyType) setState(state []any) (ok bool) {
	if len(state) < 2 {
		return false
	}
	order, ok := state[1].(Text)
	t.order = order.Value
	return ok
}

// numpyArray is an array of NumPy's in a pickle: its numbers are a string of bytes there, and objects
// a list.
type numpyArray struct {
	shape   []int
	element container.DType
	fortran bool
	data    Text
	objects *List
	torch   bool // the array is a tensor of PyTorch's
}

func newNumpyArray([]any) (any, bool) { return &numpyArray{}, true }

// setState takes a version, the shape, the type, whether the first index grows first, and the numbers.
func (a *numpyArray) setState(state []any) (ok bool) {
	if len(state) != 5 {
		return false
	}
	kind, isType := state[2].(*numpyType)
	if a.shape, ok = wholeNumbers(state[1]); !ok || !isType {
		return false
	}
	a.fortran, ok = state[3].(bool)
	if !ok {
		return false
	}
	if strings.HasPrefix(kind.kind, "O") {
		a.objects, ok = state[4].(*List)
		return ok
	}
	a.element = container.NumPyType(kind.order + kind.kind)
	a.data, ok = state[4].(Text)
	return ok
}

// entry describes the array. Arrays that were saved like this come from TensorFlow.
func (a *numpyArray) entry(in *finder, name string) (container.Tensor, error) {
	e := container.Tensor{Name: name, File: in.Path, Shape: a.shape, Fortran: a.fortran, DType: a.element}
	e.Layout = container.TensorFlowLayout(len(a.shape))
	if a.torch {
		e.Layout = container.TorchLayout(len(a.shape))
	}
	if e.DType.Decode == nil || slices.Contains(a.shape, 0) {
		e.Open = container.NoBytes
		return e, nil
	}
	if !a.data.latin1 {
		if err := e.Fill(a.data.length); err != nil {
			return e, err
		}
		return e, e.Locate(in.R, in.Size, a.data.offset)
	}
	n, ok := container.Product(a.shape)
	if want := n * int64(a.element.Size); !ok || a.data.length < want || a.data.length/2 > want {
		return e, e.Place().Wrong(fmt.Sprintf("%d bytes", a.data.length),
			fmt.Sprintf("%d bytes as UTF-8", want))
	}
	e.Open = func() (io.ReadCloser, error) {
		text := io.NewSectionReader(in.R, a.data.offset, a.data.length)
		return io.NopCloser(&latin1Reader{&e, bufio.NewReaderSize(text, 64<<10)}), nil
	}
	return e, nil
}

// latin1Reader reads bytes that were written as characters in UTF-8.
type latin1Reader struct {
	e    *container.Tensor
	text *bufio.Reader
}

func (l *latin1Reader) Read(p []byte) (int, error) {
	for i := range p {
		c, err := l.text.ReadByte()
		if err != nil {
			return i, err
		}
		if c >= 0x80 { // 110000ab 10cdefgh
			next, err := l.text.ReadByte()
			if err != nil || c&^1 != 0xc2 || next&0xc0 != 0x80 {
				return i, l.e.Place().Wrong("another character", "the characters 0 to 255 in UTF-8")
			}
			c = c<<6 | next&0x3f
		}
		p[i] = c
	}
	return len(p), nil
}
