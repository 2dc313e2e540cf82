package zoo

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"oneiro/nn"
	"oneiro/weights"
)

// Package nn has the networks, layers and presets that are named here, and every naming names all layers of
// its network that have parameters, but for those that the files of a naming leave out.
func TestNamingsFitNetworks(t *testing.T) {
	headless := []string{"AdaIN"}
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
			if s.Layer == net.Head && slices.Contains(headless, n.by) {
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

// Where a naming says how many numbers a weight has, it is what the layer has in package nn.
func TestNamedSizesFitNetworks(t *testing.T) {
	for _, n := range namings() {
		sizes := sizesOf(t, n.network)
		for _, l := range n.layers {
			if l.numbers != 0 && l.numbers != sizes[l.layer+".weight"] {
				t.Errorf("%s, %s: %s has %d numbers, package nn %d", n.network, n.by, l.layer, l.numbers,
					sizes[l.layer+".weight"])
			}
		}
	}
	for _, v := range vggs {
		sizes, k := sizesOf(t, v.network), 0
		for b, n := range v.convs {
			for i := range n {
				layer := fmt.Sprintf("conv%d_%d.weight", b+1, i+1)
				if got := vggCounts(v.convs)[k]; got != sizes[layer] {
					t.Errorf("%s: %s has %d numbers, package nn %d", v.network, layer, got, sizes[layer])
				}
				k++
			}
		}
	}
}

// sizesOf returns how many numbers each parameter of a network has.
func sizesOf(t *testing.T, network string) map[string]int64 {
	t.Helper()
	net, err := nn.Get(network)
	if err != nil {
		t.Fatal(err)
	}
	specs, err := net.Tensors()
	if err != nil {
		t.Fatal(err)
	}
	sizes := map[string]int64{}
	for _, s := range specs {
		sizes[s.Name] = s.Len()
	}
	return sizes
}

// TestOwnNames finds every parameter of every network in a file that oneiro wrote of it.
func TestOwnNames(t *testing.T) {
	for _, net := range nn.All() {
		has := tensors{}
		for name, n := range sizesOf(t, net.Name) {
			has[name] = weights.Info{Name: name, Shape: []int{int(n)}}
		}
		n := recognise(net.Name, has)
		if n == nil {
			t.Errorf("%s is not known by its own names", net.Name)
			continue
		}
		for name := range has {
			if o, bias, ok := n.parameter(name); !ok || !bias && o.Weight != name || bias && o.Bias != name {
				t.Errorf("%s: %s is read from %+v", net.Name, name, o)
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
		if got := sizesOf(t, p.network)["conv1_1.weight"]; got != 3*3*3*64 {
			t.Errorf("the first convolution of %s has %d numbers", p.network, got)
		}
	}
	for _, network := range imagenetNetworks {
		net, err := nn.Get(network)
		if err != nil || net.Classes != 1000 {
			t.Errorf("%s: %+v, %v", network, net, err)
		}
	}
}
