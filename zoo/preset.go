package zoo

import (
	"math"
	"slices"
	"strings"

	"oneiro/nn"
	"oneiro/weights"
)

// formatPresets are what all files of a format expect of a picture.
var formatPresets = map[string]string{
	weights.MATLABFormat:  "caffe-rgb", // MatConvNet: red, green, blue, and the mean of ImageNet's pictures
	weights.DarknetFormat: "rgb01",
}

// Colours are how a file expects pictures.
type Colours struct {
	Preset string // name of the preset in package nn; empty where the network's own way will do
	// Guessed says that nothing in the file settles it: others have files that look the same and expect
	// something else.
	Guessed bool
}

// Preset returns the name of the preset that the file expects pictures in: order of colours, scale and mean.
// It is empty where the network's own will do. The errors are those of Colours.
func (p *Params) Preset() (string, error) {
	c, err := p.Colours()
	return c.Preset, err
}

// Colours returns how the file expects pictures.
//
// Many files have VGG's parameters under names that say nothing of that, so the numbers decide, where they are
// known: the first filter has no layout that matters, and its numbers say whose network it is and in which
// order it takes colours. A network that normalises pictures itself has the means of colours among its
// tensors. If neither is there, the names of the tensors decide, which is a guess.
//
// The errors are those of Tensor.
func (p *Params) Colours() (Colours, error) {
	if preset := p.Metadata()[weights.KeyPreset]; preset != "" {
		return Colours{Preset: preset}, nil
	}
	m := p.match()
	if m == nil {
		return Colours{Preset: formatPresets[p.Format()]}, nil
	}
	if m.colours.Weight != "" { // which says what the first layer expects
		return Colours{Preset: m.preset}, nil
	}
	preset, err := p.byNumbers(m)
	if preset != "" || err != nil {
		return Colours{Preset: preset}, err
	}
	if preset, err = p.byInput(); preset != "" || err != nil {
		return Colours{Preset: preset}, err
	}
	if preset := formatPresets[p.Format()]; preset != "" {
		return Colours{Preset: preset}, nil
	}
	if preset, err = p.byMeans(); preset != "" || err != nil {
		return Colours{Preset: preset}, err
	}
	_, preset = m.spelled(m.layers[0].from.Weight)
	return Colours{preset, preset != "" && strings.HasPrefix(m.network, "vgg") && !p.wellKnown()}, nil
}

// wellKnown says whether the file has the name of one that circulates, of the same network.
func (p *Params) wellKnown() bool {
	return slices.ContainsFunc(KnownFiles(p.match().network), func(k KnownFile) bool {
		return k.Name == p.Name() && k.Name != "model.safetensors"
	})
}

// fingerprint has the first numbers of a network that circulates in many files: its first filter's for one
// colour, in rows, and the top left one for green.
type fingerprint struct {
	network string
	blue    bool // the colour; else red
	filter  [9]float64
	green   float64
	// forward and backward are the presets of files that have the colours in the order of the fingerprint's
	// own (blue or red first), and in the opposite one.
	forward, backward string
}

var fingerprints = []fingerprint{
	{"vgg16", true, [9]float64{0.42947057, 0.373467, -0.061360113, 0.27476987, 0.038680777, -0.36722335, -0.05746817,
		-0.26224968, -0.35009676}, 0.55037946, "caffe-bgr", "caffe-rgb"},
	{"vgg19", true, [9]float64{0.341195, 0.339992, -0.0448442, 0.232159, 0.0897821, -0.303314, -0.0726092, -0.246675,
		-0.336833}, 0.464184, "caffe-bgr", "caffe-rgb"},
	{"vgg16", false, [9]float64{-0.5537, 0.1427, 0.5290, -0.5831, 0.3566, 0.7657, -0.6902, -0.0480, 0.4841}, 0.1755,
		"torchvision", ""},
	{"vgg19", false, [9]float64{-5.3474e-02, -4.9257e-02, -6.7942e-02, 1.5314e-02, 4.5068e-02, 2.1444e-03, 3.6226e-02,
		1.9999e-02, 1.9864e-02}, 1.7015e-02, "torchvision", ""},
}

// byNumbers returns the preset of a file whose first filter is known, or nothing.
func (p *Params) byNumbers(m *match) (string, error) {
	var w []float32
	for _, known := range fingerprints {
		if m.network != known.network && !slices.Contains(m.fits, known.network) {
			continue
		}
		if w == nil {
			var err error
			if w, err = p.Tensor(m.layers[0].name+".weight", 3, 3, 3, 64); err != nil {
				return "", err
			}
		}
		if known.at(w, 0) {
			return known.forward, nil
		}
		if known.backward != "" && known.at(w, 2) {
			return known.backward, nil
		}
	}
	return "", nil
}

// at says whether filters of 3x3 over 3 colours begin as the fingerprint does, which has its colour in that
// channel. A factor for all of them does not matter: Gatys et al. scaled the filters. Neither do small
// differences: bfloat16 has 8 bits, and fine-tuning changes the first layer by percents.
func (f fingerprint) at(w []float32, channel int) bool {
	// of the length of what is compared; two filters of one network differ by 1, blue and red by 0.1
	const most = 0.06
	var have, want []float64
	for i, v := range f.filter {
		have, want = append(have, float64(w[(i*3+channel)*64])), append(want, v)
	}
	have, want = append(have, float64(w[64])), append(want, f.green)
	var dot, square float64
	for i := range want {
		dot += have[i] * want[i]
		square += want[i] * want[i]
	}
	scale := dot / square
	var difference float64
	for i := range want {
		d := have[i] - scale*want[i]
		difference += d * d
	}
	return scale > 0 && math.Sqrt(difference) <= most*scale*math.Sqrt(square)
}

// byInput returns the preset of a file that says how pictures are prepared, in its graph or in a description
// beside it, or nothing.
func (p *Params) byInput() (string, error) {
	in, err := p.Input()
	if err != nil || in.Mean == nil && in.Deviation == nil {
		return "", err
	}
	at := func(v []float64, k int, absent float64) float64 {
		if len(v) == 0 {
			return absent
		}
		return v[k%len(v)]
	}
	for _, name := range nn.Presets() {
		preset, err := nn.Preset(name)
		if err != nil {
			return "", err
		}
		for _, whole := range []float64{1, 255} { // the range of colours that the first step gets
			same := true
			for k := range 3 {
				mean, deviation := preset.Mean[k]*whole/preset.Scale, preset.Std[k]*whole/preset.Scale
				same = same && math.Abs(at(in.Mean, k, 0)-mean) <= 0.004*whole &&
					math.Abs(at(in.Deviation, k, 1)-deviation) <= 0.004*whole
			}
			if same {
				return name, nil
			}
		}
	}
	return "", nil
}

// byMeans returns the preset of a network that has the means of colours among its tensors, because it
// normalises pictures itself, or nothing.
func (p *Params) byMeans() (string, error) {
	for _, t := range p.Listed() {
		name := strings.ToLower(t.Name)
		if t.Len() != 3 || !t.Float || !(strings.Contains(name, "mean") || strings.Contains(name, "shift")) {
			continue
		}
		v, err := p.Plain(t.Name)
		if err != nil {
			return "", err
		}
		for _, known := range []struct {
			preset string
			mean   [3]float64
		}{
			{"torchvision", [3]float64{0.485, 0.456, 0.406}},
			{"torchvision", [3]float64{-0.030, -0.088, -0.188}}, // LPIPS, of pictures in -1..1
			{"caffe-rgb", [3]float64{123.68, 116.779, 103.939}},
			{"caffe-bgr", [3]float64{103.939, 116.779, 123.68}},
		} {
			near := true
			for i, want := range known.mean {
				near = near && math.Abs(float64(v[i])-want) <= 0.002*math.Abs(known.mean[0])
			}
			if near {
				return known.preset, nil
			}
		}
	}
	return "", nil
}

// colourMatrix is what AdaIN's first convolution does to RGB in 0..1: it makes of them what Caffe's VGG
// expects.
var (
	// outputs blue, green, red; inputs red, green, blue
	colourMatrix  = [9]float64{0, 0, 255, 0, 255, 0, 255, 0, 0}
	colourOffsets = [3]float64{-103.939, -116.779, -123.68}
)

// checkColours says whether the convolution of colours before the first layer is the one that is known.
func (p *Params) checkColours(m *match) error {
	if m.colours.Weight == "" {
		return nil
	}
	w, err := p.Plain(m.colours.Weight)
	if err != nil {
		return err
	}
	b := make([]float32, 3)
	if m.colours.Bias != "" {
		if b, err = p.Plain(m.colours.Bias); err != nil {
			return err
		}
	}
	same := len(w) == 9 && len(b) == 3
	for i := 0; same && i < 9; i++ {
		same = math.Abs(float64(w[i])-colourMatrix[i]) <= 0.5
	}
	for i := 0; same && i < 3; i++ {
		same = math.Abs(float64(b[i])-colourOffsets[i]) <= 0.5
	}
	if !same {
		return &UnfoldedError{File: p.Path(), Network: m.network, Tensors: m.colours.Tensors(),
			What: "a first layer of 1x1 for colours"}
	}
	return nil
}
