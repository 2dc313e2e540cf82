package weights

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
)

// listing says of each tensor of f its shape, layout and type.
func listing(f *File) []string {
	var all []string
	for _, i := range f.Tensors() {
		all = append(all, strings.Join([]string{i.Name, by(i.Shape), string(i.Layout), i.DType}, " "))
	}
	return all
}

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
		f := open(t, filepath.Join("testdata", file))
		if got := listing(f); !slices.Equal(got, want) {
			t.Errorf("%s: %q", file, got)
		}
		for _, i := range f.Tensors() {
			shape := engineOrder(i.Shape, i.Layout)
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
	return concat(pb(1, "net"), pb(100, concat(pb(1, "a"), pb(2, "InnerProduct"), pb(7, concat(blob...)))))
}

func TestCaffeThatLies(t *testing.T) {
	six := pb(5, weightstest.Float32s(plain(6)))
	shape := func(sizes ...uint64) []byte { return pb(7, pb(1, uvarints(sizes...))) }
	sound := caffeModel(shape(2, 3), six)
	blob := concat(shape(2, 3), six)
	for name, c := range map[string]struct {
		data []byte
		err  func(testing.TB, error)
	}{
		"sound":                 {sound, nil},
		"sound, one by one":     {caffeModel(shape(2), pb(5, float32(0)), pb(5, float32(.125))), nil},
		"sound, sizes alone":    {caffeModel(pb(7, concat(pb(1, 2), pb(1, 3))), six), nil},
		"sound, numbers first":  {caffeModel(six, shape(2, 3)), nil},
		"sound, no network":     {sound[5:], nil},
		"sound, name behind":    {pb(100, concat(pb(7, blob), pb(1, "a"))), nil},
		"cut":                   {sound[:len(sound)-1], weightstest.Is[*TruncatedError]},
		"too few numbers":       {caffeModel(shape(7), six), weightstest.Is[*FormatError]},
		"too many":              {caffeModel(shape(5), six), weightstest.Is[*FormatError]},
		"no numbers":            {caffeModel(shape(6)), weightstest.Is[*FormatError]},
		"no shape":              {caffeModel(six), weightstest.Is[*FormatError]},
		"half a number":         {caffeModel(shape(6), pb(5, weightstest.Float32s(plain(6))[:23])), weightstest.Is[*FormatError]},
		"a whole number":        {caffeModel(shape(1), pb(5, 1)), weightstest.Is[*FormatError]},
		"a double for a float":  {caffeModel(shape(1), pb(5, 1.0)), weightstest.Is[*FormatError]},
		"both types":            {caffeModel(shape(6), six, pb(8, 1.0)), weightstest.Is[*FormatError]},
		"a product of 2^64":     {caffeModel(shape(1<<32, 1<<32), six), weightstest.Is[*FormatError]},
		"a product of 2^64+6":   {caffeModel(shape(274177, 67280421310721), six), weightstest.Is[*FormatError]},
		"a negative size":       {caffeModel(shape(1<<64-6), six), weightstest.Is[*FormatError]},
		"negative, old":         {caffeModel(pb(1, 1), pb(2, 1), pb(3, -1), pb(4, -6), six), weightstest.Is[*FormatError]},
		"a size of 0":           {caffeModel(shape(0), six), weightstest.Is[*FormatError]},
		"33 sizes":              {caffeModel(shape(slices.Repeat([]uint64{1}, 33)...), pb(5, float32(1))), weightstest.Is[*FormatError]},
		"a size that is a text": {caffeModel(pb(1, "1"), six), weightstest.Is[*FormatError]},
		"a name twice":          {concat(sound, sound[5:]), weightstest.Is[*FormatError]},
		"no name":               {pb(100, pb(7, blob)), weightstest.Is[*FormatError]},
		"a long name":           {pb(100, concat(pb(1, strings.Repeat("a", maxName+1)), pb(7, blob))), weightstest.Is[*FormatError]},
		"a name that is none":   {pb(100, concat(pb(1, 1), pb(7, blob))), weightstest.Is[*FormatError]},
		"a blob that is none":   {pb(100, concat(pb(1, "a"), pb(7, 1))), weightstest.Is[*FormatError]},
		"no layers":             {concat(pb(1, "net"), pb(100, pb(1, "a"))), weightstest.Is[*UnsupportedError]},
		"half numbers":          {caffeModel(shape(6), pb(10, 2), pb(12, make([]byte, 12))), weightstest.Is[*UnsupportedError]},
		"layers of 2013":        {concat(pb(1, "net"), pb(2, pb(1, concat(pb(1, "a"), pb(50, blob))))), weightstest.Is[*UnsupportedError]},
		"Caffe2":                {concat(pb(1, "net"), pb(2, concat(pb(2, "a"), pb(4, "GivenTensorFill"), pb(5, pb(1, "shape"))))), weightstest.Is[*UnsupportedError]},
	} {
		t.Run(name, func(t *testing.T) {
			if f := opensOne(t, c.data, c.err); f != nil && f.Tensors()[0].Name != "a.weight" {
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
		c, err := openPlain("a", memory{bytes.NewReader(whole[:n])}, int64(n))
		if err != nil {
			weightstest.WellFormed(t, err)
		} else if len(c.entries()) == 8 && n < 1100 {
			t.Errorf("cut after %d bytes, all is there", n)
		}
	}
}

// A file that is mostly directory must not cost much more than its own size.
func TestCaffeOfManyLayers(t *testing.T) {
	layer := pb(100, concat(pb(1, "a"), pb(7, concat(pb(7, pb(1, 1)), pb(5, float32(1))))))
	_, err := openCaffe("a", memory{bytes.NewReader(bytes.Repeat(layer, maxTensors+1))}, int64(len(layer)*(maxTensors+1)))
	weightstest.Refused[*FormatError](t, err)
}

func FuzzCaffe(f *testing.F) {
	addFixtures(f, "v1.caffemodel", "v2.caffemodel", "double.caffemodel")
	f.Add(caffeModel(pb(7, pb(1, 2)), pb(5, float32(0)), pb(5, float32(.125))))
	f.Fuzz(func(t *testing.T, data []byte) {
		sniff(data)
		tryOpen(t, openCaffe, "fuzz", data, 0)
	})
}
