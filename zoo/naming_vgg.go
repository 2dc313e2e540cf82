package zoo

import "fmt"

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

// vggWidths are the channels of VGG's five blocks.
var vggWidths = [5]int64{64, 128, 256, 512, 512}

// denseLayers are the layers of VGG's classifier in package nn and in Caffe.
var denseLayers = [3]string{"fc6", "fc7", "fc8"}

// vggNaming gives the name of the k-th convolution, counted from 0, the i-th of block b, both counted from 1,
// and those of the dense layers, which are empty if there are none.
type vggNaming struct {
	by, preset string
	conv       func(k, b, i int) string
	dense      [3]string
}

// torchHeads are the classifiers of PyTorch's files.
var torchHeads = []struct {
	by    string
	dense [3]string
}{
	{"torchvision", [3]string{"classifier.0", "classifier.3", "classifier.6"}},
	{"timm", [3]string{"pre_logits.fc1", "pre_logits.fc2", "head.fc"}},
	{"jcjohnson", [3]string{"classifier.1", "classifier.4", "classifier.6"}},
}

func vggNamings() []naming {
	var all []naming
	for _, v := range vggs {
		numbered := vggNaming{"Caffe", "caffe-bgr", vggNumbered("conv%d_%d"), denseLayers}.of(v.network, v.convs)
		numbered.spellings = []spelling{
			{"_W", "Frossard", "caffe-rgb"}, {"_w_0", "Caffe2", "caffe-bgr"}, {"/W", "Chainer", "caffe-bgr"},
		}
		slim := vggNaming{"TF-slim", "caffe-rgb", func(_, b, i int) string {
			return fmt.Sprintf("%s/conv%d/conv%[2]d_%d", v.slim, b, i)
		}, [3]string{v.slim + "/fc6", v.slim + "/fc7", v.slim + "/fc8"}}.of(v.network, v.convs)
		keras := vggNaming{"Keras 3", "caffe-bgr", vggNumbered("block%d_conv%d"),
			[3]string{"fc1", "fc2", "predictions"}}.of(v.network, v.convs)
		keras.spellings = []spelling{{"_W_1:0", "Keras 1", "caffe-bgr"}, {":0", "Keras", "caffe-bgr"}}
		all = append(all, slim, numbered)
		for _, conv := range []func(k, b, i int) string{
			vggSequential("features.", 0, 2, 1), vggSequential("features.", 0, 3, 1),
		} {
			for _, head := range torchHeads {
				all = append(all, vggNaming{head.by, "torchvision", conv, head.dense}.of(v.network, v.convs))
			}
		}
		all = append(all, keras,
			vggNaming{"Gluon", "torchvision", func(k, _, _ int) string { return fmt.Sprintf("vgg0_conv%d", k) },
				[3]string{"vgg0_dense0", "vgg0_dense1", "vgg0_dense2"}}.of(v.network, v.convs),
			// features.state_dict(), alone and in other networks
			vggNaming{"torchvision", "torchvision", vggSequential("", 0, 2, 1), [3]string{}}.of(v.network, v.convs),
			vggNaming{"torchvision", "torchvision", vggSequential("", 0, 3, 1), [3]string{}}.of(v.network, v.convs))
		adain := vggNaming{"AdaIN", "caffe-bgr", vggSequential("", 2, 3, 1), [3]string{}}.of(v.network, v.convs)
		parts := vggNaming{"AdaIN", "caffe-bgr", adainParts, [3]string{}}.of(v.network, v.convs)
		adain.colours, parts.colours = "0", "enc.1.0"
		all = append(all, adain, parts)
	}
	return append(all, vgg19Small(), builtinNaming())
}

// vgg19Small is the encoder compressed by Wang et al. (arXiv:2003.08436): conv0, conv11, conv12, ... conv51.
func vgg19Small() naming {
	n := vggNaming{by: "Wang et al.", conv: vggNumbered("conv%d%d")}.of("vgg19-16x", [5]int{2, 2, 4, 4, 1})
	n.layers = append([]namedLayer{{layer: "conv0", unit: "conv0"}}, n.layers...)
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
			n.add(denseLayers[i], name)
		}
	}
	return n
}

// vggNumbered writes block and place into a format.
func vggNumbered(format string) func(k, b, i int) string {
	return func(_, b, i int) string { return fmt.Sprintf(format, b, i) }
}

// vggSequential numbers modules as PyTorch's Sequential does: so many for each convolution, and for each pool.
func vggSequential(prefix string, first, perConv, perPool int) func(k, b, i int) string {
	return func(k, b, _ int) string { return fmt.Sprintf("%s%d", prefix, first+perConv*k+perPool*(b-1)) }
}

// adainParts numbers them as the parts into which AdaIN's programs cut their Sequential, after each relu_1.
func adainParts(k, b, i int) string {
	at := 2 + 3*k + b - 1
	cuts := []int{0, 4, 11, 18, 31, 44}
	part := 0
	for part+1 < len(cuts) && cuts[part+1] <= at {
		part++
	}
	return fmt.Sprintf("enc_%d.%d", part+1, at-cuts[part])
}
