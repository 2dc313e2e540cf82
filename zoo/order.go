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

// inOrder finds the network of a file whose names mean nothing, as exporters of ONNX make them up, by the
// sizes of its layers in the order of use, which have to be exactly those of a network: all of them, those
// before its classifier, or the first ones. layers is what the file's graph says, or nil, in which case names
// are taken in the order in which people would count them. It returns nil if there is no such network.
func inOrder(x *index, layers []weights.Layer, file []weights.Info) *match {
	infos := map[string]weights.Info{}
	for _, t := range file {
		infos[t.Name] = t
	}
	if layers != nil {
		return inGraph(layers, infos)
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

// mostBefore is how many layers before a network's first are looked past, so that they can be named.
const mostBefore = 3

// inGraph finds the network of a graph's layers. There may be others before it: a convolution of colours
// belongs to it, and what else there is makes the file one that is refused.
func inGraph(layers []weights.Layer, infos map[string]weights.Info) *match {
	for before := range min(len(layers), mostBefore+1) {
		m := sequence(layers[before:], infos, "", nil)
		if m == nil || before > 0 && !isChain(m.network) {
			continue
		}
		if before == 1 && infos[layers[0].Weight].Len() == 9 {
			m.colours, m.naming.preset = layers[0], "caffe-bgr"
		}
		return m
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

// anonymous makes layers of the tensors of a file in which no name has a role, but their order: a weight, then
// its bias, then the scale, shift, mean and variance of a normalisation, as far as they are there. It is nil
// if there is anything else.
func anonymous(x *index) []weights.Layer {
	units := slices.Clone(x.units)
	for _, u := range units {
		if len(u.parts) != 1 || u.alone() == "" {
			return nil
		}
	}
	if slices.IndexFunc(units, func(u *unit) bool { return !sameName(u.key, units[0].key) }) < 0 {
		slices.SortStableFunc(units, func(a, b *unit) int { return natural(a.key, b.key) })
	}
	var all []weights.Layer
	for len(units) > 0 {
		w := units[0].parts[single]
		n := 1
		for n < len(units) && len(units[n].parts[single].Shape) == 1 &&
			slices.Contains(w.Shape, units[n].parts[single].Shape[0]) {
			n++
		}
		l, ok := anonymousLayer(w, units[1:n])
		if !ok {
			return nil
		}
		all = append(all, l)
		units = units[n:]
	}
	return all
}

// anonymousLayer makes a layer of a weight and the vectors after it.
func anonymousLayer(w weights.Info, vectors []*unit) (l weights.Layer, ok bool) {
	l.Weight = w.Name
	if len(w.Shape) < 2 {
		return l, false
	}
	if n := len(vectors); n == 1 || n == 5 {
		l.Bias = vectors[0].alone()
		vectors = vectors[1:]
	}
	switch len(vectors) {
	case 0:
		return l, l.Bias != ""
	case 4:
		l.Norm.Scale = vectors[0].alone()
		vectors = vectors[1:]
	case 3:
	default:
		return l, false
	}
	l.Norm.Shift, l.Norm.Mean, l.Norm.Variance = vectors[0].alone(), vectors[1].alone(), vectors[2].alone()
	if l.Norm.Epsilon = 1e-5; strings.HasSuffix(w.Name, tfValue) {
		l.Norm.Epsilon = 1e-3
	}
	return l, true
}

// sequence finds the network whose layers have these sizes in this order. units are those of the layers, if
// they are known.
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

// likelier says which of two networks with the same layers a file is of whose names mean nothing: one with as
// many classes, a smaller one, or torchvision's, as it is PyTorch that exports such files.
func (m *match) likelier(o *match) bool {
	if a, b := m.usualClasses(), o.usualClasses(); a != b {
		return a
	}
	if a, b := len(sizesOf(m.network)), len(sizesOf(o.network)); a != b {
		return a < b
	}
	return strings.HasSuffix(m.network, "-tv")
}
