package zoo

import (
	"slices"
	"strings"

	"oneiro/nn"
	"oneiro/weights"
)

// fewestInOrder is how many layers a file that ends before its network does has to have for that to be
// recognised by their sizes alone: with fewer, many networks begin alike.
const fewestInOrder = 5

// inOrder finds the network of a file whose names mean nothing, as exporters of ONNX make them up, by the sizes of
// its layers in the order of use, which have to be exactly those of a network: all of them, those before its
// classifier, or the first ones. layers is what the file's graph says, or nil, in which case names are taken in
// the order in which people would count them. It returns nil if there is no such network.
func inOrder(x *index, layers []weights.Layer, file []weights.Info) *match {
	infos := map[string]weights.Info{}
	for _, t := range file {
		infos[t.Name] = t
	}
	if layers != nil {
		return sequence(layers, infos, "", nil)
	}
	if m := sequence(anonymous(x), infos, "", nil); m != nil {
		return m
	}
	norms := slices.ContainsFunc(x.units, (*unit).foldable)
	for _, root := range roots(x) {
		var units []*unit
		for _, u := range x.units {
			if strings.HasPrefix(u.key, root) && u.weightOf().Name != "" {
				units = append(units, u)
			}
		}
		slices.SortStableFunc(units, func(a, b *unit) int { return natural(a.key, b.key) })
		var layers []weights.Layer
		for _, u := range units {
			if layers = append(layers, u.layer()); !u.has(bias) && !u.has(originalBias) && !norms {
				layers = nil
				break
			}
		}
		if m := sequence(layers, infos, root, units); m != nil && isChain(m.network) {
			return m
		}
	}
	return nil
}

// roots are the beginnings of names that several layers share, the shortest first.
func roots(x *index) []string {
	const most = 64
	counts := map[string]int{}
	all := []string{""}
	for _, u := range x.units {
		for i, c := range u.key {
			if c != '.' {
				continue
			}
			if root := u.key[:i+1]; len(all) < most {
				if counts[root]++; counts[root] == fewestInOrder {
					all = append(all, root)
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b string) int { return len(a) - len(b) })
	return all
}

// anonymous pairs the tensors of a file in which no name has a role: a weight and a bias in turn. It is nil if
// there is anything else.
func anonymous(x *index) []weights.Layer {
	var all []weights.Layer
	for i := 0; i < len(x.units); i += 2 {
		if i+1 == len(x.units) {
			return nil
		}
		w, b := x.units[i], x.units[i+1]
		if len(w.parts) != 1 || len(b.parts) != 1 || w.alone() == "" || b.alone() == "" ||
			len(w.parts[single].Shape) < 2 || len(b.parts[single].Shape) != 1 ||
			!slices.Contains(w.parts[single].Shape, b.parts[single].Shape[0]) {
			return nil
		}
		all = append(all, weights.Layer{Weight: w.alone(), Bias: b.alone()})
	}
	return all
}

// sequence finds the network whose layers have these sizes in this order. units are those of the layers, if they
// are known.
func sequence(layers []weights.Layer, infos map[string]weights.Info, root string, units []*unit) *match {
	if len(layers) == 0 {
		return nil
	}
	var best *match
	for _, net := range nn.All() {
		sizes := sizesOf(net.Name)
		names := make([]string, len(sizes))
		convs := 0
		for name, s := range sizes {
			names[s.place] = name
			if !s.head {
				convs++
			}
		}
		m := &match{naming: &naming{by: "the order of layers", network: net.Name}, prefix: root,
			byName: map[string]int{}}
		if len(layers) > len(names) || len(layers) < min(convs, fewestInOrder) {
			continue
		}
		for i, l := range layers {
			size := sizes[names[i]]
			outputs, ok := size.fit(infos[l.Weight])
			if !ok || infos[l.Bias].Name != "" && infos[l.Bias].Len() != outputs && infos[l.Bias].Len() != 1 {
				m = nil
				break
			}
			found := matched{name: names[i], from: l, outputs: outputs, head: size.head, unit: &unit{}}
			if units != nil {
				found.unit = units[i]
			}
			m.add(found, size)
		}
		if m == nil {
			continue
		}
		if isChain(net.Name) || strings.HasPrefix(net.Name, "squeezenet") {
			m.naming.preset = "torchvision"
		}
		switch {
		case best == nil:
			best = m
		case m.likelier(best):
			m.fits = append(best.fits, best.network)
			best = m
		default:
			best.fits = append(best.fits, net.Name)
		}
	}
	return best
}

// likelier says which of two networks with the same layers a file is of whose names mean nothing: one with as many
// classes, a smaller one, or torchvision's, as it is PyTorch that exports such files.
func (m *match) likelier(o *match) bool {
	if a, b := m.usualClasses(), o.usualClasses(); a != b {
		return a
	}
	if a, b := len(sizesOf(m.network)), len(sizesOf(o.network)); a != b {
		return a < b
	}
	return strings.HasSuffix(m.network, "-tv")
}
