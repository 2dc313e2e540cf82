package zoo

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights"
)

// firstLayer has the numbers of a first convolution of VGG's size in PyTorch's order, and of a normalisation
// after it.
type firstLayer struct{ w, b, scale, shift, mean, variance []float32 }

func newFirstLayer() firstLayer {
	return firstLayer{weightstest.Every(64*27, -1, 0.01), weightstest.Every(64, 2, 0.5),
		weightstest.Every(64, 0.5, 0.25), weightstest.Every(64, -3, 0.125), weightstest.Every(64, 1, 0.0625),
		weightstest.Every(64, 0.01, 0.3)}
}

// check compares what is read of the first layer with w·s and (b - mean)·s + shift, s = scale/√(variance +
// epsilon), or with what want says of the weight. A nil part is absent.
func (l firstLayer) check(t *testing.T, what string, p *Params, epsilon float64) {
	t.Helper()
	w, err := p.Tensor("conv1_1.weight", 3, 3, 3, 64)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	b, err := p.Tensor("conv1_1.bias", 64)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	at := func(v []float32, o int, absent float64) float64 {
		if v == nil {
			return absent
		}
		return float64(v[o])
	}
	near := func(a float32, b float64) bool { return math.Abs(float64(a)-b) <= 1e-6*(1+math.Abs(b)) }
	for o := range 64 {
		s := 1.0
		if l.variance != nil {
			s = at(l.scale, o, 1) / math.Sqrt(at(l.variance, o, 1)+epsilon)
		}
		for tap := range 27 { // i, y, x in the file; y, x, i in the engine
			i, y, x := tap/9, tap/3%3, tap%3
			if want := float64(l.w[o*27+tap]) * s; !near(w[((y*3+x)*3+i)*64+o], want) {
				t.Errorf("%s: weight %d of filter %d is %g, want %g", what, tap, o, w[((y*3+x)*3+i)*64+o], want)
				return
			}
		}
		if want := (at(l.b, o, 0)-at(l.mean, o, 0))*s + at(l.shift, o, 0); !near(b[o], want) {
			t.Errorf("%s: bias %d is %g, want %g", what, o, b[o], want)
			return
		}
	}
}

// hwio turns filters of 3x3 over 3 colours into TensorFlow's order.
func hwio(w []float32) []float32 {
	out := make([]float32, len(w))
	for o := range 64 {
		for tap := range 27 {
			i, yx := tap/9, tap%9
			out[(yx*3+i)*64+o] = w[o*27+tap]
		}
	}
	return out
}

// TestNormsAreFolded gives normalisations the names that frameworks and people do.
func TestNormsAreFolded(t *testing.T) {
	l := newFirstLayer()
	for _, c := range []struct {
		what, conv, norm string
		tensorflow       bool // its words and order
	}{
		{"torchvision", "features.0", "features.1", false},
		{"a wrapper in the middle", "model.features.module.0", "model.features.module.1", false},
		{"bn", "conv1_1", "bn1_1", false},
		{"norm", "net.conv1_1", "net.norm1_1", false},
		{"after the name", "conv1_1", "conv1_1_bn", false},
		{"inside", "conv1_1", "conv1_1.bn", false},
		{"another number", "conv1_1", "norms.7", false},
		{"TF-slim", "vgg_16/conv1/conv1_1", "vgg_16/conv1/conv1_1/BatchNorm", true},
		{"Keras", "model_weights/block1_conv1/block1_conv1",
			"model_weights/batch_normalization_5/batch_normalization_5", true},
		{"Keras, named", "block1_conv1/block1_conv1", "block1_bn1/block1_bn1", true},
	} {
		words := []string{".weight", ".bias", ".weight", ".bias", ".running_mean", ".running_var"}
		shape, w, epsilon := []int{64, 3, 3, 3}, l.w, 1e-5
		if c.tensorflow {
			words = []string{"/weights", "/biases", "/gamma", "/beta", "/moving_mean", "/moving_variance"}
			shape, w, epsilon = []int{3, 3, 3, 64}, hwio(l.w), 1e-3
		}
		arrays := map[string][]float32{
			c.conv + words[0]: w, c.conv + words[1]: l.b, c.norm + words[2]: l.scale, c.norm + words[3]: l.shift,
			c.norm + words[4]: l.mean, c.norm + words[5]: l.variance,
		}
		shapes := map[string][]int{c.conv + words[0]: shape}
		p := archive(t, arrays, shapes)
		if _, err := p.Describe(Options{}); err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		l.check(t, c.what, p, epsilon)
		if c.tensorflow {
			continue
		}
		plain := l // affine=False, and a convolution without bias
		plain.b, plain.scale, plain.shift = nil, nil, nil
		delete(arrays, c.conv+words[1])
		delete(arrays, c.norm+words[2])
		delete(arrays, c.norm+words[3])
		plain.check(t, c.what+", moving averages alone", archive(t, arrays, shapes), epsilon)
	}
}

// TestUnfolded refuses files with tensors that change what the network computes and belong to no layer.
func TestUnfolded(t *testing.T) {
	l := newFirstLayer()
	narrow := []float32{1, 2, 3, 4, 5}
	for what, more := range map[string]map[string][]float32{
		"a normalisation of another width": {"features.1.weight": narrow, "features.1.bias": narrow,
			"features.1.running_mean": narrow, "features.1.running_var": narrow},
		"a normalisation by each picture": {"features.1.weight": l.scale, "features.1.bias": l.shift},
		"a slope":                         {"features.1.weight": {0.25, 0.5}},
		"two normalisations": {"features.1.running_mean": l.mean, "features.1.running_var": l.variance,
			"features.2.running_mean": l.mean, "features.2.running_var": l.variance},
	} {
		arrays := map[string][]float32{"features.0.weight": l.w, "features.0.bias": l.b}
		maps.Copy(arrays, more)
		_, err := archive(t, arrays, map[string][]int{"features.0.weight": {64, 3, 3, 3}}).Describe(Options{})
		if e := weightstest.Refused[*UnfoldedError](t, err); !strings.HasPrefix(e.Tensors[0], "features.") ||
			!strings.Contains(e.Error(), e.Tensors[0]) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, names := range map[string][]string{
		"a mask that is missing":       {"features.0.weight_orig", "features.0.bias"},
		"a magnitude that is missing":  {"features.0.parametrizations.weight.original1", "features.0.bias"},
		"spectral norm without vector": {"features.0.weight_orig", "features.0.bias", "features.0.weight_u"},
	} {
		arrays := map[string][]float32{names[0]: l.w, names[1]: l.b}
		for _, name := range names[2:] {
			arrays[name] = l.b
		}
		_, err := archive(t, arrays, map[string][]int{names[0]: {64, 3, 3, 3}}).Describe(Options{})
		if e := weightstest.Refused[*UnfoldedError](t, err); !slices.Contains(e.Tensors, names[0]) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestParametrised reads weights that training keeps in several tensors.
func TestParametrised(t *testing.T) {
	l := newFirstLayer()
	magnitude, mask := weightstest.Every(64, 0.5, 0.1), make([]float32, 64*27)
	for i := range mask {
		mask[i] = float32(i % 3 % 2)
	}
	long := l
	long.w = slices.Clone(l.w)
	for o := range 64 {
		var square float64
		for _, v := range l.w[o*27:][:27] {
			square += float64(v) * float64(v)
		}
		for i := range 27 {
			long.w[o*27+i] = float32(float64(l.w[o*27+i]) * float64(magnitude[o]) / math.Sqrt(square))
		}
	}
	pruned := l
	pruned.w = slices.Clone(l.w)
	for i := range pruned.w {
		pruned.w[i] *= mask[i]
	}
	u, v := weightstest.Every(64, -0.1, 0.01), weightstest.Every(27, 0.2, 0.03)
	spectral := l
	spectral.w = slices.Clone(l.w)
	var norm float64
	for i, x := range l.w {
		norm += float64(u[i/27]) * float64(x) * float64(v[i%27])
	}
	for i := range spectral.w {
		spectral.w[i] = float32(float64(spectral.w[i]) / norm)
	}
	for what, c := range map[string]struct {
		arrays map[string][]float32
		weight string
		want   firstLayer
	}{
		"weight norm": {map[string][]float32{"weight_g": magnitude, "weight_v": l.w}, "weight_v", long},
		"weight norm, as a parametrisation": {map[string][]float32{"parametrizations.weight.original0": magnitude,
			"parametrizations.weight.original1": l.w}, "parametrizations.weight.original1", long},
		"pruned": {map[string][]float32{"weight_orig": l.w, "weight_mask": mask}, "weight_orig", pruned},
		"spectral norm": {map[string][]float32{"weight_orig": l.w, "weight_u": u, "weight_v": v}, "weight_orig",
			spectral},
		"spectral norm, as a parametrisation": {map[string][]float32{"parametrizations.weight.original": l.w,
			"parametrizations.weight.0._u": u, "parametrizations.weight.0._v": v}, "parametrizations.weight.original",
			spectral},
	} {
		arrays := map[string][]float32{"features.0.bias": l.b}
		shapes := map[string][]int{"features.0." + c.weight: {64, 3, 3, 3}, "features.0.weight_mask": {64, 3, 3, 3},
			"features.0.weight_g": {64, 1, 1, 1}, "features.0.parametrizations.weight.original0": {64, 1, 1, 1}}
		for name, values := range c.arrays {
			arrays["features.0."+name] = values
		}
		p := archive(t, arrays, shapes)
		if _, err := p.Describe(Options{}); err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		c.want.variance, c.want.mean, c.want.shift = nil, nil, nil
		c.want.check(t, what, p, 0)
	}
}

// TestPairsByName writes biases before weights, sorted, and under the words of several programs.
func TestPairsByName(t *testing.T) {
	l := firstLayer{w: newFirstLayer().w, b: newFirstLayer().b}
	second, other := make([]float32, 64*64*9), weightstest.Every(64, 9, 1)
	for _, words := range [][2]string{{".weight", ".bias"}, {"/weights", "/biases"}, {"/kernel", "/bias"}, {"_W", "_b"},
		{"/filter", "/biases"}, {"_w_0", "_b_0"}, {"/W", "/b"}} {
		arrays := map[string][]float32{"conv1_1" + words[0]: l.w, "conv1_1" + words[1]: l.b, "conv1_2" +
			words[0]: second,
			"conv1_2" + words[1]: other}
		p := archive(t, arrays, map[string][]int{"conv1_1" + words[0]: {64, 3, 3, 3}, "conv1_2" +
			words[0]: {64, 64, 3, 3}})
		l.check(t, words[0], p, 0)
		if b, err := p.Tensor("conv1_2.bias", 64); err != nil || b[0] != 9 {
			t.Errorf("%s: %v", words[0], err)
		}
	}
}

// TestOtherClasses takes the number of classes from the file.
func TestOtherClasses(t *testing.T) {
	p := archive(t, map[string][]float32{"features.0.weight": make([]float32, 64*27),
		"features.0.bias":     make([]float32, 64),
		"classifier.6.weight": make([]float32, 10*4096), "classifier.6.bias": make([]float32, 10)},
		map[string][]int{"features.0.weight": {64, 3, 3, 3}, "classifier.6.weight": {10, 4096}})
	net, err := p.Describe(Options{})
	if err != nil || net.Classes != 10 || net.Name != "vgg11" {
		t.Fatalf("%+v, %v", net, err)
	}
	if _, err := p.Tensor("fc8.weight", 1, 1, 4096, 10); err != nil {
		t.Error(err)
	}
	if classes, err := p.Classes(); len(classes) != 0 || err != nil {
		t.Errorf("%d names, %v", len(classes), err)
	}
	_, err = p.Tensor("conv5_1.weight", 3, 3, 512, 512)
	if e := weightstest.Refused[*CutError](t, err); e.Layer != "conv5_1" {
		t.Error(err)
	}
}

// TestCut says where a file ends.
func TestCut(t *testing.T) {
	p := archive(t, map[string][]float32{"conv1_1.weight": make([]float32, 64*27), "conv1_1.bias": make([]float32, 64)},
		map[string][]int{"conv1_1.weight": {64, 3, 3, 3}})
	_, err := p.Tensor("conv5_1.weight", 3, 3, 512, 512)
	e := weightstest.Refused[*CutError](t, err)
	if e.Last != "conv1_1" || !strings.Contains(e.Hint(), "conv1_1") || !strings.Contains(e.Error(), "conv5_1") {
		t.Errorf("%v: %s", err, e.Hint())
	}
	// all VGG networks begin like this
	for _, network := range []string{"vgg11", "vgg16", "VGG-19"} {
		if net, err := p.Describe(Options{Network: network}); err != nil || net.Name == "" {
			t.Error(err)
		}
	}
	_, err = p.Describe(Options{Network: "googlenet"})
	weightstest.Refused[*MismatchError](t, err)
}

// TestUnused names tensors that have no layer, and none that do no harm.
func TestUnused(t *testing.T) {
	arrays := map[string][]float32{"vgg.0.weight": make([]float32, 64*27), "vgg.0.bias": make([]float32, 64)}
	shapes := map[string][]int{"vgg.0.weight": {64, 3, 3, 3}}
	n := namingOf(t, "vgg11", "torchvision")
	in := 3
	for k, l := range n.layers[:5] {
		name := "vgg." + strings.TrimPrefix(l.unit, "features.")
		out := sizesOf("vgg11")[l.layer].outputs
		arrays[name+".weight"], shapes[name+".weight"] = make([]float32, 9*in*out), []int{out, in, 3, 3}
		arrays[name+".bias"] = make([]float32, out)
		if in = out; k == 4 {
			break
		}
	}
	arrays["epoch"], arrays["optimizer.state.0.exp_avg"] = []float32{3}, make([]float32, 64)
	if got := strings.Join(archive(t, arrays, shapes).Warnings(Options{}), "\n"); strings.Contains(got, "unused") {
		t.Error(got)
	}
	arrays["extras.0.weight"], shapes["extras.0.weight"] = make([]float32, 32), []int{4, 8, 1, 1}
	arrays["loc.0.weight"], shapes["loc.0.weight"] = make([]float32, 32), []int{4, 8, 1, 1}
	got := strings.Join(archive(t, arrays, shapes).Warnings(Options{}), "\n")
	for _, want := range []string{"2 tensors", "extras.0.weight", "SSD"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
}

// TestOthers calls networks that package nn does not have by their names, and takes none for one that it has.
func TestOthers(t *testing.T) {
	for what, file := range map[string]map[string][]int{
		"a ResNet-18": {"conv1.weight": {64, 3, 7, 7}, "layer1.0.conv1.weight": {64, 64, 3, 3},
			"layer4.1.conv2.weight": {5, 5, 3, 3}},
		"a ResNet-50": {"conv1.weight": {64, 3, 7, 7}, "layer1.0.conv2.weight": {64, 64, 3, 3},
			"layer3.5.conv3.weight": {10, 25, 1, 1}},
		"a MobileNetV2": {"features.0.0.weight": {32, 3, 3, 3}, "features.1.conv.0.0.weight": {32, 1, 3, 3},
			"features.18.0.weight": {12, 32, 1, 1}},
		"an AlexNet": {"features.0.weight": {64, 3, 11, 11},
			"features.3.weight": {192, 64, 5, 5}, "features.10.weight": {6, 6, 3, 3}},
		"a NIN (Network in Network)": {"conv1.weight": {96, 3, 11, 11}, "cccp1.weight": {96, 96, 1, 1}},
		"a CNN-S or CNN-M of Chatfield et al.": {"conv1.weight": {96, 3, 7, 7}, "conv2.weight": {25, 96, 5, 5},
			"conv5.weight": {12, 12, 3, 3}},
		"an Xception": {"block1_conv1/kernel:0": {3, 3, 3, 32},
			"block2_sepconv1/pointwise_kernel:0": {1, 1, 64, 128}},
		"a vision transformer (ViT)": {"patch_embed.proj.weight": {192, 3, 16, 16},
			"blocks.0.attn.qkv.weight": {576, 192}},
		"an EfficientNet": {"conv_stem.weight": {32, 3, 3, 3}, "blocks.0.0.conv_dw.weight": {32, 1, 3, 3}},
		"a DenseNet-121": {"features.conv0.weight": {64, 3, 7, 7},
			"features.denseblock3.denselayer24.conv1.weight": {128, 992, 1, 1}},
		"CLIP": {"visual.conv1.weight": {32, 3, 3, 3}, "token_embedding.weight": {8, 512}},
		"Stable Diffusion's VAE": {"encoder.conv_in.weight": {128, 3, 3, 3},
			"post_quant_conv.weight": {4, 4, 1, 1}},
		"AdaIN's decoder": {"1.weight": {256, 512, 3, 3}, "28.weight": {3, 64, 3, 3}},
		"a feed-forward style network": {"conv1.conv2d.weight": {32, 3, 9, 9},
			"res1.conv1.conv2d.weight": {12, 12, 3, 3}, "deconv1.conv2d.weight": {64, 128, 3, 3}},
		"TF-slim's Inception v1": {"InceptionV1/Conv2d_1a_7x7/weights": {7, 7, 3, 64},
			"InceptionV1/Conv2d_2b_1x1/weights": {1, 1, 64, 64}},
		"a network with depthwise convolutions, such as a MobileNet or an EfficientNet": {"a/kernel": {3, 3, 3, 32},
			"b/kernel": {3, 3, 32, 1}, "c/kernel": {3, 3, 64, 1}, "d/kernel": {5, 5, 96, 1}, "e/kernel": {3, 3, 96, 1},
			"f/kernel": {3, 3, 160, 1}},
		flat: {"a/x": {10, 10}, "y": {5}},
		"": {"stem.weight": {48, 3, 5, 5}, "middle.weight": {48, 48, 3, 3}, "r1.weight": {24, 24, 1, 7},
			"r2.weight": {24, 24, 7, 1}, "r3.weight": {24, 24, 1, 7}, "r4.weight": {24, 24, 7, 1},
			"r5.weight": {24, 24, 1, 7}},
	} {
		arrays := map[string][]float32{}
		for name, shape := range file {
			arrays[name] = make([]float32, weights.Info{Shape: shape}.Len())
		}
		p := archive(t, arrays, file)
		if got := p.Other(); got != what {
			t.Errorf("%q, want %q", got, what)
		}
		_, err := p.Describe(Options{})
		if e := weightstest.Refused[*UnknownError](t, err); e.What != what || what != flat && what != "" &&
			!strings.Contains(e.Error(), fmt.Sprintf("this is %s, which oneiro does not have", what)) {
			t.Error(err)
		}
	}
}

// TestColourLayer takes AdaIN's convolution of colours for what it is, and refuses another one.
func TestColourLayer(t *testing.T) {
	n := namingOf(t, "vgg11", "AdaIN")
	arrays, shapes := map[string][]float32{}, map[string][]int{}
	for _, info := range listing(t, n, "", 0)[:10] {
		arrays[info.Name], shapes[info.Name] = make([]float32, info.Len()), info.Shape
	}
	shapes["0.weight"] = []int{3, 3, 1, 1}
	for _, right := range []bool{true, false} {
		arrays["0.weight"], arrays["0.bias"] = []float32{0, 0, 255, 0, 255, 0, 255, 0, 0}, []float32{-103.939, -116.779,
			-123.68}
		if !right {
			arrays["0.weight"][0] = 3
		}
		p := archive(t, arrays, shapes)
		net, err := p.Describe(Options{})
		if !right {
			if e := weightstest.Refused[*UnfoldedError](t, err); e.Tensors[0] != "0.weight" {
				t.Error(err)
			}
			continue
		}
		if err != nil || net.Name != "vgg11" || len(p.Warnings(Options{})) > 0 {
			t.Errorf("%v, %q", err, p.Warnings(Options{}))
		}
		if c, err := p.Colours(); c != (Colours{Preset: "caffe-bgr"}) || err != nil {
			t.Errorf("%+v, %v", c, err)
		}
	}
}

// TestLayouts reads filters in the order that their sizes say where the format suggests another one.
func TestLayouts(t *testing.T) {
	for _, shape := range [][]int{{64, 64, 3, 3}, {3, 3, 64, 64}, {64, 3, 3, 64}} {
		first := map[int][]int{64: {64, 3, 3, 3}, 3: {3, 3, 3, 64}}[shape[0]]
		w := weightstest.Every(64*64*9, 0, 1)
		p := archive(t, map[string][]float32{"conv1_1.weight": make([]float32, 64*27),
			"conv1_1.bias":   make([]float32, 64),
			"conv1_2.weight": w, "conv1_2.bias": make([]float32, 64)},
			map[string][]int{"conv1_1.weight": first, "conv1_2.weight": shape})
		got, err := p.Tensor("conv1_2.weight", 3, 3, 64, 64)
		if err != nil {
			t.Errorf("%v: %v", shape, err)
			continue
		}
		place := func(o, i, y, x int) int { // in the file
			at := map[string][4]int{"[64 64 3 3]": {o, i, y, x}, "[3 3 64 64]": {y, x, i, o},
				"[64 3 3 64]": {o, y, x, i}}[fmt.Sprint(shape)]
			return ((at[0]*shape[1]+at[1])*shape[2]+at[2])*shape[3] + at[3]
		}
		if have, want := got[((2*3+1)*64+5)*64+7], w[place(7, 5, 2, 1)]; have != want {
			t.Errorf("%v: %g, want %g", shape, have, want)
		}
	}
}
