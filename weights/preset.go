package weights

import "math"

// Preset returns the name of what the file expects of a picture: the order of colours, scale and mean. It is
// empty where the network's own will do. Package nn knows what the names mean.
//
// Many files have VGG's parameters under names that say nothing of that, so the numbers decide: the bias
// of the first convolution, which has no layout, tells whether they are Oxford's, and its kernel the order of
// colours. Only if the numbers are not known does it go by who calls tensors so.
//
// The errors are those of Tensor.
func (f *File) Preset() (string, error) {
	if p := metadata(f.container)[presetKey]; p != "" {
		return p, nil
	}
	if f.naming == nil {
		return "", nil
	}
	for _, known := range fingerprints {
		bgr, rgb, err := f.matches(known)
		switch {
		case err != nil:
			return "", err
		case bgr:
			return "caffe-bgr", nil
		case rgb:
			return "caffe-rgb", nil
		}
	}
	return f.naming.preset, nil
}

// fingerprint are the first numbers of Oxford's VGG networks, as they are for blue, green and red in 0..255.
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

// matches reports whether the first convolution of a VGG is the fingerprint's, with its colours in that order
// or the other. Gatys et al. scaled each filter with its bias, which leaves their ratio.
func (f *File) matches(p fingerprint) (bgr, rgb bool, err error) {
	if f.naming.network != p.network {
		return false, false, nil
	}
	first := f.naming.layers[0].layer
	w, err := f.Tensor(first+".weight", 3, 3, 3, 64)
	if err != nil {
		return false, false, err
	}
	b, err := f.Tensor(first+".bias", 64)
	if err != nil {
		return false, false, err
	}
	at := func(x, channel int) float64 { return float64(w[(x*3+channel)*64]) }
	like := func(v, want float64) bool {
		want *= float64(b[0]) / p.bias
		return math.Abs(v-want) <= 1e-3*math.Abs(want)
	}
	bgr = like(at(0, 0), p.corner) && like(at(1, 0), p.right) && like(at(0, 1), p.green)
	rgb = like(at(0, 2), p.corner) && like(at(1, 2), p.right) && like(at(0, 1), p.green)
	return bgr, rgb, nil
}
