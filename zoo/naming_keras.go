package zoo

import (
	"fmt"
	"strings"
)

// Keras numbers layers in the order in which the model lists them, whatever their names, in files that it
// writes by objects rather than by names. Such names do not identify the network, so sizes have to.

// kerasWay is one of these ways to name layers.
type kerasWay struct {
	by   string
	name func(k kerasLayer) string
	// single says that every tensor has a number of its own, in place of the name of a layer and a role.
	single bool
}

// kerasLayer is a layer with variables by its place: among those of its class, among all, and that of its
// first variable among all variables.
type kerasLayer struct {
	class                   string
	ofClass, ofAll, ofFirst int
}

const tfValue = "/.ATTRIBUTES/VARIABLE_VALUE"

// kerasWays were read off files that Keras 3.15 and tf_keras 2.21 wrote. The layers of .weights.h5 are in
// layers or _layer_checkpoint_dependencies, and named conv2d_1; names that count the order of making look the
// same.
var kerasWays = []kerasWay{
	{by: "Keras 3", name: func(k kerasLayer) string { return kerasName(k.class, k.ofClass) }},
	{by: "TensorFlow 2", name: func(k kerasLayer) string { return fmt.Sprintf("layer_with_weights-%d", k.ofAll) }},
	{by: "Keras 3 as exported", single: true,
		name: func(k kerasLayer) string { return fmt.Sprintf("variables/%d", k.ofFirst) }},
}

// kerasName is Keras' name of the k-th object of a kind: conv2d, conv2d_1, conv2d_2.
func kerasName(name string, k int) string {
	if k == 0 {
		return name
	}
	return fmt.Sprintf("%s_%d", name, k)
}

// kerasOrder names layers one after the other.
type kerasOrder struct {
	way            kerasWay
	ofClass        map[string]int
	all, variables int
}

// next returns the name of the next layer, which has so many variables, and those of the variables after the
// first if they have names of their own.
func (o *kerasOrder) next(class string, variables int) (unit string, apart []string) {
	k := kerasLayer{class, o.ofClass[class], o.all, o.variables}
	o.ofClass[class]++
	o.all++
	o.variables += variables
	for i := 1; o.way.single && i < variables; i++ {
		k := k
		k.ofFirst += i
		apart = append(apart, normal(o.way.name(k)))
	}
	return normal(o.way.name(k)), apart
}

func orderedNamings() []naming {
	var all []naming
	for _, way := range kerasWays {
		for _, v := range vggs {
			all = append(all, orderedVGG(way, v.network, v.convs))
		}
		all = append(all, orderedInception(way))
	}
	return all
}

func orderedVGG(way kerasWay, network string, convs [5]int) naming {
	o := kerasOrder{way: way, ofClass: map[string]int{}}
	n := vggNaming{by: way.by, preset: "caffe-bgr", conv: func(_, _, _ int) string { return "" }}.of(network, convs)
	for _, layer := range denseLayers {
		n.add(layer, "")
	}
	for i := range n.layers {
		class := "conv2d"
		if strings.HasPrefix(n.layers[i].layer, "fc") {
			class = "dense"
		}
		n.layers[i].unit, n.layers[i].apart = o.next(class, 2)
	}
	return n
}

// inceptionOrder is the order in which Keras lists the layers of Inception v3's modules: c0 is the convolution
// that was made first, n0 its batch normalisation; module 0 are those before. Keras sorts them by how far they
// are from the end.
var inceptionOrder = map[rune]string{
	'0': "c0 n0 c1 n1 c2 n2 c3 n3 c4 n4",
	'A': "c3 n3 c1 c4 n1 n4 c0 c2 c5 c6 n0 n2 n5 n6",
	'B': "c1 n1 c2 n2 c0 c3 n0 n3",
	'C': "c4 n4 c5 n5 c1 c6 n1 n6 c2 c7 n2 n7 c0 c3 c8 c9 n0 n3 n8 n9",
	'D': "c2 n2 c3 n3 c0 c4 n0 n4 c1 c5 n1 n5",
	'E': "c4 n4 c1 c5 n1 n5 c2 c3 c6 c7 c0 n2 n3 n6 n7 c8 n0 n8",
}

func orderedInception(way kerasWay) naming {
	o := kerasOrder{way: way, ofClass: map[string]int{}}
	n := naming{by: way.by, network: inceptionV3 + "-tf", epsilon: inceptionV3Epsilon}
	for _, l := range inceptionV3Layers() {
		n.add(l.layer(), "")
	}
	first := 0
	for _, module := range "0AAABCCCCDEE" {
		order := strings.Fields(inceptionOrder[module])
		for _, l := range order {
			at := &n.layers[first+int(l[1]-'0')]
			if l[0] == 'c' {
				at.unit, _ = o.next("conv2d", 1)
				continue
			}
			var rest []string
			at.norm, rest = o.next("batch_normalization", 3)
			if o.way.single {
				at.apart = append([]string{at.norm}, rest...)
			}
		}
		first += len(order) / 2
	}
	unit, apart := o.next("dense", 2)
	n.layers = append(n.layers, namedLayer{layer: inceptionHead, unit: unit, apart: apart})
	return n
}
