package imageio

import (
	"os"
	"path/filepath"
	"testing"

	"oneiro/internal/fixture"
)

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// TestReadPhotographs reads real files and finds them varied, and the same after writing.
func TestReadPhotographs(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(fixture.Shared(t, "images"), "*", "*.*"))
	if len(files) < 10 {
		t.Fatalf("only %d pictures", len(files))
	}
	for _, file := range files {
		im := mustRead(t, file)
		w, h := FitSize(im.W, im.H, 64)
		small := Resize(im, w, h, Bilinear)
		lo, hi := small.Pix[0], small.Pix[0]
		for _, v := range small.Pix {
			lo, hi = min(lo, v), max(hi, v)
		}
		if im.W < 300 || im.H < 200 || im.Depth != 8 || im.Alpha != nil || hi-lo < 0.5 {
			t.Errorf("%s: %dx%d depth %d, %v to %v", filepath.Base(file), im.W, im.H, im.Depth, lo, hi)
		}
		path := filepath.Join(t.TempDir(), "a.png")
		if err := Write(path, small, Meta{}); err != nil {
			t.Fatal(err)
		}
		if d := maxDiff(t, mustRead(t, path).Pix, small.Pix); !(d <= 0.5001/255) {
			t.Errorf("%s: differs by %g after writing", filepath.Base(file), d)
		}
	}
}
