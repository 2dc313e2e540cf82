package render

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/imageio"
)

// withLosses returns the options with all losses at once.
func withLosses(o StyleOptions) StyleOptions {
	o.StyleLoss = nil
	for i, l := range StyleLosses {
		o.StyleLoss = append(o.StyleLoss, WeightedLoss{l, float64(i + 1)})
	}
	return o
}

// termsOf returns the terms of a style transfer where it starts, by name and without their weights.
func termsOf(t *testing.T, o styleTrial) map[string]float64 {
	t.Helper()
	o.Scales, o.Iterations, o.TVWeight = 1, 1, 0
	terms := map[string]float64{}
	for _, v := range evaluateOn(t, TileOff, Style(o.StyleOptions), o.Network, o.Params, 0).terms {
		terms[v.Name] = v.Value
	}
	return terms
}

// TestStyleLossShares checks that what is compared shares the style's weight out.
func TestStyleLossShares(t *testing.T) {
	o := tinyStyle()
	o.Size = 48
	alone := termsOf(t, o)
	o.StyleOptions = withLosses(o.StyleOptions)
	all := termsOf(t, o)
	for name, v := range alone {
		if strings.HasPrefix(name, "style/") {
			v /= 15 // 1+2+3+4+5
		}
		if got := all[name]; !(got > 0.99999*v && got < 1.00001*v) {
			t.Errorf("%s is %v among others, want %v", name, got, v)
		}
	}
	if want := len(alone) + 4*len(o.StyleLayers); len(all) != want {
		t.Errorf("%d terms, want %d", len(all), want)
	}
	o.StyleLoss = []WeightedLoss{{MomentsLoss, 7}, {GramLoss, 0}}
	for name := range termsOf(t, o) {
		if strings.HasPrefix(name, "style/") {
			t.Errorf("%s has the weight 0", name)
		}
	}
}

// TestOpaqueWeights checks that positions with weights of 1, those of a picture that is opaque all over but
// has an opacity, give the bits that positions without weights do.
func TestOpaqueWeights(t *testing.T) {
	var got [2][]float32
	for k := range got {
		o := tinyStyle()
		o.StyleOptions = withLosses(o.StyleOptions)
		o.Size, o.Iterations, o.Scales = 48, 2, 1
		im := *o.Styles[0]
		if k == 1 {
			im.Alpha = make([]float32, im.W*im.H)
			for i := range im.Alpha {
				im.Alpha[i] = 1
			}
		}
		o.Styles[0] = &im
		got[k] = mustStyle(t, o).Picture.Pix
	}
	if !slices.Equal(got[0], got[1]) {
		t.Error("weights of 1 change the result")
	}
}

// TestTilesOfStyleLosses compares a style transfer with each loss on tiles with the same at once, targets
// included. That of Gaussians iterates matrices in float32, and so is right to 3e-6 or so of itself either
// way.
func TestTilesOfStyleLosses(t *testing.T) {
	for _, l := range StyleLosses[1:] {
		o := tinyStyle()
		o.StyleLoss = []WeightedLoss{{l, 1}}
		o.Content, o.Styles = landscape(330, 240, 1), []*Picture{painting(200, 180, 1)}
		o.Size, o.Scales = 330, 1
		o.StyleLayers, o.ContentLayers = o.StyleLayers[:3], o.StyleLayers[2:3]
		t.Run(string(l), func(t *testing.T) {
			loose := 1.0
			if l == WassersteinLoss {
				loose = 4
			}
			spec := Style(o.StyleOptions)
			want := evaluateOn(t, TileOff, spec, o.Network, o.Params, 0)
			got := evaluateOn(t, 80, spec, o.Network, o.Params, 0)
			if got.count < 4 {
				t.Errorf("%d tiles", got.count)
			}
			sameWithin(t, got, want, loose)
		})
	}
}

// TestStyleAt checks that each layer is compared with the pictures that it is for.
func TestStyleAt(t *testing.T) {
	o := tinyStyle()
	o.Size = 64
	one, two := painting(80, 64, 1), painting(70, 72, 5)
	of := func(at []LayerRange, styles ...*imageio.Image) map[string]float64 {
		o.Styles, o.StyleAt = styles, at
		return termsOf(t, o)
	}
	first, second, both := of(nil, one), of(nil, two), of(nil, one, two)
	got := of([]LayerRange{{1, 3}, {3, 5}}, one, two)
	for i, l := range o.StyleLayers {
		name := "style/" + l
		want := []float64{first[name], first[name], both[name], second[name], second[name]}[i]
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
}

// TestStyleTurn compares style pictures that are turned by an option with one that was turned before, and with
// what a turn has to leave as it is: the statistics of colours.
func TestStyleTurn(t *testing.T) {
	o := tinyStyle()
	o.Size = 64
	of := func(im *Picture, degrees ...float64) map[string]float64 {
		o.Styles, o.StyleTurn = []*Picture{im}, degrees
		return termsOf(t, o)
	}
	im := painting(64, 64, 1)
	turned := of(im.Turned(90))
	for name, v := range of(im, 90) {
		if v != turned[name] {
			t.Errorf("%s is %v, of a turned picture %v", name, v, turned[name])
		}
	}
	plain, slanted := of(im), of(im, 30)
	if plain["style/relu3_1"] == slanted["style/relu3_1"] {
		t.Error("a turn makes no difference")
	}
	for name, v := range slanted {
		if strings.HasPrefix(name, "style/") && !(v > plain[name]/2 && v < 2*plain[name]) {
			t.Errorf("%s is %v of a turned picture, %v else", name, v, plain[name])
		}
	}
}

// TestBadStyleLosses checks what is refused, and that the option is named.
func TestBadStyleLosses(t *testing.T) {
	for _, c := range []struct{ option, value, says string }{
		{"style-loss", "grams", "no such loss"},
		{"style-loss", "gram:x", "must be a list of loss:weight pairs"},
		{"style-loss", "gram:-1", "weight -1"},
		{"style-loss", "gram:NaN", "weight NaN"},
		{"style-loss", "gram,moments,gram", "twice"},
		{"style-loss", "gram:0,moments:0", "only zeros"},
		{"style-at", "1-2", "1 range for 2 style pictures"},
		{"style-at", "1-2,3-6", "layer 6: there are 5"},
		{"style-at", "1-2,4-5", "no style picture for layer 3"},
		{"style-at", "2-1,3-5", "must be a list of layer ranges"},
		{"style-at", "0,1-5", "must be a list of layer ranges"},
		{"style-turn", "1,2,3", "3 angles for 2 style pictures"},
		{"style-turn", "361", "-360 to 360"},
	} {
		o := tinyStyle()
		o.Styles = []*Picture{painting(80, 64, 1), painting(80, 64, 2)}
		var err error = StyleTable.Set(&o.StyleOptions, map[string]string{c.option: c.value}).Err()
		if err == nil {
			err = o.check(o.Network)
		}
		if e, ok := errors.AsType[*OptionError](err); !ok || e.Mistakes[0].Option != c.option ||
			!strings.Contains(e.Error(), c.says) || e.Hint() == "" {
			t.Errorf("%s %s: %v", c.option, c.value, err)
		}
	}
	o := tinyStyle()
	o.Form, o.StyleLoss = NeuralStyle, []WeightedLoss{{MomentsLoss, 1}}
	if err := o.check(o.Network); err == nil || !strings.Contains(err.Error(), "neural-style-pt") {
		t.Errorf("moments in the form of neural-style-pt: %v", err)
	}
}
