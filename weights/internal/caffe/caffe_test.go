package caffe_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights"
	"oneiro/weights/internal/container"
	"oneiro/weights/internal/opentest"
	"oneiro/weights/internal/protobuf"
)

func TestCaffe(t *testing.T) {
	v2 := func(dtype string) []string {
		return []string{
			"conv1/7x7_s2.weight 4x3x2x5 OIHW " + dtype, "conv1/7x7_s2.bias 4 O " + dtype,
			"conv1/bn.weight 4 O " + dtype, "conv1/bn.bias 4 O " + dtype, "conv1/bn.2 1 O " + dtype,
			"conv1/scale.weight 4 O " + dtype, "conv1/scale.bias 4 O " + dtype,
			"loss3/classifier.weight 6x12 OI " + dtype, "loss3/classifier.bias 6 O " + dtype,
		}
	}
	for file, want := range map[string][]string{
		"v1.caffemodel": {
			"conv1_1.weight 4x3x2x5 OIHW float32", "conv1_1.bias 4 O float32", "one.weight 1x1x2x5 OIHW float32", "one.bias 1 O float32",
			"fc6.weight 6x12 OI float32", "fc6.bias 6 O float32", "fc7.weight 1x6 OI float32", "fc7.bias 1 O float32",
		},
		"v2.caffemodel":     v2("float32"),
		"double.caffemodel": v2("float64"),
	} {
		f := opentest.Open(t, filepath.Join("testdata", file))
		if got := opentest.Listing(f); !slices.Equal(got, want) {
			t.Errorf("%s: %q", file, got)
		}
		for _, i := range f.Tensors() {
			shape := opentest.Shape(i)
			want := weightstest.Counted(i.Shape[0], 1, 1, 1)
			switch len(shape) {
			case 2:
				want = weightstest.Counted(shape[1], shape[0], 1, 1)
			case 4:
				want = weightstest.Counted(shape[3], shape[2], shape[0], shape[1])
			}
			if got, err := f.Tensor(i.Name, shape...); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s, %s: %v, %v", file, i.Name, got, err)
			}
		}
	}
}

// caffeModel is a network with a layer of one blob.
func caffeModel(blob ...[]byte) []byte {
	return weightstest.Concat(weightstest.PB(1, "net"),
		weightstest.PB(100, weightstest.Concat(weightstest.PB(1, "a"), weightstest.PB(2, "InnerProduct"),
			weightstest.PB(7, weightstest.Concat(blob...)))))
}

func TestCaffeThatLies(t *testing.T) {
	six := weightstest.PB(5, weightstest.Float32s(weightstest.Vector(6)))
	shape := func(sizes ...uint64) []byte {
		return weightstest.PB(7, weightstest.PB(1, weightstest.Uvarints(sizes...)))
	}
	sound := caffeModel(shape(2, 3), six)
	blob := weightstest.Concat(shape(2, 3), six)
	for name, c := range map[string]struct {
		data []byte
		err  func(testing.TB, error)
	}{
		"sound": {sound, nil},
		"sound, one by one": {caffeModel(shape(2), weightstest.PB(5, float32(0)),
			weightstest.PB(5, float32(.125))), nil},
		"sound, sizes alone": {caffeModel(weightstest.PB(7,
			weightstest.Concat(weightstest.PB(1, 2), weightstest.PB(1, 3))), six), nil},
		"sound, numbers first": {caffeModel(six, shape(2, 3)), nil},
		"sound, no network":    {sound[5:], nil},
		"sound, name behind": {weightstest.PB(100,
			weightstest.Concat(weightstest.PB(7, blob), weightstest.PB(1, "a"))), nil},
		"cut":             {sound[:len(sound)-1], weightstest.Is[*weights.TruncatedError]},
		"too few numbers": {caffeModel(shape(7), six), weightstest.Is[*weights.FormatError]},
		"too many":        {caffeModel(shape(5), six), weightstest.Is[*weights.FormatError]},
		"no numbers":      {caffeModel(shape(6)), weightstest.Is[*weights.FormatError]},
		"no shape":        {caffeModel(six), weightstest.Is[*weights.FormatError]},
		"half a number": {caffeModel(shape(6),
			weightstest.PB(5, weightstest.Float32s(weightstest.Vector(6))[:23])), weightstest.Is[*weights.FormatError]},
		"a whole number": {caffeModel(shape(1), weightstest.PB(5, 1)),
			weightstest.Is[*weights.FormatError]},
		"a double for a float": {caffeModel(shape(1), weightstest.PB(5, 1.0)),
			weightstest.Is[*weights.FormatError]},
		"both types": {caffeModel(shape(6), six, weightstest.PB(8, 1.0)),
			weightstest.Is[*weights.FormatError]},
		"a product of 2^64": {caffeModel(shape(1<<32, 1<<32), six), weightstest.Is[*weights.FormatError]},
		"a product of 2^64+6": {caffeModel(shape(274177, 67280421310721), six),
			weightstest.Is[*weights.FormatError]},
		"a negative size": {caffeModel(shape(1<<64-6), six), weightstest.Is[*weights.FormatError]},
		"negative, old": {caffeModel(weightstest.PB(1, 1), weightstest.PB(2, 1), weightstest.PB(3, -1),
			weightstest.PB(4, -6), six), weightstest.Is[*weights.FormatError]},
		"a size of 0": {caffeModel(shape(0), six), weightstest.Is[*weights.FormatError]},
		"33 sizes": {caffeModel(shape(slices.Repeat([]uint64{1}, 33)...),
			weightstest.PB(5, float32(1))), weightstest.Is[*weights.FormatError]},
		"a size that is a text": {caffeModel(weightstest.PB(1, "1"), six),
			weightstest.Is[*weights.FormatError]},
		"a name twice": {weightstest.Concat(sound, sound[5:]), weightstest.Is[*weights.FormatError]},
		"no name": {weightstest.PB(100, weightstest.PB(7, blob)),
			weightstest.Is[*weights.FormatError]},
		"a long name": {weightstest.PB(100,
			weightstest.Concat(weightstest.PB(1, strings.Repeat("a", protobuf.MaxName+1)),
				weightstest.PB(7, blob))), weightstest.Is[*weights.FormatError]},
		"a name that is none": {weightstest.PB(100,
			weightstest.Concat(weightstest.PB(1, 1),
				weightstest.PB(7, blob))), weightstest.Is[*weights.FormatError]},
		"a blob that is none": {weightstest.PB(100,
			weightstest.Concat(weightstest.PB(1, "a"),
				weightstest.PB(7, 1))), weightstest.Is[*weights.FormatError]},
		"no layers": {weightstest.Concat(weightstest.PB(1, "net"),
			weightstest.PB(100, weightstest.PB(1, "a"))), weightstest.Is[*weights.UnsupportedError]},
		"half numbers": {caffeModel(shape(6), weightstest.PB(10, 2),
			weightstest.PB(12, make([]byte, 12))), weightstest.Is[*weights.UnsupportedError]},
		"layers of 2013": {weightstest.Concat(weightstest.PB(1, "net"),
			weightstest.PB(2, weightstest.PB(1,
				weightstest.Concat(weightstest.PB(1, "a"),
					weightstest.PB(50, blob))))), weightstest.Is[*weights.UnsupportedError]},
		"Caffe2": {weightstest.Concat(weightstest.PB(1, "net"),
			weightstest.PB(2, weightstest.Concat(weightstest.PB(2, "a"), weightstest.PB(4, "GivenTensorFill"),
				weightstest.PB(5, weightstest.PB(1, "shape"))))), weightstest.Is[*weights.UnsupportedError]},
	} {
		t.Run(name, func(t *testing.T) {
			if f := opentest.One(t, c.data, c.err); f != nil && f.Tensors()[0].Name != "a.weight" {
				t.Errorf("%+v", f.Tensors()[0])
			}
		})
	}
	// cut anywhere, it is refused or has fewer layers
	whole, err := os.ReadFile("testdata/v1.caffemodel")
	if err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		f, err := opentest.Bytes(whole[:n])
		if err != nil {
			weightstest.WellFormed(t, err)
		} else if len(f.Tensors()) == 8 && n < 1100 {
			t.Errorf("cut after %d bytes, all is there", n)
		}
	}
}

// A file that is mostly directory must not cost much more than its own size.
func TestCaffeOfManyLayers(t *testing.T) {
	layer := weightstest.PB(100, weightstest.Concat(weightstest.PB(1, "a"),
		weightstest.PB(7, weightstest.Concat(weightstest.PB(7, weightstest.PB(1, 1)),
			weightstest.PB(5, float32(1))))))
	_, err := opentest.Bytes(bytes.Repeat(layer, container.MaxTensors+1))
	weightstest.Refused[*weights.FormatError](t, err)
}

func FuzzCaffe(f *testing.F) {
	opentest.Fixtures(f, "v1.caffemodel", "v2.caffemodel", "double.caffemodel")
	f.Add(normalised())
	f.Add(caffeModel(weightstest.PB(7, weightstest.PB(1, 2)), weightstest.PB(5, float32(0)),
		weightstest.PB(5, float32(.125))))
	f.Fuzz(func(t *testing.T, data []byte) {
		opentest.Try(t, "fuzz", data, 0)
	})
}
