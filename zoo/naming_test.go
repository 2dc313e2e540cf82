package zoo

import (
	"archive/zip"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights"
)

// open opens a file of weights until the end of the test.
func open(t testing.TB, path string) *Params {
	t.Helper()
	p, err := OpenParams(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// archive writes float32 arrays as an .npz.
func archive(t *testing.T, arrays map[string][]float32, shapes map[string][]int) *Params {
	t.Helper()
	var members []weightstest.Member
	for name, v := range arrays {
		shape := shapes[name]
		if shape == nil {
			shape = []int{len(v)}
		}
		members = append(members, weightstest.File(name+".npy", weightstest.NPY(shape, v...)))
	}
	return open(t, weightstest.Write(t, filepath.Join(t.TempDir(), "a.npz"),
		weightstest.Zipped(zip.Store, members...)))
}

// listing is what a file says of the tensors of a naming under a prefix, all of them with the sizes of package
// nn's layers, in PyTorch's order.
func listing(t testing.TB, n *naming, prefix string, classes int) []weights.Info {
	t.Helper()
	var all []weights.Info
	put := func(name string, shape ...int) {
		layout := map[int]weights.Layout{1: weights.O, 2: weights.OI, 4: weights.OIHW}[len(shape)]
		all = append(all, weights.Info{Name: prefix + name, Shape: shape, Layout: layout, Float: true,
			DType: "float32"})
	}
	for _, l := range n.layers {
		size := sizesOf(n.network)[l.layer]
		out, shape := size.outputs, size.shape
		if l.background {
			out++
		}
		if size.last && classes > 0 {
			out = classes
		}
		if shape = []int{out, shape[len(shape)-2], shape[0], shape[1]}; len(size.shape) == 2 {
			shape = []int{out, size.shape[0]}
		}
		if l.apart != nil {
			put(l.unit, shape...)
			for _, name := range l.apart {
				put(name, out)
			}
			continue
		}
		put(l.unit+".weight", shape...)
		if l.norm == "" {
			put(l.unit+".bias", out)
			continue
		}
		put(l.norm+".bias", out)
		put(l.norm+".running_mean", out)
		put(l.norm+".running_var", out)
	}
	return all
}

// TestNamings lists the tensors of every naming that there is, under several prefixes, and wants it to be
// recognised, every layer where it is.
func TestNamings(t *testing.T) {
	for i := range namings() {
		want := &namings()[i]
		for _, prefix := range []string{"", "model.", "module._orig_mod.state_dict.encoder.", "net/"} {
			stated := ""
			if want.stated {
				stated = want.network
			}
			got, copies := recognise(stated, indexOf(listing(t, want, prefix, 0)))
			if got == nil || got.network != want.network || len(copies) > 0 {
				t.Errorf("%s as %s calls it under %q was taken for another", want.network, want.by, prefix)
				continue
			}
			for _, l := range want.layers {
				from, ok := got.layer(l.layer)
				name := prefix + l.unit + ".weight"
				if l.apart != nil {
					name = prefix + l.unit
				}
				if !ok || from.Weight != name {
					t.Errorf("%s as %s calls it: %s is read from %q", want.network, want.by, l.layer, from.Weight)
				}
			}
		}
	}
	if got, _ := recognise("", indexOf(nil)); got != nil {
		t.Errorf("an empty file was taken for %s", got.network)
	}
}

// TestOtherSizes changes the size of a layer somewhere, which makes the file another network's.
func TestOtherSizes(t *testing.T) {
	for i := range namings() {
		n := &namings()[i]
		if n.stated {
			continue
		}
		file := listing(t, n, "", 0)
		for _, k := range []int{0, len(file) / 3} {
			other := slices.Clone(file)
			for len(other[k].Shape) < 2 {
				k++
			}
			other[k].Shape = slices.Clone(other[k].Shape)
			other[k].Shape[0] += 3
			if got, _ := recognise("", indexOf(other)); got != nil && got.network == n.network && got.by == n.by {
				t.Errorf("%s as %s calls it was recognised with another size of %s", n.network, n.by, other[k].Name)
			}
		}
	}
}

// TestInOrder gives tensors names that mean nothing.
func TestInOrder(t *testing.T) {
	for _, network := range []string{"vgg11", "vgg13", "vgg16", "vgg19", "squeezenet1.0", "squeezenet1.1", "googlenet",
		"inception5h"} {
		for i := range namings() {
			n := &namings()[i]
			if n.network != network || n.layers[0].norm != "" {
				continue
			}
			file := listing(t, n, "", 0)
			for k := range file {
				file[k].Name = fmt.Sprintf("arr_%d", k)
			}
			x := indexOf(file)
			if m, _ := recognise("", x); m != nil {
				t.Fatalf("%s was recognised by names that mean nothing", network)
			}
			m := inOrder(x, nil, file)
			if m == nil || m.network != network || m.layers[1].from.Weight != "arr_2" ||
				m.layers[1].from.Bias != "arr_3" {
				t.Errorf("%s was not recognised", network)
			}
			if m := inOrder(indexOf(file[2:]), nil, file[2:]); m != nil {
				t.Errorf("without its first layer it was taken for %s", m.network)
			}
			odd := append(slices.Clone(file), weights.Info{Name: "arr_999", Shape: []int{7}, Float: true})
			if m := inOrder(indexOf(odd), nil, odd); m != nil {
				t.Errorf("with one tensor more it was taken for %s", m.network)
			}
			break
		}
	}
}

// TestInOrderWithNorms numbers all tensors of a VGG with batch normalisation.
func TestInOrderWithNorms(t *testing.T) {
	for _, parts := range []int{3, 4, 5} { // after a weight
		var file []weights.Info
		put := func(shape ...int) {
			file = append(file, weights.Info{Name: fmt.Sprintf("variables/%d%s", len(file), tfValue),
				Shape: shape, Float: true})
		}
		for _, l := range namingOf(t, "vgg13", "torchvision").layers[:10] {
			size := sizesOf("vgg13")[l.layer]
			put(size.shape...)
			for range parts {
				put(size.outputs)
			}
		}
		slices.SortFunc(file, func(a, b weights.Info) int { return strings.Compare(a.Name, b.Name) })
		m := inOrder(indexOf(file), nil, file)
		if m == nil || m.network != "vgg13" {
			t.Errorf("%d tensors after a weight: not recognised", parts)
			continue
		}
		m.fold(indexOf(file), nil)
		name := func(n int) string { return fmt.Sprintf("variables/%d%s", 2*(parts+1)+n, tfValue) }
		want := weights.Layer{Weight: name(0), Norm: weights.Norm{Shift: name(parts - 2), Mean: name(parts - 1),
			Variance: name(parts), Epsilon: 1e-3}}
		if parts > 3 {
			want.Norm.Scale = name(parts - 3)
		}
		if parts == 5 {
			want.Bias = name(1)
		}
		if got := m.layers[2].from; got != want {
			t.Errorf("%d tensors after a weight: %+v, want %+v", parts, got, want)
		}
	}
}

// TestInGraph gives the layers of a graph, whose names mean nothing, with others before them.
func TestInGraph(t *testing.T) {
	file := listing(t, namingOf(t, "vgg16", "torchvision"), "", 0)
	layers := []weights.Layer{}
	for k := 0; k < len(file); k += 2 {
		file[k].Name, file[k+1].Name = fmt.Sprintf("onnx::Conv_%d", 90-k), fmt.Sprintf("onnx::Conv_%d", 91-k)
		layers = append(layers, weights.Layer{Weight: file[k].Name, Bias: file[k+1].Name})
	}
	for _, c := range []struct {
		before       []int // the shape of a layer before the first
		last         int   // layers of the graph
		want, colour string
	}{
		{nil, 16, "vgg16", ""}, {nil, 13, "vgg16", ""}, {nil, 10, "vgg16", ""}, {nil, 3, "", ""},
		{[]int{3, 3, 1, 1}, 16, "vgg16", "before"}, {[]int{3, 3, 5, 5}, 16, "vgg16", ""}, {[]int{7, 3, 5, 5},
			3, "", ""},
	} {
		all, graph := file, layers[:c.last]
		if c.before != nil {
			all = append(slices.Clone(file), weights.Info{Name: "before", Shape: c.before, Float: true})
			graph = append([]weights.Layer{{Weight: "before"}}, graph...)
		}
		m := inOrder(indexOf(all), graph, all)
		switch {
		case c.want == "" && m != nil:
			t.Errorf("%d layers were taken for %s", c.last, m.network)
		case c.want != "" && (m == nil || m.network != c.want || m.layers[0].from != layers[0] ||
			m.colours.Weight != c.colour):
			t.Errorf("%d layers after %v were not taken for %s", c.last, c.before, c.want)
		}
	}
	file[4].Shape[0]++
	if m := inOrder(indexOf(file), layers, file); m != nil {
		t.Errorf("another network was taken for %s", m.network)
	}
}

// TestNames takes names of tensors apart as frameworks and wrappers make them.
func TestNames(t *testing.T) {
	for name, want := range map[string]struct {
		layer string
		role  role
	}{
		"features.0.weight":                                        {"features.0", weight},
		"features.module.0.bias":                                   {"features.0", bias},
		"module._orig_mod.conv1_1.weight":                          {"conv1.1", weight},
		"conv1_1_W":                                                {"conv1.1", weight},
		"conv1/7x7_s2_w_0":                                         {"conv1.7x7.s2", weight},
		"conv1_7x7_s2.weight":                                      {"conv1.7x7.s2", weight},
		"block1_conv1/block1_conv1/kernel:0":                       {"block1.conv1", weight},
		"block1_conv1/block1_conv1_b_1:0":                          {"block1.conv1", bias},
		"vgg_16/conv1/conv1_1/weights":                             {"vgg.16.conv1.1", weight},
		"vgg_16/conv1/conv1_1/BatchNorm/beta":                      {"vgg.16.conv1.1.batchnorm", shift},
		"conv/conv2d_params":                                       {"conv", weight},
		"mixed/tower/conv_1/batchnorm/moving_variance":             {"mixed.tower.conv.1.batchnorm", variance},
		"layer_with_weights-3/kernel" + tfValue:                    {"layer.with.weights.3", weight},
		"layer_with_weights-0/layer_with_weights-0/bias" + tfValue: {"layer.with.weights.0.layer.with.weights.0", bias},
		"mixed3a_1x1_pre_relu_conv.weight":                         {"mixed3a.1x1", weight},
		"vgg0_batchnorm3_running_mean":                             {"vgg0.batchnorm3", mean},
		"net.slice2.5.weight":                                      {"net.5", weight},
		"features.0.weight_g":                                      {"features.0", magnitude},
		"features.0.weight_orig":                                   {"features.0", original},
		"features.0.parametrizations.weight.original1":             {"features.0", direction},
		"features.0.parametrizations.weight.0._u":                  {"features.0", left},
		"conv1_1/weights/ExponentialMovingAverage":                 {"ema.conv1.1", weight},
		"onnx::Conv_123":                                           {"onnx.conv.123", single},
		"arr_0":                                                    {"arr.0", single},
	} {
		if layer, r, _ := split(name); layer != want.layer || r != want.role {
			t.Errorf("%s is %d of %q, want %d of %q", name, r, layer, want.role, want.layer)
		}
	}
	for _, name := range []string{"optimizer.state.0.exp_avg", "optimizer_states.0.state.1.momentum_buffer",
		"conv1_1/weights/Adam_1", "conv1_1/weights/Momentum", "optim.state.2.step"} {
		if !isBeside(name) {
			t.Errorf("%s is taken for a part of a network", name)
		}
	}
	for _, name := range []string{"features.0.weight", "optical.0.weight", "conv1_1_W"} {
		if isBeside(name) {
			t.Errorf("%s is taken for a part of an optimiser", name)
		}
	}
}

// TestCopies takes the moving average where a file has two copies of a network, and the first one else.
func TestCopies(t *testing.T) {
	n := namingOf(t, "squeezenet1.1", "torchvision")
	for _, c := range []struct{ a, b, want string }{
		{"model.", "model_ema.module.", "model_ema.module."}, {"net_a.", "net_b.", "net_a."},
		{"student.", "teacher.", "student."},
	} {
		file := append(listing(t, n, c.a, 0), listing(t, n, c.b, 0)...)
		got, copies := recognise("", indexOf(file))
		if got == nil || got.layers[0].from.Weight != c.want+"features.0.weight" || len(copies) != 1 {
			t.Errorf("%s, %s: %d copies", c.a, c.b, len(copies))
		}
	}
}

// namingOf finds a naming.
func namingOf(t testing.TB, network, by string) *naming {
	t.Helper()
	for i := range namings() {
		if n := &namings()[i]; n.network == network && n.by == by {
			return n
		}
	}
	t.Fatalf("nobody called %s names %s", by, network)
	return nil
}

// TestSequentialNumbers compares with the numbers that torchvision's modules have.
func TestSequentialNumbers(t *testing.T) {
	for _, c := range []struct{ network, by, layer, want string }{
		{"vgg16", "torchvision", "conv5_3", "features.28"},
		{"vgg16", "torchvision", "conv5_3", "features.40"}, // with batch normalisation
		{"vgg19", "torchvision", "conv5_4", "features.34"},
		{"vgg19", "torchvision", "conv4_1", "features.19"},
		{"vgg11", "torchvision", "conv5_2", "features.18"},
		{"vgg19", "AdaIN", "conv4_1", "29"},
		{"vgg19", "AdaIN", "conv4_1", "enc.4.11"},
		{"vgg16", "TF-slim", "conv3_2", "vgg.16.conv3.2"},
		{"vgg16", "Keras 3", "fc7", "fc2"},
	} {
		found := false
		for _, n := range namings() {
			if n.network == c.network && n.by == c.by {
				found = found || slices.ContainsFunc(n.layers, func(l namedLayer) bool {
					return l.layer == c.layer && l.unit == c.want
				})
			}
		}
		if !found {
			t.Errorf("%s: %s does not call %s %s", c.network, c.by, c.layer, c.want)
		}
	}
}

// TestHWIO checks that a NumPy archive, which cannot say how filters lie, is not taken for PyTorch's order.
func TestHWIO(t *testing.T) {
	values := weightstest.Every(64*27, -1, 0.01)
	f := archive(t, map[string][]float32{"conv1_1_W": values, "conv1_1_b": weightstest.Every(64, 0, 1)},
		map[string][]int{"conv1_1_W": {3, 3, 3, 64}})
	if got, err := f.Tensor("conv1_1.weight", 3, 3, 3, 64); err != nil || !slices.Equal(got, values) {
		t.Errorf("the order changed, or %v", err)
	}
}

// TestSources lists the tensors that a parameter is made of.
func TestSources(t *testing.T) {
	l := newFirstLayer()
	f := archive(t, map[string][]float32{
		"features.0.weight": l.w, "features.0.bias": l.b, "features.1.weight": l.scale, "features.1.bias": l.shift,
		"features.1.running_mean": l.mean, "features.1.running_var": l.variance,
	}, map[string][]int{"features.0.weight": {64, 3, 3, 3}})
	if sources := f.Sources("conv1_1.bias"); !slices.Contains(sources, "features.1.running_mean") ||
		slices.Contains(sources, "features.0.weight") || !f.Has("conv1_1.bias") || f.Has("conv1_2.bias") {
		t.Errorf("sources %v", sources)
	}
}

// known puts a fingerprint into filters of 3x3 in the order O, I, H, W, with its colour in that channel.
func known(f fingerprint, w []float32, channel int) {
	for i, v := range f.filter {
		w[channel*9+i] = float32(v)
	}
	w[9] = float32(f.green)
}

// TestPreset gives files the numbers that are known of networks, in either order of colours, scaled, rounded
// and trained further, under names that say something else.
func TestPreset(t *testing.T) {
	bfloat := func(v float32) float32 { return math.Float32frombits(math.Float32bits(v) &^ 0xffff) }
	seed := uint32(1)
	tuned := func(v float32) float32 {
		seed = seed*1664525 + 1013904223
		return v * (1 + 0.02*(float32(seed>>8)/(1<<24)-0.5))
	}
	third := func(v float32) float32 { return 0.37 * v }
	for _, c := range []struct {
		names   string // of weight and bias
		by      int    // whose numbers, or -1
		channel int
		change  func(float32) float32
		want    string
		guessed bool
		reason  string
	}{
		{"features.0", 0, 0, nil, "caffe-bgr", false, "jcjohnson's files for PyTorch"},
		{"features.0", 1, 0, nil, "caffe-bgr", false, "jcjohnson's VGG-19"},
		{"features.0", 0, 2, nil, "caffe-rgb", false, "amdegroot's"},
		{"features.0", 0, 0, third, "caffe-bgr", false, "Gatys' normalised ones"},
		{"features.0", 0, 0, bfloat, "caffe-bgr", false, "bfloat16"},
		{"features.0", 1, 2, tuned, "caffe-rgb", false, "fine-tuned by 1 %"},
		{"conv1_1", 2, 0, nil, "torchvision", false, "torchvision's under Caffe's names"},
		{"features.0", 3, 0, bfloat, "torchvision", false, "torchvision's VGG-19"},
		{"features.0", -1, 0, nil, "torchvision", true, "unknown ones"},
		{"conv1_1", -1, 0, nil, "caffe-bgr", true, "unknown ones named as in Caffe"},
		{"conv1_1", 0, 2, nil, "caffe-rgb", false, "MatConvNet's"},
	} {
		w, b := make([]float32, 64*27), weightstest.Every(64, 0.1, 0.01)
		for i := range w {
			w[i] = float32(math.Sin(float64(3*i + 1)))
		}
		if c.by >= 0 {
			known(fingerprints[c.by], w, c.channel)
		}
		for i := range w {
			if c.change != nil {
				w[i] = c.change(w[i])
			}
		}
		arrays := map[string][]float32{c.names + ".weight": w, c.names + ".bias": b}
		f := archive(t, arrays, map[string][]int{c.names + ".weight": {64, 3, 3, 3}})
		if got, err := f.Colours(); got != (Colours{c.want, c.guessed}) || err != nil {
			t.Errorf("%s: %+v, %v, want %q", c.reason, got, err, c.want)
		}
		guess := "colours: guessed " + c.want + "; --preset overrides"
		if got := f.Warnings(Options{}); slices.Contains(got, guess) != c.guessed {
			t.Errorf("%s: %q", c.reason, got)
		}
	}
}

// TestMeans finds the means of colours among the tensors of a network that normalises pictures itself.
func TestMeans(t *testing.T) {
	for want, v := range map[string][]float32{"torchvision": {0.485, 0.456, 0.406},
		"caffe-bgr": {103.939, 116.779, 123.68}, "caffe-rgb": {123.68, 116.779, 103.939}} {
		f := archive(t, map[string][]float32{"vgg.conv1_1.weight": make([]float32, 64*27),
			"vgg.conv1_1.bias": make([]float32, 64), "normalise.mean": v},
			map[string][]int{"vgg.conv1_1.weight": {64, 3, 3, 3}, "normalise.mean": {1, 3, 1, 1}})
		if got, err := f.Colours(); got != (Colours{Preset: want}) || err != nil || len(f.Warnings(Options{})) > 0 {
			t.Errorf("%v: %+v, %v, %q", v, got, err, f.Warnings(Options{}))
		}
	}
}

// TestInceptionOrder compares with the list of layers in which Keras has Inception v3
// (weights/internal/hdf5/testdata/make_keras.py).
func TestInceptionOrder(t *testing.T) {
	text, err := os.ReadFile("testdata/keras_inceptionv3.txt")
	if err != nil {
		t.Fatal(err)
	}
	places := map[string]int{}
	for i, layer := range strings.Fields(string(text)) {
		places[layer] = i
	}
	n := orderedInception(kerasWays[1])
	for i, l := range n.layers[:len(n.layers)-1] {
		conv, norm := places[kerasName("conv2d", i)], places[kerasName("batch_normalization", i)]
		if want := fmt.Sprintf("layer.with.weights.%d", conv); l.unit != want {
			t.Errorf("%s is %s, want %s", l.layer, l.unit, want)
		}
		if want := fmt.Sprintf("layer.with.weights.%d", norm); l.norm != want {
			t.Errorf("%s has %s, want %s", l.layer, l.norm, want)
		}
	}
	if head := n.layers[len(n.layers)-1].unit; head != fmt.Sprintf("layer.with.weights.%d", places["predictions"]) {
		t.Errorf("the classifier is %s", head)
	}
}

// TestFID tells the graph of 2015 under torchvision's names from torchvision's network.
func TestFID(t *testing.T) {
	for classes, want := range map[int]string{1008: "inceptionv3", 1000: "inceptionv3-tv", 10: "inceptionv3-tv",
		0: "inceptionv3-tv"} {
		file := listing(t, namingOf(t, "inceptionv3", "pytorch-fid"), "", classes)
		if classes == 0 {
			file = file[:len(file)-2]
		}
		if got, _ := recognise("", indexOf(file)); got == nil || got.network != want || got.classes != classes {
			t.Errorf("%d classes are not taken for %s", classes, want)
		}
	}
}

// TestBackground leaves out the class before ImageNet's that TF-slim has, and nothing where there is none.
func TestBackground(t *testing.T) {
	const head = "InceptionV3/Logits/Conv2d_1c_1x1/"
	for first := range 2 {
		outputs := 1000 + first
		w := weightstest.Every(2048*outputs, 0, 1)
		f := archive(t, map[string][]float32{
			"InceptionV3/Conv2d_1a_3x3/weights":                   make([]float32, 32*27),
			"InceptionV3/Conv2d_1a_3x3/BatchNorm/beta":            make([]float32, 32),
			"InceptionV3/Conv2d_1a_3x3/BatchNorm/moving_mean":     make([]float32, 32),
			"InceptionV3/Conv2d_1a_3x3/BatchNorm/moving_variance": make([]float32, 32),
			head + "weights": w, head + "biases": weightstest.Every(outputs, 0, 1),
		}, map[string][]int{"InceptionV3/Conv2d_1a_3x3/weights": {3, 3, 3, 32}, head +
			"weights": {1, 1, 2048, outputs}})
		net, err := f.Describe(Options{})
		if err != nil || net.Classes != 1000 {
			t.Fatalf("%d outputs: %+v, %v", outputs, net, err)
		}
		weight, err := f.Tensor("softmax.weight", 2048, 1000)
		if err != nil {
			t.Fatal(err)
		}
		bias, err := f.Tensor("softmax.bias", 1000)
		if err != nil {
			t.Fatal(err)
		}
		if weight[0] != float32(first) || weight[1000] != w[outputs+first] || bias[999] != float32(outputs-1) {
			t.Errorf("%d outputs: %v, %v", outputs, weight[:3], bias[:3])
		}
	}
}
