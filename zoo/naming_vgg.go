package zoo

import (
	"fmt"

	"oneiro/weights"
)

// The VGG networks by the convolutions of their five blocks (Simonyan and Zisserman, arXiv:1409.1556,
// table 1, configurations A, B, D and E).
var vggs = []struct {
	network, slim string
	convs         [5]int
}{
	{"vgg19", "vgg_19", [5]int{2, 2, 4, 4, 4}},
	{"vgg16", "vgg_16", [5]int{2, 2, 3, 3, 3}},
	{"vgg13", "vgg_13", [5]int{2, 2, 2, 2, 2}},
	{"vgg11", "vgg_a", [5]int{1, 1, 2, 2, 2}},
}

// denseLayers are the layers of VGG's classifier in package nn and in Caffe.
var denseLayers = [3]string{"fc6", "fc7", "fc8"}

// vggNaming gives the tensors of the k-th convolution, the i-th of block b, all counted from 0 but for b
// and i, and those of the dense layers in their order.
type vggNaming struct {
	by, preset string
	conv       func(k, b, i int) weights.Layer
	dense      [3]string // what weight and bias are appended to; empty if there are none
	roles      [2]string // what is appended: ".weight", ".bias"
}

var torchRoles = [2]string{".weight", ".bias"}

func pairOf(name string, roles [2]string) weights.Layer {
	return weights.Layer{Weight: name + roles[0], Bias: name + roles[1]}
}

func vggNamings() []naming {
	var all []naming
	for _, v := range vggs {
		keras := func(prefix, weight, bias string) func(k, b, i int) weights.Layer {
			return func(_, b, i int) weights.Layer {
				name := fmt.Sprintf("%sblock%d_conv%d/block%[2]d_conv%d", prefix, b, i)
				return weights.Layer{Weight: name + weight, Bias: name + bias}
			}
		}
		kerasDense := func(prefix string) [3]string {
			return [3]string{prefix + "fc1/fc1", prefix + "fc2/fc2", prefix + "predictions/predictions"}
		}
		for _, n := range []vggNaming{
			{"Caffe", "caffe-bgr", vggNumbered("conv%d_%d", torchRoles), denseLayers, torchRoles},
			{"torchvision", "torchvision", vggSequential("features.", 0, 2),
				[3]string{"classifier.0", "classifier.3", "classifier.6"}, torchRoles},
			{"torchvision", "torchvision", vggNormalised,
				[3]string{"classifier.0", "classifier.3", "classifier.6"}, torchRoles},
			{"timm", "torchvision", vggSequential("features.", 0, 2),
				[3]string{"pre_logits.fc1", "pre_logits.fc2", "head.fc"}, torchRoles},
			{"timm", "torchvision", vggNormalised, [3]string{"pre_logits.fc1", "pre_logits.fc2", "head.fc"},
				torchRoles},
			{"jcjohnson", "torchvision", vggSequential("features.", 0, 2),
				[3]string{"classifier.1", "classifier.4", "classifier.6"}, torchRoles},
			{"Keras 1", "caffe-bgr", keras("", "_W_1:0", "_b_1:0"), kerasDense(""),
				[2]string{"_W_1:0", "_b_1:0"}},
			{"Keras", "caffe-bgr", keras("", "/kernel:0", "/bias:0"), kerasDense(""),
				[2]string{"/kernel:0", "/bias:0"}},
			{"Keras", "caffe-bgr", keras("model_weights/", "/kernel:0", "/bias:0"),
				kerasDense("model_weights/"), [2]string{"/kernel:0", "/bias:0"}},
			{"Keras 3", "caffe-bgr", keras("", "/kernel", "/bias"), kerasDense(""),
				[2]string{"/kernel", "/bias"}},
			{"Keras 3", "caffe-bgr", keras("model_weights/", "/kernel", "/bias"), kerasDense("model_weights/"),
				[2]string{"/kernel", "/bias"}},
			{"TF-slim", "caffe-rgb", func(_, b, i int) weights.Layer {
				return pairOf(fmt.Sprintf("%s/conv%d/conv%[2]d_%d", v.slim, b, i),
					[2]string{"/weights", "/biases"})
			}, [3]string{v.slim + "/fc6", v.slim + "/fc7", v.slim + "/fc8"}, [2]string{"/weights", "/biases"}},
			{"Frossard", "caffe-rgb", vggNumbered("conv%d_%d", [2]string{"_W", "_b"}), denseLayers,
				[2]string{"_W", "_b"}},
			{"Caffe2", "caffe-bgr", vggNumbered("conv%d_%d", [2]string{"_w_0", "_b_0"}), denseLayers,
				[2]string{"_w_0", "_b_0"}},
			{"Gluon", "torchvision", func(k, _, _ int) weights.Layer {
				return pairOf(fmt.Sprintf("vgg0_conv%d", k), [2]string{"_weight", "_bias"})
			}, [3]string{"vgg0_dense0", "vgg0_dense1", "vgg0_dense2"}, [2]string{"_weight", "_bias"}},
			// The first layer, 0, is a convolution of 1x1 that turns RGB in 0..1 into what Caffe expects.
			{"AdaIN", "caffe-bgr", vggSequential("", 2, 3), [3]string{}, torchRoles},
		} {
			all = append(all, n.of(v.network, v.convs))
		}
	}
	return append(all, vgg19Small(), builtinNaming())
}

// vgg19Small is the encoder compressed by Wang et al. (arXiv:2003.08436): conv0, conv11, conv12, ... conv51.
func vgg19Small() naming {
	n := vggNaming{by: "Wang et al.", conv: vggNumbered("conv%d%d", torchRoles)}.of("vgg19-16x",
		[5]int{2, 2, 4, 4, 1})
	n.layers = append([]namedLayer{{layer: "conv0", from: pairOf("conv0", torchRoles)}}, n.layers...)
	return n
}

func (v vggNaming) of(network string, convs [5]int) naming {
	n := naming{by: v.by, network: network, preset: v.preset}
	k := 0
	for b := range convs {
		for i := range convs[b] {
			n.add(fmt.Sprintf("conv%d_%d", b+1, i+1), v.conv(k, b+1, i+1))
			k++
		}
	}
	for i, name := range v.dense {
		if name != "" {
			n.add(denseLayers[i], pairOf(name, v.roles))
		}
	}
	return n
}

// vggNumbered writes block and place into a format.
func vggNumbered(format string, roles [2]string) func(k, b, i int) weights.Layer {
	return func(_, b, i int) weights.Layer { return pairOf(fmt.Sprintf(format, b, i), roles) }
}

// vggSequential numbers modules as PyTorch's Sequential does: so many for each convolution, and one for
// each pool.
func vggSequential(prefix string, first, perConv int) func(k, b, i int) weights.Layer {
	return func(k, b, _ int) weights.Layer {
		return pairOf(fmt.Sprintf("%s%d", prefix, first+perConv*k+b-1), torchRoles)
	}
}

// vggNormalised numbers them with a batch normalisation after each convolution.
func vggNormalised(k, b, _ int) weights.Layer {
	at := 3*k + b - 1
	o := pairOf(fmt.Sprintf("features.%d", at), torchRoles)
	o.Norm = torchNorm(fmt.Sprintf("features.%d", at+1), 1e-5)
	return o
}

// torchNorm is a batch normalisation under PyTorch's names.
func torchNorm(name string, epsilon float64) weights.Norm {
	return weights.Norm{
		Scale: name + ".weight", Shift: name + ".bias", Mean: name + ".running_mean", Variance: name +
			".running_var",
		Epsilon: epsilon,
	}
}
