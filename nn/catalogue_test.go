package nn

import "testing"

// TestPublishedSizes compares with published sizes. Where a network was trained with batch normalisation,
// four numbers a channel have become one bias: torchvision's counts, of which two are trained, are that much
// larger.
func TestPublishedSizes(t *testing.T) {
	published := map[string]struct{ all, norms int64 }{
		"vgg11": {132863336, 0}, "vgg13": {133047848, 0},
		"googlenet-tv": {6624904, 7280}, "inceptionv3-tv": {23834568, 17216},
		"squeezenet1.0": {1248424, 0}, "squeezenet1.1": {1235496, 0},
	}
	for _, net := range All() {
		want, ok := published[net.Name]
		if !ok {
			continue
		}
		tensors, err := net.Tensors()
		if err != nil {
			t.Fatal(err)
		}
		var n, channels int64
		for _, x := range tensors {
			n += x.Len()
			if len(x.Shape) == 4 {
				channels += int64(x.Shape[3])
			}
		}
		if want.norms > 0 && want.norms != channels {
			t.Errorf("%s has %d channels in convolutions, want %d", net.Name, channels, want.norms)
		}
		if n+want.norms != want.all {
			t.Errorf("%s has %d parameters, want %d", net.Name, n+want.norms, want.all)
		}
	}
}

// TestDefaultLayers checks that the layers that are read by default, and heads, are there.
func TestDefaultLayers(t *testing.T) {
	for _, net := range All() {
		names := append(append(append([]string{}, net.Content...), net.Style...), net.Dream...)
		if net.Classes > 0 {
			names = append(names, net.Head)
		}
		for _, name := range names {
			if _, err := net.Layer(name); err != nil {
				t.Error(err)
			}
		}
		if (net.Classes > 0) != (net.InputSize > 0) {
			t.Errorf("%s has %d classes and pictures of %d pixels", net.Name, net.Classes, net.InputSize)
		}
		side := max(net.InputSize, 64)
		infos, err := net.Shapes(side, side, 3)
		if err != nil {
			t.Error(err)
			continue
		}
		last := infos[len(infos)-1]
		if net.Classes > 0 && (last.H != 1 || last.W != 1 || last.C != net.Classes) {
			t.Errorf("%s ends with %dx%dx%d", net.Name, last.H, last.W, last.C)
		}
	}
}
