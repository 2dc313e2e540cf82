package zoo

import (
	"math"

	"oneiro/weights"
)

// formatPresets are what all files of a format expect of a picture.
var formatPresets = map[string]string{
	weights.MATLABFormat:  "caffe-rgb", // MatConvNet: red, green, blue, and the mean of ImageNet's pictures
	weights.DarknetFormat: "rgb01",
}

// Preset returns the name of the preset that the file expects pictures in: order of colours, scale and mean.
// It is empty where the network's own will do.
//
// Many files have VGG's parameters under names that say nothing of that, so the numbers decide: the bias of
// the first convolution, which has no layout, says whether they are Oxford's, and its kernel gives the order
// of colours. If the numbers are not known, the names of the tensors decide.
//
// The errors are those of Tensor.
func (p *Params) Preset() (string, error) {
	if preset := p.Metadata()[weights.KeyPreset]; preset != "" {
		return preset, nil
	}
	if preset := formatPresets[p.Format()]; preset != "" {
		return preset, nil
	}
	if p.naming == nil {
		return "", nil
	}
	order, err := p.oxford()
	switch {
	case err != nil:
		return "", err
	case order != "":
		return "caffe-" + order, nil
	}
	return p.naming.preset, nil
}

// fingerprint has the first numbers of one of Oxford's VGG networks, as they are for blue, green and red in
// 0..255.
type fingerprint struct {
	network string
	bias    float64 // of the first filter
	corner  float64 // its number at the top left for blue
	right   float64 // right of that
	green   float64 // at the top left for green
}

var fingerprints = []fingerprint{
	{"vgg16", 0.73429835, 0.42947057, 0.373467, 0.55037946},
	{"vgg19", 0.7301776, 0.341195, 0.339992, 0.464184},
}

// oxford returns the order of colours, bgr or rgb, of a file with the numbers of Oxford's networks, or
// nothing.
func (p *Params) oxford() (order string, err error) {
	for _, known := range fingerprints {
		if p.naming.network != known.network {
			continue
		}
		if order, err = p.matches(known); order != "" || err != nil {
			return order, err
		}
	}
	return "", nil
}

// matches returns the order of colours of the first convolution of a VGG if it is the fingerprint's, or
// nothing. Gatys et al. scaled each filter with its bias, which leaves their ratio.
func (p *Params) matches(known fingerprint) (order string, err error) {
	first := p.naming.layers[0].layer
	w, err := p.Tensor(first+".weight", 3, 3, 3, 64)
	if err != nil {
		return "", err
	}
	b, err := p.Tensor(first+".bias", 64)
	if err != nil {
		return "", err
	}
	at := func(x, channel int) float64 { return float64(w[(x*3+channel)*64]) }
	like := func(v, want float64) bool {
		want *= float64(b[0]) / known.bias
		return math.Abs(v-want) <= 1e-3*math.Abs(want)
	}
	blueAt := func(channel int) bool {
		return like(at(0, channel), known.corner) && like(at(1, channel), known.right) &&
			like(at(0, 1), known.green)
	}
	switch {
	case blueAt(0):
		return "bgr", nil
	case blueAt(2):
		return "rgb", nil
	}
	return "", nil
}
