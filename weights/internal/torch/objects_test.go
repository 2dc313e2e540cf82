package torch_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights"
	"oneiro/weights/internal/opentest"
)

// A network among the things that programs save beside it.
func TestTorchObjects(t *testing.T) {
	for _, name := range []string{"torch_objects2.pth", "torch_objects4.pth"} {
		f := opentest.Open(t, filepath.Join("testdata", name))
		var floats []string
		for _, i := range f.Tensors() {
			if i.Float {
				floats = append(floats, i.Name)
			}
		}
		want := []string{"state.conv.weight", "state.conv.bias", "pairs.a.weight", "pairs.a.bias", "tuple.0",
			"tuple.1.0"}
		if !slices.Equal(floats, want) {
			t.Errorf("%s: %q", name, opentest.Names(f))
			continue
		}
		opentest.ExpectCounted(t, f, floats...)
	}
}

// Numbers of 8 bits, of types that came after the classes of storages.
func TestTorchFloat8(t *testing.T) {
	f := opentest.Open(t, "testdata/torch_float8.pth")
	for name, want := range map[string][]float32{
		"e4m3": {0x1p-6, 0x1p-5, 0x1p-4, 0x1p-3, 0x1p-2, .5, 1, 2},
		"e5m2": {0x1p-13, 0x1p-11, 0x1p-9, 0x1p-7, 0x1p-5, 0x1p-3, .5, 2},
		"e8m0": {0x1p-119, 0x1p-111, 0x1p-103, 0x1p-95, 0x1p-87, 0x1p-79, 0x1p-71, 0x1p-63},
	} {
		if got, err := f.Tensor(name, 8); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	_, err := f.Plain("uint16")
	if e := weightstest.Refused[*weights.TypeError](t, err); !strings.Contains(e.Have, "uint16") {
		t.Error(e)
	}
	if got, err := f.Plain("empty"); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestTorchQuantised(t *testing.T) {
	data := weightstest.TorchZipped(weightstest.PkDict("a", weightstest.PkCall("torch._utils._rebuild_qtensor",
		weightstest.PkStorage("QInt8Storage", "0", 32), weightstest.PkInt(0), weightstest.PkInts(4, 8),
		weightstest.PkInts(8, 1), weightstest.PkTuple("N", "N", "N"), "\x89", "}")), "0")
	_, err := opentest.Bytes(data)
	if e := weightstest.Refused[*weights.UnsupportedError](t, err); !strings.Contains(e.Hint(), "dequantize") {
		t.Error(e)
	}
}
