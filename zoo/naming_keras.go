package zoo

import (
	"fmt"
	"strings"

	"oneiro/weights"
)

// Keras numbers layers in the order in which the model lists them, whatever their names, in files that it
// writes by objects rather than by names. Such names do not identify the network, so sizes have to.

// kerasWay is one of these ways to name the variables of layers.
type kerasWay struct {
	by   string
	name func(k kerasLayer, role string, variable int) string
}

// kerasLayer is a layer with variables by its place: among those of its class, among all, and that of its
// first variable among all variables.
type kerasLayer struct {
	class                   string
	ofClass, ofAll, ofFirst int
}

const tfValue = "/.ATTRIBUTES/VARIABLE_VALUE"

// kerasWays were read off files that Keras 3.15 and tf_keras 2.21 wrote; Keras 3.0 had another name for the
// list of layers.
var kerasWays = []kerasWay{
	{"Keras 3", byClass("layers/")},
	{"Keras 3", byClass("_layer_checkpoint_dependencies/")},
	{"TensorFlow 2", byLayer("")},
	{"TensorFlow 2", byLayer("model/")},
	{"Keras 3 as exported", func(k kerasLayer, _ string, variable int) string {
		return fmt.Sprintf("variables/%d%s", k.ofFirst+variable, tfValue)
	}},
}

// byClass is how .weights.h5 has variables: layers/conv2d_1/vars/0.
func byClass(prefix string) func(kerasLayer, string, int) string {
	return func(k kerasLayer, _ string, variable int) string {
		return fmt.Sprintf("%s%s/vars/%d", prefix, kerasName(k.class, k.ofClass), variable)
	}
}

// byLayer is how a checkpoint of objects has them, and a SavedModel.
func byLayer(prefix string) func(kerasLayer, string, int) string {
	return func(k kerasLayer, role string, _ int) string {
		return fmt.Sprintf("%slayer_with_weights-%d/%s%s", prefix, k.ofAll, role, tfValue)
	}
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

// next returns the variables of the next layer.
func (o *kerasOrder) next(class string, roles ...string) []string {
	k := kerasLayer{class, o.ofClass[class], o.all, o.variables}
	o.ofClass[class]++
	o.all++
	o.variables += len(roles)
	var names []string
	for i, role := range roles {
		names = append(names, o.way.name(k, role, i))
	}
	return names
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
	pair := func(class string) weights.Layer {
		names := o.next(class, "kernel", "bias")
		return weights.Layer{Weight: names[0], Bias: names[1]}
	}
	n := vggNaming{by: way.by, preset: "caffe-bgr",
		conv: func(_, _, _ int) weights.Layer { return pair("conv2d") }}.of(network, convs)
	for i, numbers := range vggCounts(convs) {
		n.layers[i].numbers = numbers
	}
	for _, layer := range denseLayers {
		n.add(layer, pair("dense"))
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

// inceptionSizes are the sizes of weights that distinguish Inception v3 from its relatives.
var inceptionSizes = map[string]int64{
	"conv": 3 * 3 * 3 * 32, "conv_1": 3 * 3 * 32 * 32, "conv_2": 3 * 3 * 32 * 64,
	"conv_3": 64 * 80, "conv_4": 3 * 3 * 80 * 192,
	"mixed_conv": 192 * 64, "mixed_10_tower_2_conv": 2048 * 192,
}

func orderedInception(way kerasWay) naming {
	o := kerasOrder{way: way, ofClass: map[string]int{}}
	layers := inceptionV3Layers()
	from := make([]weights.Layer, len(layers))
	first := 0
	for _, module := range "0AAABCCCCDEE" {
		order := strings.Fields(inceptionOrder[module])
		for _, l := range order {
			i := int(l[1] - '0')
			if l[0] == 'c' {
				from[first+i].Weight = o.next("conv2d", "kernel")[0]
				continue
			}
			names := o.next("batch_normalization", "beta", "moving_mean", "moving_variance")
			from[first+i].Norm = weights.Norm{Shift: names[0], Mean: names[1], Variance: names[2],
				Epsilon: inceptionV3Epsilon}
		}
		first += len(order) / 2
	}
	n := naming{by: way.by, network: inceptionV3 + "-tf"}
	for i, l := range layers {
		n.layers = append(n.layers, namedLayer{l.layer(), from[i], inceptionSizes[l.layer()]})
	}
	names := o.next("dense", "kernel", "bias")
	n.add(inceptionHead, weights.Layer{Weight: names[0], Bias: names[1]})
	return n
}
