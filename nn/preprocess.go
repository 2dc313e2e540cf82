package nn

// Order is the order of the colour channels of a network's input.
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

// Preprocess is how a picture, sRGB in 0..1, becomes the input of a network: channels in Order, each
// y = (x·Scale - Mean)/Std. Mean and Std are in Order too.
type Preprocess struct {
	Order     Order
	Scale     float64
	Mean, Std [3]float64
}

// from returns the channel of an RGB picture that channel k of the input is made of.
func (p Preprocess) from(k int) int {
	if p.Order == BGR {
		return 2 - k
	}
	return k
}

var one3 = [3]float64{1, 1, 1}

// caffeBGR belongs to the VGGs of Simonyan and Zisserman, trained with Caffe: 8-bit colours less the mean
// colour of ImageNet's training set.
var caffeBGR = Preprocess{Order: BGR, Scale: 255, Mean: [3]float64{103.939, 116.779, 123.68}, Std: one3}

// torchRGB belongs to torchvision's networks: colours normalised by the mean and the standard deviation of
// ImageNet.
var torchRGB = Preprocess{
	Order: RGB, Scale: 1, Mean: [3]float64{0.485, 0.456, 0.406}, Std: [3]float64{0.229, 0.224, 0.225},
}

// inceptionRGB belongs to TensorFlow's Inception networks: -1 to 1. torchvision's copies of them convert
// torchRGB to it (transform_input).
var inceptionRGB = Preprocess{Order: RGB, Scale: 2, Mean: one3, Std: one3}

// inception5hRGB belongs to Inception5h: 8-bit colours less one mean for all channels.
var inception5hRGB = Preprocess{Order: RGB, Scale: 255, Mean: [3]float64{117, 117, 117}, Std: one3}

// bvlcBGR belongs to BVLC's GoogLeNet: caffeBGR with a rounded mean (its train_val.prototxt).
var bvlcBGR = Preprocess{Order: BGR, Scale: 255, Mean: [3]float64{104, 117, 123}, Std: one3}
