package weights

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// vector is the array 0, 1/8, 2/8 ... of one dimension.
func vector(n int) []float32 { return counted(1, 1, 1, n) }

// expect compares tensors that count with what they should be: a convolution of 4x3x2x5 (OIHW), a dense
// layer of 6x12 (OI), a bias of 7.
func expectCounted(t *testing.T, f *File, names ...string) {
	t.Helper()
	for _, name := range names {
		i := slices.IndexFunc(f.Tensors(), func(i Info) bool { return i.Name == name })
		if i < 0 {
			t.Errorf("%s: no %s", f.Name(), name)
			continue
		}
		shape, want := []int{2, 5, 3, 4}, counted(4, 3, 2, 5)
		switch len(f.Tensors()[i].Shape) {
		case 2:
			shape, want = []int{12, 6}, counted(6, 12, 1, 1)
		case 1:
			shape, want = f.Tensors()[i].Shape, vector(f.Tensors()[i].Shape[0])
		}
		got, err := f.Tensor(name, shape...)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s, %s: %v, %v", f.Name(), name, got, err)
		}
	}
}

func names(f *File) []string {
	var names []string
	for _, i := range f.Tensors() {
		names = append(names, i.Name)
	}
	return names
}

func TestTorchFiles(t *testing.T) {
	want := []string{
		"float.weight", "float.bias", "half.weight", "double.weight", "dense.weight", "transposed.weight", "channels_last.weight",
		"spread.weight", "second.bias", "first.bias", "parameter.bias", "bn.num_batches_tracked", "brain.weight",
	}
	for _, name := range []string{"torch_zip.pth", "torch_legacy.pth", "torch_legacy_v1.pth"} {
		f := open(t, filepath.Join("testdata", name))
		if name != "torch_zip.pth" {
			want = want[:12]
		}
		if !slices.Equal(names(f), want) {
			t.Errorf("%s: %q", name, names(f))
		}
		for _, tensor := range want {
			if tensor != "bn.num_batches_tracked" {
				expectCounted(t, f, tensor)
			}
		}
		_, err := f.Tensor("bn.num_batches_tracked", 1)
		if e := refused[*TypeError](t, err); e.Have != "int64" {
			t.Errorf("%+v", e)
		}
	}
}

// A checkpoint: what is beside the network is left out, and so is what all names have in common.
func TestTorchCheckpoint(t *testing.T) {
	f := open(t, "testdata/torch_checkpoint.pth")
	if want := []string{"0.weight", "0.bias"}; !slices.Equal(names(f), want) {
		t.Errorf("%q, want %q", names(f), want)
	}
	expectCounted(t, f, names(f)...)
}

func TestTorchRefusals(t *testing.T) {
	for file, want := range map[string]string{
		"torch_model.pth": "torch.nn.modules.conv.Conv2d", "torch_model_legacy.pth": "torch.nn.modules.conv.Conv2d", "torch_script.pt": "TorchScript",
	} {
		_, err := Open(filepath.Join("testdata", file))
		if e := refused[*UnsupportedError](t, err); !strings.Contains(e.Looks, want) || !strings.Contains(e.Hint(), "state_dict()") {
			t.Errorf("%s: %v: %s", file, e, e.Hint())
		}
	}
}
