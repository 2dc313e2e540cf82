package nn

// Order is the order of the colour channels that a network was trained on.
type Order int

// The two orders in use.
const (
	RGB Order = iota
	BGR
)

func (o Order) String() string {
	if o == BGR {
		return "BGR"
	}
	return "RGB"
}

// Preprocess turns a picture, sRGB in 0..1, into what a network expects: its channels are put in
// order, and each becomes y = (x·Scale - Mean)/Std. Mean and Std are in that order too.
type Preprocess struct {
	Order     Order
	Scale     float64
	Mean, Std [3]float64
}

// from returns the channel of an RGB picture that channel k of the input is.
func (p Preprocess) from(k int) int {
	if p.Order == BGR {
		return 2 - k
	}
	return k
}

var one3 = [3]float64{1, 1, 1}

// caffeBGR is what Simonyan and Zisserman's own weights expect: the mean colour of ImageNet's
// training set, in units of 8-bit pixels.
var caffeBGR = Preprocess{Order: BGR, Scale: 255, Mean: [3]float64{103.939, 116.779, 123.68}, Std: one3}

// torchRGB is what torchvision's networks were trained on: the mean and the deviation of ImageNet's colours.
var torchRGB = Preprocess{Order: RGB, Scale: 1, Mean: [3]float64{0.485, 0.456, 0.406}, Std: [3]float64{0.229, 0.224, 0.225}}

// inceptionRGB is what TensorFlow's Inception networks expect, -1 to 1; so do torchvision's copies, which turn
// what is meant for torchRGB into it (transform_input).
var inceptionRGB = Preprocess{Order: RGB, Scale: 2, Mean: one3, Std: one3}

// inception5hRGB is what Inception5h expects: the mean of all colours taken off, and nothing scaled.
var inception5hRGB = Preprocess{Order: RGB, Scale: 255, Mean: [3]float64{117, 117, 117}, Std: one3}

// bvlcBGR is the same for BVLC's GoogLeNet, whose mean is rounded (its train_val.prototxt).
var bvlcBGR = Preprocess{Order: BGR, Scale: 255, Mean: [3]float64{104, 117, 123}, Std: one3}
