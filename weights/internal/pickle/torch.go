package pickle

import (
	"fmt"
	"io"
	"slices"

	"oneiro/weights/internal/container"
)

// Storage is a sequence of numbers that a pickle of PyTorch names.
type Storage struct {
	Key          string // its name in the file
	Element      container.DType
	Total        int64 // how many numbers the file has
	first, count int64 // the part of them that this storage is
}

// torchTensor is numbers of a storage: the one at index i, j ... is the one at offset + i·stride[0] +
// j·stride[1] ...
type torchTensor struct {
	storage       *Storage
	offset        int64
	shape, stride []int
}

// Block is where all numbers of a storage are in a file.
type Block struct {
	Offset, Bytes int64
	Big           bool // the highest byte comes first
	CRC32         string
	// Whole reads them all and checks their sum. It is nil where the file has no sums.
	Whole func() (io.ReadCloser, error)
}

// PlaceStorage finds the numbers of a storage, for a tensor of that name.
type PlaceStorage func(s *Storage, tensor string) (Block, error)

// persistentID makes a storage of the tuple by which PyTorch names it.
func (p *pickle) persistentID() {
	id, ok := p.pop().(*List)
	if p.err != nil {
		return
	}
	kind := Text{}
	if ok && len(id.Items) > 0 {
		kind, _ = id.Items[0].(Text)
	}
	if kind.Value == "module" && len(id.Items) > 1 { // a class, and the program that it was made by
		p.push(id.Items[1])
		return
	}
	s := newStorage(id)
	if s == nil || kind.Value != "storage" {
		p.wrong("another value", "a class, a name and a size for a storage of PyTorch")
		return
	}
	p.storages = append(p.storages, s)
	p.push(s)
}

// newStorage takes 'storage', the class, the key, the device, the number of numbers, and in files
// before version 1.6 where in them a view is: its own key, the first number, how many. It is nil if
// they are something else.
func newStorage(id *List) *Storage {
	if id == nil || len(id.Items) < 5 || len(id.Items) > 6 {
		return nil
	}
	class, ok := id.Items[1].(*global)
	key, isText := id.Items[2].(Text)
	total, isNumber := id.Items[4].(int64)
	const most = 1 << 48
	if !ok || class.element.Size == 0 || !isText || key.Value == "" || !isNumber || total < 0 || total > most {
		return nil
	}
	s := &Storage{Key: key.Value, Element: class.element, count: total, Total: total}
	if len(id.Items) == 6 && id.Items[5] != nil {
		view, ok := id.Items[5].(*List)
		if !ok || len(view.Items) != 3 {
			return nil
		}
		s.first, ok = view.Items[1].(int64)
		s.count, isNumber = view.Items[2].(int64)
		if !ok || !isNumber || s.first < 0 || s.first > total || s.count < 0 || s.count > total-s.first {
			return nil
		}
	}
	return s
}

// rebuildTensor takes a storage, an offset, a shape and strides, and things that do not matter. The last
// of seven are marks that say, for example, that numbers are to be negated.
func rebuildTensor(least, most int) func([]any) (any, bool) {
	return func(args []any) (any, bool) {
		if len(args) < least || len(args) > most {
			return nil, false
		}
		if len(args) == 7 && args[6] != nil {
			if marks, ok := args[6].(*Dict); !ok || len(marks.keys) > 0 {
				return nil, false
			}
		}
		t := &torchTensor{}
		return t, t.setState(args[:4])
	}
}

// rebuildTyped takes the same of a storage of bytes, and then the type of the numbers.
func rebuildTyped(args []any) (any, bool) {
	if len(args) < 7 || len(args) > 8 {
		return nil, false
	}
	kind, isType := args[6].(*global)
	t := &torchTensor{}
	if !t.setState(args[:4]) || !isType || kind.element.Size == 0 {
		return nil, false
	}
	typed, size := *t.storage, int64(kind.element.Size)
	typed.first *= int64(typed.Element.Size)
	typed.Total, typed.count = typed.Total*int64(typed.Element.Size)/size, typed.count*int64(typed.Element.Size)/size
	if typed.first%size != 0 {
		return nil, false
	}
	typed.first /= size
	typed.Element, t.storage = kind.element, &typed
	return t, true
}

// rebuildSubclass takes a function that makes a tensor, a class, the function's arguments, and a state.
func rebuildSubclass(args []any) (any, bool) {
	if len(args) != 4 {
		return nil, false
	}
	function, ok := args[0].(*global)
	list, isList := args[2].(*List)
	if !ok || !isList || function.call == nil {
		return nil, false
	}
	return function.call(list.Items)
}

// rebuildFromNumpy takes an array and things that do not matter: some devices keep tensors so.
func rebuildFromNumpy(args []any) (any, bool) {
	if len(args) != 4 {
		return nil, false
	}
	array, ok := args[0].(*numpyArray)
	if ok {
		array.torch = true
	}
	return array, ok
}

// emptyTensor is what PyTorch's first versions made before they set its state.
func emptyTensor(args []any) (any, bool) { return &torchTensor{}, len(args) == 0 }

func (t *torchTensor) setState(state []any) (ok bool) {
	if len(state) != 4 {
		return false
	}
	storage, isStorage := state[0].(*Storage)
	offset, isNumber := state[1].(int64)
	shape, isShape := wholeNumbers(state[2])
	stride, isStride := wholeNumbers(state[3])
	*t = torchTensor{storage, offset, shape, stride}
	return isStorage && isNumber && isShape && isStride && len(shape) == len(stride) && offset >= 0
}

// entry describes the tensor. Its numbers are streamed if they are contiguous, and collected if not.
func (t *torchTensor) entry(in *finder, name string) (container.Tensor, error) {
	e := container.Tensor{Name: name, File: in.Path, Shape: t.shape,
		Layout: container.TorchLayout(len(t.shape))}
	s := t.storage
	if s == nil || in.Place == nil {
		return e, e.Place().Wrong("none", "a storage that has the numbers")
	}
	e.DType = s.Element
	place, err := in.Place(s, name)
	if err != nil {
		return e, err
	}
	if place.Big {
		e.DType = bigEndian(s.Element)
	}
	if slices.Contains(t.shape, 0) {
		e.Open = container.NoBytes
		return e, nil
	}
	size := int64(e.DType.Size)
	if s.Total > place.Bytes/size {
		return e, e.Place().Wrong(fmt.Sprintf("%d bytes", place.Bytes),
			fmt.Sprintf("%d numbers of %d bytes", s.Total, size))
	}
	n, ok := container.Product(t.shape)
	end := t.end()
	if !ok || end > s.count {
		return e, e.Place().Wrong(
			fmt.Sprintf("the shape %s, from number %d of %d on, with strides %v", container.By(t.shape),
				t.offset, s.count, t.stride),
			"numbers that are all in the storage")
	}
	if n > s.count { // it could ask for more memory than the file is long
		e.DType = container.DType{Advice: container.SaveContiguous,
			Name: fmt.Sprintf("%d numbers repeated to be %s", s.count, container.By(t.shape))}
		e.Open = container.NoBytes
		return e, nil
	}
	first := s.first + t.offset
	switch {
	case rowMajor(t.shape, t.stride):
	case rowMajor(reversed(t.shape), reversed(t.stride)):
		e.Fortran = true
	default:
		e.Open = func() (io.ReadCloser, error) {
			return container.Strided(&e, in.R, place.Offset+first*size, end-t.offset, t.stride)
		}
		return e, nil
	}
	if err := e.Locate(in.R, in.Size, place.Offset+first*size); err != nil {
		return e, err
	}
	if n*size == place.Bytes && place.Whole != nil {
		e.Open, e.CRC32 = place.Whole, place.CRC32
	}
	return e, nil
}

// end returns the number of the storage after the last one that the tensor has, or, if there is none,
// more than any storage has.
func (t *torchTensor) end() int64 {
	const most = 1 << 56
	last := t.offset
	for i, d := range t.shape {
		steps, stride := int64(d-1), int64(t.stride[i])
		if last > most || steps > 0 && stride > most/steps {
			return most
		}
		last += steps * stride
	}
	return last + 1
}

// rowMajor says whether numbers are contiguous, the last index growing first. Nothing depends on
// the stride of an index that is always 0.
func rowMajor(shape, stride []int) bool {
	next := 1
	for i := len(shape) - 1; i >= 0; i-- {
		if shape[i] != 1 && stride[i] != next {
			return false
		}
		next *= shape[i]
	}
	return true
}

func reversed(s []int) []int {
	s = slices.Clone(s)
	slices.Reverse(s)
	return s
}

// bigEndian returns the type with the highest byte first.
func bigEndian(d container.DType) container.DType {
	switch d.Name {
	case container.Float16LE.Name:
		return container.Float16BE
	case container.Float32LE.Name:
		return container.Float32BE
	case container.Float64LE.Name:
		return container.Float64BE
	}
	return container.DType{Name: d.Name + ", big-endian", Size: d.Size}
}
