package weights

import (
	"fmt"
	"io"
	"slices"
)

// torchStorage is numbers in a row, as a pickle of PyTorch names them.
type torchStorage struct {
	key          string // what the file calls it
	element      dtype
	first, count int64 // of its numbers, where it is a part of what lies there
	total        int64 // how many numbers lie there
}

// torchTensor is numbers of a storage: the one at index i, j ... is the one at offset + i·stride[0] +
// j·stride[1] ...
type torchTensor struct {
	storage       *torchStorage
	offset        int64
	shape, stride []int
}

// torchPlace is where all numbers of a storage lie in a file.
type torchPlace struct {
	offset int64
	bytes  int64
	big    bool // the highest byte comes first
	crc32  string
	// whole reads them all and checks their sum. It is nil where the file has no sums.
	whole func() (io.ReadCloser, error)
}

// placeStorage finds the numbers of a storage, for a tensor of that name.
type placeStorage func(s *torchStorage, tensor string) (torchPlace, error)

// torchFile is an open file of PyTorch's.
type torchFile struct {
	io.Closer
	name string
	all  []entry
}

func (f *torchFile) format() string   { return f.name }
func (f *torchFile) entries() []entry { return f.all }

// newTorchFile lists the tensors that a pickle made. It takes over r unless it fails.
func newTorchFile(name, path string, r source, size int64, root any, place placeStorage) (container, error) {
	t := &pickleTensors{path: path, r: r, size: size, place: place}
	if err := t.find(root, "tensor"); err != nil {
		return nil, err
	}
	if len(t.all) == 0 {
		return nil, &UnsupportedError{
			File: path, Looks: "a PyTorch file (.pth) without tensors",
			Advice: "save the parameters of the network: torch.save(model.state_dict(), \"weights.pth\")",
		}
	}
	return &torchFile{r, name, t.all}, nil
}

// persistentID makes a storage of the tuple by which PyTorch names it.
func (p *pickle) persistentID() {
	id, ok := p.pop().(*pickleList)
	if p.err != nil {
		return
	}
	kind := pickleText{}
	if ok && len(id.items) > 0 {
		kind, _ = id.items[0].(pickleText)
	}
	if kind.value == "module" {
		p.fail(&UnsupportedError{File: p.in.file, Looks: "a PyTorch model that was saved with its program", Advice: saveNumbers})
		return
	}
	s := newTorchStorage(id)
	if s == nil || kind.value != "storage" {
		p.wrong("another value", "a class, a name and a size for a storage of PyTorch")
		return
	}
	p.storages = append(p.storages, s)
	p.push(s)
}

// newTorchStorage takes 'storage', the class, the key, the device, the number of numbers, and in files
// before version 1.6 where in them a view lies: its own key, the first number, how many. It is nil if
// they are something else.
func newTorchStorage(id *pickleList) *torchStorage {
	if id == nil || len(id.items) < 5 || len(id.items) > 6 {
		return nil
	}
	class, ok := id.items[1].(*pickleGlobal)
	key, isText := id.items[2].(pickleText)
	total, isNumber := id.items[4].(int64)
	const most = 1 << 48
	if !ok || class.element.size == 0 || !isText || key.value == "" || !isNumber || total < 0 || total > most {
		return nil
	}
	s := &torchStorage{key: key.value, element: class.element, count: total, total: total}
	if len(id.items) == 6 && id.items[5] != nil {
		view, ok := id.items[5].(*pickleList)
		if !ok || len(view.items) != 3 {
			return nil
		}
		s.first, ok = view.items[1].(int64)
		s.count, isNumber = view.items[2].(int64)
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
			if marks, ok := args[6].(*pickleDict); !ok || len(marks.keys) > 0 {
				return nil, false
			}
		}
		t := &torchTensor{}
		return t, t.setState(args[:4])
	}
}

// emptyTensor is what PyTorch's first versions made before they set its state.
func emptyTensor(args []any) (any, bool) { return &torchTensor{}, len(args) == 0 }

func (t *torchTensor) setState(state []any) (ok bool) {
	if len(state) != 4 {
		return false
	}
	storage, isStorage := state[0].(*torchStorage)
	offset, isNumber := state[1].(int64)
	shape, isShape := wholeNumbers(state[2])
	stride, isStride := wholeNumbers(state[3])
	*t = torchTensor{storage, offset, shape, stride}
	return isStorage && isNumber && isShape && isStride && len(shape) == len(stride) && offset >= 0
}

// entry describes the tensor. Its numbers are streamed if they lie in a row, and gathered if not.
func (t *torchTensor) entry(in *pickleTensors, name string) (entry, error) {
	e := entry{name: name, file: in.path, shape: t.shape, layout: usual(len(t.shape))}
	s := t.storage
	if s == nil || in.place == nil {
		return e, &FormatError{in.path, name, "none", "a storage that has the numbers"}
	}
	e.dtype = s.element
	place, err := in.place(s, name)
	if err != nil {
		return e, err
	}
	if place.big {
		e.dtype = bigEndian(s.element)
	}
	if slices.Contains(t.shape, 0) {
		e.dtype = dtype{name: "no numbers"}
		return e, nil
	}
	size := int64(e.dtype.size)
	if s.total > place.bytes/size {
		return e, &FormatError{in.path, name, fmt.Sprintf("%d bytes", place.bytes), fmt.Sprintf("%d numbers of %d bytes", s.total, size)}
	}
	n, ok := product(t.shape)
	end := t.end()
	if !ok || end > s.count {
		return e, &FormatError{
			in.path, name, fmt.Sprintf("the shape %s, from number %d of %d on, with strides %v", by(t.shape), t.offset, s.count, t.stride),
			"numbers that are all in the storage",
		}
	}
	if n > s.count { // it could ask for more memory than the file is long
		return e, &UnsupportedError{
			File: in.path, Looks: fmt.Sprintf("the tensor %s, which repeats %d numbers to be %s", name, s.count, by(t.shape)),
			Advice: saveInRows,
		}
	}
	first := s.first + t.offset
	switch {
	case rowMajor(t.shape, t.stride):
	case rowMajor(reversed(t.shape), reversed(t.stride)):
		e.fortran = true
	default:
		e.open = func() (io.ReadCloser, error) {
			return gather(&e, in.r, place.offset+first*size, end-t.offset, t.stride)
		}
		return e, nil
	}
	if err := e.lies(in.r, in.size, place.offset+first*size); err != nil {
		return e, err
	}
	if n*size == place.bytes && place.whole != nil {
		e.open, e.crc32 = place.whole, place.crc32
	}
	return e, nil
}

// end returns the number of the storage behind the last one that the tensor has, or, if that is none,
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

// rowMajor says that numbers lie in a row, those with the last index growing first. Nothing depends on
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
func bigEndian(d dtype) dtype {
	switch d.name {
	case float16LE.name:
		return float16BE
	case float32LE.name:
		return float32BE
	case float64LE.name:
		return float64BE
	}
	return dtype{name: d.name + ", big-endian", size: d.size}
}
