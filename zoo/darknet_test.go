package zoo

import (
	"os"
	"path/filepath"
	"testing"

	"oneiro/internal/weightstest"
)

// TestDarknetVGG16 opens files with the lengths of those that circulate, full of zeros.
func TestDarknetVGG16(t *testing.T) {
	for size, tensors := range map[int64]int{58_858_768: 26, 58_858_772: 26, 553_430_192: 32,
		553_430_196: 32} {
		head := weightstest.Words(0, 1, 0, 0)
		if size%16 == 4 {
			head = weightstest.Words(0, 2, 0, 0, 0)
		}
		path := weightstest.Write(t, filepath.Join(t.TempDir(), "a.weights"), head)
		if err := os.Truncate(path, size); err != nil { // which takes no room on the disk
			t.Fatal(err)
		}
		net, p, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		if n := len(p.Tensors()); n != tensors {
			t.Errorf("%d bytes: %d tensors", size, n)
		}
		if net.Name != "vgg16" {
			t.Errorf("%d bytes: the network %q", size, net.Name)
		}
		if _, err := p.Tensor("conv5_3.weight", 3, 3, 512, 512); err != nil {
			t.Error(err)
		}
		if preset, err := p.Preset(); preset != "rgb01" || err != nil {
			t.Error(preset, err)
		}
	}
}
