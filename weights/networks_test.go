package weights

import (
	"slices"
	"testing"

	"oneiro/nn"
)

// Package nn has the networks, layers and presets that are named here, and every naming names all layers of its
// network that have parameters, but for those that the files of a naming leave out.
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
			missing := slices.DeleteFunc(slices.Clone(want), func(l string) bool { return slices.Contains(got, l) })
			strange := slices.DeleteFunc(slices.Clone(got), func(l string) bool { return slices.Contains(want, l) })
			t.Errorf("%s, %s: missing %v, unknown %v", n.network, n.by, missing, strange)
		}
	}
}
