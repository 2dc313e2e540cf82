package tensorflow_test

import (
	"slices"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights/internal/opentest"
)

// Keras 3 exports variables under numbers, twice; the graph of objects has their names and their order.
func TestExportedVariables(t *testing.T) {
	f := opentest.Open(t, "testdata/export.index")
	var names []string
	for _, i := range f.Tensors() {
		if i.Float {
			names = append(names, i.Name[strings.IndexByte(i.Name, '/')+1:])
			want := weightstest.Vector(int(i.Len()))
			if got, err := f.Plain(i.Name); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: %v, %v", i.Name, got, err)
			}
		}
	}
	want := []string{"z_conv/kernel", "norm/gamma", "norm/beta", "norm/moving_mean", "norm/moving_variance",
		"a_dense/kernel", "a_dense/bias"}
	if !slices.Equal(names, want) {
		t.Errorf("%q", opentest.Names(f))
	}
}
