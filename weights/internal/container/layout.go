package container

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

// Known says whether l is one of them.
func (l Layout) Known() bool {
	switch l {
	case OIHW, HWIO, OHWI, OI, IO, O:
		return true
	}
	return false
}

// TorchLayout is the layout of a tensor of that many dimensions in PyTorch and Caffe.
func TorchLayout(dimensions int) Layout {
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

// TensorFlowLayout is the layout of a tensor of that many dimensions in TensorFlow and Keras.
func TensorFlowLayout(dimensions int) Layout {
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

// Product returns how many numbers a tensor of that shape has; ok is false if a size is not positive
// or the product is more than a file could hold.
func Product(shape []int) (n int64, ok bool) {
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
