package weights

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"oneiro/internal/fixture"
	"oneiro/internal/weightstest"
	"oneiro/weights/internal/container"
)

// readAll reads every tensor of f in its own shape, and returns how many there were and how many
// numbers they had.
func readAll(t *testing.T, f *File) (tensors int, numbers int) {
	t.Helper()
	for _, i := range f.Tensors() {
		values, err := f.Tensor(i.Name, engineOrder(i.Shape, i.Layout)...)
		if err != nil {
			t.Fatal(err)
		}
		tensors++
		numbers += len(values)
	}
	return tensors, numbers
}

func TestRealGoogLeNet(t *testing.T) {
	path := fixture.Shared(t, "weights/googlenet_bvlc")
	f := open(t, path)
	if tensors, numbers := readAll(t, f); tensors != 116 || numbers != 6_998_552 || len(f.verified) != 116 {
		t.Errorf("%d tensors with %d numbers, %d of them verified", tensors, numbers, len(f.verified))
	}
	for i := range f.container.Tensors {
		if e := &f.container.Tensors[i]; len(e.SHA256) != 64 {
			t.Errorf("%s has no checksum", e.Name)
		}
	}
	// the file is O, H, W, I
	raw, err := os.ReadFile(filepath.Join(path, "conv1", "7x7_s2_filter.bin"))
	if err != nil {
		t.Fatal(err)
	}
	file := make([]float32, len(raw)/4)
	container.Float32LE.Decode(file, raw)
	got, err := f.Tensor("conv1/7x7_s2.weight", 7, 7, 3, 64)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range [][4]int{{0, 0, 0, 0}, {6, 5, 2, 63}, {3, 1, 1, 17}} {
		h, w, i, o := at[0], at[1], at[2], at[3]
		if got[((h*7+w)*3+i)*64+o] != file[((o*7+h)*7+w)*3+i] {
			t.Errorf("wrong at %v", at)
		}
	}
}

// The numbers are those that tell Oxford's VGG-19 from others: the first biases, and the first
// filter over blue.
func TestRealVGG19(t *testing.T) {
	f := open(t, fixture.Shared(t, "weights/vgg19_hybrid.npz"))
	if tensors, numbers := readAll(t, f); tensors != 26 || numbers != 12_944_960 {
		t.Errorf("%d tensors with %d numbers", tensors, numbers)
	}
	bias, err := f.Tensor("conv1_1.bias", 64)
	if err != nil {
		t.Fatal(err)
	}
	near(t, bias[:5], []float64{0.7301776, 0.06493629, 0.03428847, 0.8260386, 0.2578029})
	weight, err := f.Tensor("conv1_1.weight", 3, 3, 3, 64)
	if err != nil {
		t.Fatal(err)
	}
	var blue []float32
	for at := range 9 {
		blue = append(blue, weight[at*3*64])
	}
	near(t, blue, []float64{.341195, .339992, -.0448442, .232159, .0897821, -.303314, -.0726092, -.246675,
		-.336833})
	near(t, weight[64:65], []float64{.464184})
	_, err = f.Tensor("conv5_2.weight", 3, 3, 512, 512)
	weightstest.Refused[*NotFoundError](t, err)
	_, err = f.Tensor("conv1_1.weight", 7, 7, 3, 64)
	weightstest.Refused[*ShapeError](t, err)
}

func near(t *testing.T, got []float32, want []float64) {
	t.Helper()
	for i := range want {
		if !(math.Abs(float64(got[i])-want[i]) < 1e-6) {
			t.Errorf("%v, want %v", got, want)
			return
		}
	}
}

func TestRealStoredArchives(t *testing.T) {
	f := open(t, fixture.Shared(t, "weights/vgg19_16x.npz"))
	if tensors, _ := readAll(t, f); tensors != 38 {
		t.Errorf("%d tensors", tensors)
	}
	if i := f.Tensors()[2]; i.Name != "conv11.weight" || !slices.Equal(i.Shape, []int{16, 3, 3, 3}) {
		t.Errorf("%+v", i)
	}
}

func TestRealInceptionV3(t *testing.T) {
	f := open(t, fixture.Shared(t, "weights/inceptionv3_2015_partial.npz"))
	if n := len(f.Tensors()); n != 184 {
		t.Errorf("%d tensors", n)
	}
	if _, err := f.Tensor("mixed_conv.weight", 1, 1, 192, 64); err != nil {
		t.Error(err)
	}
}

func BenchmarkTensor(b *testing.B) {
	f := open(b, fixture.Shared(b, "weights/vgg19_hybrid.npz"))
	b.SetBytes(256 * 256 * 9 * 4)
	for b.Loop() {
		if _, err := f.Tensor("conv3_2.weight", 3, 3, 256, 256); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRawTensor(b *testing.B) {
	f := open(b, fixture.Shared(b, "weights/googlenet_bvlc"))
	b.SetBytes(384 * 192 * 9 * 4)
	for b.Loop() {
		if _, err := f.Tensor("inception_5b/3x3.weight", 3, 3, 192, 384); err != nil {
			b.Fatal(err)
		}
	}
}
