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

// Affine returns the same as numbers to compute with: channel k of the network's input is channel
// from[k] of an RGB picture in 0..1, times mul[k], plus add[k].
func (p Preprocess) Affine() (from [3]int, mul, add [3]float32) {
	for k := range 3 {
		from[k] = k
		if p.Order == BGR {
			from[k] = 2 - k
		}
		mul[k] = float32(p.Scale / p.Std[k])
		add[k] = float32(-p.Mean[k] / p.Std[k])
	}
	return from, mul, add
}

var one3 = [3]float64{1, 1, 1}

// caffeBGR is what Simonyan and Zisserman's own weights expect: the mean colour of ImageNet's
// training set, in units of 8-bit pixels.
var caffeBGR = Preprocess{Order: BGR, Scale: 255, Mean: [3]float64{103.939, 116.779, 123.68}, Std: one3}

// bvlcBGR is the same for BVLC's GoogLeNet, whose mean is rounded (its train_val.prototxt).
var bvlcBGR = Preprocess{Order: BGR, Scale: 255, Mean: [3]float64{104, 117, 123}, Std: one3}
