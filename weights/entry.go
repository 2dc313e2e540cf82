package weights

import "io"

// entry is a tensor as a container found it. Its shape has been checked: every size is positive and
// the bytes that they ask for are there, or the container says otherwise when it is opened.
type entry struct {
	name    string
	shape   []int  // as the file has it
	layout  Layout // the meaning of each number in shape
	fortran bool   // the first index varies fastest, rather than the last
	dtype   dtype
	sha256  string // of the bytes, in hexadecimal; empty if the file has none
	crc32   string // of the container's own check, for messages
	file    string // the path for messages

	// open returns the tensor's bytes. A reader that finds them to be damaged when it reaches their
	// end says so in place of io.EOF.
	open func() (io.ReadCloser, error)
}

// metadata returns what a file says of itself, if its format has room for that.
func metadata(c container) map[string]string {
	if m, ok := c.(interface{ metadata() map[string]string }); ok {
		return m.metadata()
	}
	return nil
}

// lies says that the tensor's bytes lie in the file r of fileSize bytes, from offset on. The errors are
// FormatError, for a shape that no file could hold, and TruncatedError.
func (e *entry) lies(r io.ReaderAt, fileSize, offset int64) error {
	n, ok := product(e.shape)
	if !ok {
		return &FormatError{e.file, e.name, "the shape " + by(e.shape), "sizes above 0 that a file can hold"}
	}
	n *= int64(e.dtype.size)
	if offset < 0 || offset > fileSize || n > fileSize-offset {
		return &TruncatedError{e.file, e.name, fileSize, max(offset, 0) + n}
	}
	e.open = func() (io.ReadCloser, error) { return io.NopCloser(io.NewSectionReader(r, offset, n)), nil }
	return nil
}

// count returns how many numbers the tensor has, or 0 if its shape is not possible.
func (e *entry) count() int64 {
	n, _ := product(e.shape)
	return n
}

// container is an open file of some format.
type container interface {
	format() string // for people, such as "NumPy archive (.npz)"
	// entries are in the order in which the network uses them where the file says so, and in the file's
	// where not.
	entries() []entry
	io.Closer
}

// lazy is a container that does not list all entries when it is opened, because finding them takes long.
type lazy interface {
	// complete lists them all. It may be called again, and returns the same then. On an error there is an
	// entry that returns it when it is opened.
	complete() error
}

// Layout says what the dimensions of a stored tensor are, the slowest first: O output channels, I
// input channels, H and W the kernel's height and width. It is empty where nothing is known.
type Layout string

// The layouts in use.
const (
	OIHW Layout = "OIHW" // Caffe, PyTorch
	HWIO Layout = "HWIO" // TensorFlow, Keras, and the engine
	OHWI Layout = "OHWI"
	OI   Layout = "OI" // a dense layer in Caffe or PyTorch
	IO   Layout = "IO" // a dense layer in TensorFlow or Keras, and in the engine
	O    Layout = "O"  // a bias
)

func (l Layout) known() bool {
	switch l {
	case OIHW, HWIO, OHWI, OI, IO, O:
		return true
	}
	return false
}

// usual is the layout of a tensor of that many dimensions in PyTorch and Caffe.
func usual(dimensions int) Layout {
	switch dimensions {
	case 4:
		return OIHW
	case 2:
		return OI
	case 1:
		return O
	}
	return ""
}

// channelsLast is the layout of a tensor of that many dimensions in TensorFlow and Keras.
func channelsLast(dimensions int) Layout {
	switch dimensions {
	case 4:
		return HWIO
	case 2:
		return IO
	case 1:
		return O
	}
	return ""
}

// product returns how many numbers a tensor of that shape has; ok is false if a size is not positive
// or the product is more than a file could hold.
func product(shape []int) (n int64, ok bool) {
	const most = 1 << 48
	n = 1
	for _, d := range shape {
		if d < 1 || int64(d) > most/n {
			return 0, false
		}
		n *= int64(d)
	}
	return n, true
}
