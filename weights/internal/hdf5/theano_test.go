package hdf5_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights"
	"oneiro/weights/internal/opentest"
)

// Kernels of Keras on Theano are turned back, whether the file says so or its name does.
func TestTheano(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "vgg_th_dim_ordering_th_kernels.h5")
	data, err := os.ReadFile("testdata/keras1.h5")
	if err != nil {
		t.Fatal(err)
	}
	f := opentest.Open(t, "testdata/theano.h5")
	f.AssumeLayout(weights.OIHW)
	if got, err := f.Tensor("block1_conv1/block1_conv1_W", 2, 5, 3, 4); err != nil ||
		!slices.Equal(got, weightstest.Counted(4, 3, 2, 5)) {
		t.Errorf("%v, %v", got, err)
	}
	straight, turned := opentest.Open(t, "testdata/keras1.h5"), opentest.Open(t, weightstest.Write(t, plain, data))
	name := straight.Tensors()[0].Name
	shape := opentest.Shape(straight.Tensors()[0])
	a, err := straight.Tensor(name, shape...)
	if err != nil {
		t.Fatal(err)
	}
	b, err := turned.Tensor(name, shape...)
	if err != nil {
		t.Fatal(err)
	}
	taps, each := shape[0]*shape[1], shape[2]*shape[3]
	for i := range a {
		if tap := i / each; a[i] != b[(taps-1-tap)*each+i%each] {
			t.Fatalf("%v is not %v turned by 180 degrees", b, a)
		}
	}
}

func TestCaffeSnapshot(t *testing.T) {
	f := opentest.Open(t, "testdata/caffe.h5")
	if names := opentest.Names(f); !slices.Equal(names, []string{"conv1_1.weight", "conv1_1.bias"}) {
		t.Errorf("%q", names)
	}
	opentest.ExpectCounted(t, f, opentest.Names(f)...)
}
