package weights

import "oneiro/weights/internal/container"

// Layout says what the dimensions of a stored tensor are, the slowest first: O output channels, I
// input channels, H and W the kernel's height and width. It is empty where nothing is known.
type Layout = container.Layout

// The layouts in use.
const (
	OIHW = container.OIHW // Caffe, PyTorch
	HWIO = container.HWIO // TensorFlow, Keras, and the engine
	OHWI = container.OHWI
	OI   = container.OI // a dense layer in Caffe or PyTorch
	IO   = container.IO // a dense layer in TensorFlow or Keras, and in the engine
	O    = container.O  // a bias
)
