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

// TestNamings writes the tensors of every naming that there is, and wants it to be recognised.
func TestNamings(t *testing.T) {
	for _, want := range namings() {
		has := tensors{}
		for _, l := range want.layers {
			for _, name := range l.from.Tensors() {
				has[name] = weights.Info{Shape: []int{1}}
			}
			has[l.from.Weight].Shape[0] = int(max(l.numbers, 1))
		}
		stated := ""
		if want.stated {
			stated = want.network
		}
		got := recognise(stated, has)
		if got == nil || got.network != want.network || !slices.Equal(got.layers, want.layers) {
			t.Errorf("%s as %s calls it was taken for another", want.network, want.by)
		}
	}
	if got := recognise("", nil); got != nil {
		t.Errorf("an empty file was taken for %s", got.network)
	}
}

// TestInOrder gives the tensors of VGG networks names that mean nothing.
func TestInOrder(t *testing.T) {
	for _, v := range vggs {
		var all []weights.Info
		for i, n := range vggCounts(v.convs) {
			all = append(all,
				weights.Info{Name: fmt.Sprintf("w%d", i), Shape: []int{int(n) / 9, 1, 3, 3}, Float: true},
				weights.Info{Name: fmt.Sprintf("b%d", i), Shape: []int{1}, Float: true})
		}
		n := inOrder(all)
		if n == nil || n.network != v.network ||
			n.layers[1].from != (weights.Layer{Weight: "w1", Bias: "b1"}) {
			t.Errorf("%s: %+v", v.network, n)
		}
		if n := inOrder(all[2:]); n != nil {
			t.Errorf("without its first layer it was taken for %s", n.network)
		}
	}
}

// TestSequentialNumbers compares with the numbers that torchvision's modules have.
func TestSequentialNumbers(t *testing.T) {
	for _, c := range []struct{ network, by, layer, want string }{
		{"vgg16", "torchvision", "conv5_3", "features.28.weight"},
		{"vgg19", "torchvision", "conv5_4", "features.34.weight"},
		{"vgg19", "torchvision", "conv4_1", "features.19.weight"},
		{"vgg11", "torchvision", "conv5_2", "features.18.weight"},
		{"vgg19", "AdaIN", "conv4_1", "29.weight"},
		{"vgg16", "TF-slim", "conv3_2", "vgg_16/conv3/conv3_2/weights"},
		{"vgg16", "Keras", "fc7", "fc2/fc2/kernel:0"},
		{"vgg19", "Keras 1", "conv1_2", "block1_conv2/block1_conv2_W_1:0"},
	} {
		found := false
		for _, n := range namings() {
			if n.network == c.network && n.by == c.by {
				o, ok := n.layer(c.layer)
				found = found || ok && o.Weight == c.want
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

func TestBatchNormIsFolded(t *testing.T) {
	w, b := weightstest.Every(64*27, -1, 0.01), weightstest.Every(64, 2, 0.5)
	scale, shift, mean, variance := weightstest.Every(64, 0.5, 0.25),
		weightstest.Every(64, -3, 0.125), weightstest.Every(64, 1, 0.0625), weightstest.Every(64, 0.01, 0.3)
	f := archive(t, map[string][]float32{
		"features.0.weight": w, "features.0.bias": b, "features.1.weight": scale, "features.1.bias": shift,
		"features.1.running_mean": mean, "features.1.running_var": variance,
	}, map[string][]int{"features.0.weight": {64, 3, 3, 3}})
	got, err := f.Tensor("conv1_1.weight", 3, 3, 3, 64)
	if err != nil {
		t.Fatal(err)
	}
	bias, err := f.Tensor("conv1_1.bias", 64)
	if err != nil {
		t.Fatal(err)
	}
	for o := range 64 {
		s := float64(scale[o]) / math.Sqrt(float64(variance[o])+1e-5)
		for tap := range 27 { // i, y, x in the file; y, x, i in the engine
			i, y, x := tap/9, tap/3%3, tap%3
			want := float32(float64(w[o*27+tap]) * s)
			if v := got[((y*3+x)*3+i)*64+o]; v != want {
				t.Fatalf("weight %d of filter %d is %g, want %g", tap, o, v, want)
			}
		}
		if want := float32((float64(b[o])-float64(mean[o]))*s + float64(shift[o])); bias[o] != want {
			t.Errorf("bias %d is %g, want %g", o, bias[o], want)
		}
	}
	if sources := f.Sources("conv1_1.bias"); !slices.Contains(sources, "features.1.running_mean") ||
		!f.Has("conv1_1.bias") || f.Has("conv1_2.bias") {
		t.Errorf("sources %v", sources)
	}
}

// TestPreset gives files the numbers that are known of Oxford's VGG networks, in either order of colours,
// scaled as Gatys et al. did or not, under names that say something else.
func TestPreset(t *testing.T) {
	for _, c := range []struct {
		names        string // of weight and bias
		bgr, known   bool
		scale        float32
		want, reason string
	}{
		{"features.0", true, true, 1, "caffe-bgr", "jcjohnson's files for PyTorch"},
		{"features.0", false, true, 1, "caffe-rgb", "amdegroot's"},
		{"features.0", true, true, 0.37, "caffe-bgr", "Gatys' normalised ones"},
		{"features.0", true, false, 1, "torchvision", "torchvision's own"},
		{"conv1_1", true, false, 1, "caffe-bgr", "unknown ones named as in Caffe"},
		{"conv1_1", false, true, 1, "caffe-rgb", "MatConvNet's"},
	} {
		p := fingerprints[0]
		w, b := make([]float32, 64*27), weightstest.Every(64, 0.1, 0.01)
		if c.known {
			b[0] = float32(p.bias)
			blue := map[bool]int{true: 0, false: 2}[c.bgr]
			w[blue*9], w[blue*9+1], w[9] = float32(p.corner), float32(p.right), float32(p.green)
		}
		for i := range 27 {
			w[i] *= c.scale
		}
		b[0] *= c.scale
		arrays := map[string][]float32{c.names + ".weight": w, c.names + ".bias": b}
		f := archive(t, arrays, map[string][]int{c.names + ".weight": {64, 3, 3, 3}})
		f.naming = vgg16Naming(f.naming.by) // one layer would do for others too
		if got, err := f.Preset(); got != c.want || err != nil {
			t.Errorf("%s: %q, %v, want %q", c.reason, got, err, c.want)
		}
	}
}

func vgg16Naming(by string) *naming {
	all := namings()
	for i := range all {
		if all[i].network == "vgg16" && all[i].by == by {
			return &all[i]
		}
	}
	return nil
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
	n := orderedInception(kerasWays[2])
	for i, l := range n.layers[:len(n.layers)-1] {
		conv, norm := places[kerasName("conv2d", i)], places[kerasName("batch_normalization", i)]
		if want := fmt.Sprintf("layer_with_weights-%d/kernel%s", conv, tfValue); l.from.Weight != want {
			t.Errorf("%s is %s, want %s", l.layer, l.from.Weight, want)
		}
		if want := fmt.Sprintf("layer_with_weights-%d/moving_variance%s", norm,
			tfValue); l.from.Norm.Variance != want {
			t.Errorf("%s has %s, want %s", l.layer, l.from.Norm.Variance, want)
		}
	}
	if head := n.layers[len(n.layers)-1].from.Bias; head != fmt.Sprintf("layer_with_weights-%d/bias%s",
		places["predictions"], tfValue) {
		t.Errorf("the classifier has %s", head)
	}
}

// TestOrderedNamings gives tensors the names by which Keras numbers layers, with the sizes of other networks.
func TestOrderedNamings(t *testing.T) {
	n := orderedVGG(kerasWays[2], "vgg16", [5]int{2, 2, 3, 3, 3})
	has := tensors{}
	for _, l := range n.layers {
		for _, name := range l.from.Tensors() {
			has[name] = weights.Info{Shape: []int{1}}
		}
		has[l.from.Weight].Shape[0] = int(max(l.numbers, 1))
	}
	if got := recognise("", has); got == nil || got.network != "vgg16" {
		t.Errorf("a VGG-16 was taken for %+v", got)
	}
	has[n.layers[7].from.Weight].Shape[0]++
	if got := recognise("", has); got != nil {
		t.Errorf("another network was taken for %s", got.network)
	}
}

// TestFID tells the graph of 2015 under torchvision's names from torchvision's network.
func TestFID(t *testing.T) {
	for classes, want := range map[int]string{1008: "inceptionv3", 1000: "inceptionv3-tv",
		10: "inceptionv3-tv", 0: "inceptionv3-tv"} {
		has := tensors{}
		for _, n := range namings() {
			if n.by != "pytorch-fid" {
				continue
			}
			for _, l := range n.layers {
				for _, name := range l.from.Tensors() {
					has[name] = weights.Info{Shape: []int{1}}
				}
			}
		}
		has["fc.weight"] = weights.Info{Shape: []int{classes, 2048}}
		if classes == 0 {
			delete(has, "fc.weight")
		}
		if got := recognise("", has); got == nil || got.network != want {
			t.Errorf("%d classes: %+v", classes, got)
		}
	}
}

// TestBackground leaves out the class before ImageNet's that TF-slim has, and nothing where there is none.
func TestBackground(t *testing.T) {
	const head = "InceptionV3/Logits/Conv2d_1c_1x1/"
	for first := range 2 {
		outputs := 3 + first
		f := archive(t, map[string][]float32{
			"InceptionV3/Conv2d_1a_3x3/weights": {1}, "InceptionV3/Conv2d_1a_3x3/BatchNorm/beta": {1},
			"InceptionV3/Conv2d_1a_3x3/BatchNorm/moving_mean": {1}, "InceptionV3/Conv2d_1a_3x3/BatchNorm/moving_variance": {1},
			head + "weights": weightstest.Every(2*outputs, 0, 1), head +
				"biases": weightstest.Every(outputs, 0, 1),
		}, map[string][]int{head + "weights": {2, outputs}})
		f.AssumeChannelsLast()
		weight, err := f.Tensor("softmax.weight", 2, 3)
		if err != nil {
			t.Fatal(err)
		}
		bias, err := f.Tensor("softmax.bias", 3)
		if err != nil {
			t.Fatal(err)
		}
		want := [][]float32{{0, 1, 2, 3, 4, 5}, {1, 2, 3, 5, 6, 7}}[first]
		if !slices.Equal(weight, want) || !slices.Equal(bias, want[:3]) {
			t.Errorf("%d outputs: %v, %v", outputs, weight, bias)
		}
		_, err = f.Tensor("softmax.bias", 5)
		weightstest.Refused[*weights.ShapeError](t, err)
	}
}
