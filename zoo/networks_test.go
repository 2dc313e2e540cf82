package zoo

import (
	"maps"
	"slices"
	"testing"

	"oneiro/nn"
	"oneiro/weights"
)

// Package nn has the networks, layers and presets that are named here, and every naming names all layers of
// its network that have parameters, but for those that the files of a naming leave out.
func TestNamingsFitNetworks(t *testing.T) {
	for _, n := range namings() {
		net, err := nn.Get(n.network)
		if err != nil {
			t.Errorf("%s: %v", n.by, err)
			continue
		}
		if n.preset != "" {
			if _, err := nn.Preset(n.preset); err != nil {
				t.Errorf("%s: %v", n.by, err)
			}
		}
		specs, err := net.Tensors()
		if err != nil {
			t.Fatal(err)
		}
		var want, got []string
		for _, s := range specs {
			if s.Layer == net.Head && !hasHead(&n) {
				break
			}
			if !slices.Contains(want, s.Layer) {
				want = append(want, s.Layer)
			}
		}
		for _, l := range n.layers {
			got = append(got, l.layer)
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			missing := slices.DeleteFunc(slices.Clone(want),
				func(l string) bool { return slices.Contains(got, l) })
			strange := slices.DeleteFunc(slices.Clone(got),
				func(l string) bool { return slices.Contains(want, l) })
			t.Errorf("%s, %s: missing %v, unknown %v", n.network, n.by, missing, strange)
		}
	}
}

// hasHead says whether files of a naming have the classifier.
func hasHead(n *naming) bool {
	return slices.ContainsFunc(n.layers, func(l namedLayer) bool { return sizesOf(n.network)[l.layer].head })
}

// TestOwnNames finds every parameter of every network in a file that oneiro wrote of it.
func TestOwnNames(t *testing.T) {
	for _, net := range nn.All() {
		specs, err := net.Tensors()
		if err != nil {
			t.Fatal(err)
		}
		var file []weights.Info
		for _, s := range specs {
			file = append(file, weights.Info{Name: s.Name, Shape: s.Shape, Float: true})
		}
		m, _ := recognise(net.Name, indexOf(file))
		if m == nil {
			t.Errorf("%s is not known by its own names", net.Name)
			continue
		}
		for _, s := range specs {
			if o, bias, ok := m.parameter(s.Name); !ok || !bias && o.Weight != s.Name || bias && o.Bias != s.Name {
				t.Errorf("%s: %s is read from %+v", net.Name, s.Name, o)
			}
		}
	}
}

// Package nn has the presets that files have by their numbers and kind, and 1000 classes where ImageNet's
// names are given.
func TestFactsFitNetworks(t *testing.T) {
	presets := []string{"torchvision", "caffe-bgr", "caffe-rgb"} // of the order of layers, and of fingerprints
	presets = slices.AppendSeq(presets, maps.Values(formatPresets))
	for _, p := range presets {
		if _, err := nn.Preset(p); err != nil {
			t.Error(err)
		}
	}
	for _, p := range fingerprints {
		if got := sizesOf(p.network)["conv1_1"].shape; !slices.Equal(got, []int{3, 3, 3, 64}) {
			t.Errorf("the first convolution of %s has the shape %v", p.network, got)
		}
		presets := []string{p.forward, p.backward}
		for _, preset := range presets[:1+min(len(p.backward), 1)] {
			if _, err := nn.Preset(preset); err != nil {
				t.Error(err)
			}
		}
	}
	for _, network := range imagenetNetworks {
		net, err := nn.Get(network)
		if err != nil || net.Classes != 1000 {
			t.Errorf("%s: %+v, %v", network, net, err)
		}
	}
}
