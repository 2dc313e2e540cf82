package motif

import (
	"flag"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/sheet.png anew")

// A picture of each class is as it was when the built-in network was trained, so that anyone can make that
// again. The tolerance is for processors that round a·b + c once.
func TestSheet(t *testing.T) {
	const size, path = 24, "testdata/sheet.png"
	pixels := make([]float32, size*size*3)
	if *update {
		sheet := image.NewNRGBA(image.Rect(0, 0, size, size*len(classes)))
		level := func(v float32) uint8 { return uint8(math.Round(float64(v) * 255)) }
		for c := range classes {
			Draw(pixels, size, c, 1, uint64(c))
			for i := range size * size {
				p := pixels[3*i:]
				sheet.SetNRGBA(i%size, c*size+i/size, color.NRGBA{level(p[0]), level(p[1]), level(p[2]), 255})
			}
		}
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, sheet); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sheet, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if b := sheet.Bounds(); b.Dx() != size || b.Dy() != size*len(classes) {
		t.Fatalf("the sheet is %v for %d classes", b, len(classes))
	}
	for c := range classes {
		Draw(pixels, size, c, 1, uint64(c))
		var sum float64
		for i := range size * size {
			want := color.NRGBAModel.Convert(sheet.At(i%size, c*size+i/size)).(color.NRGBA)
			for k, w := range [3]uint8{want.R, want.G, want.B} {
				sum += math.Abs(float64(pixels[3*i+k])*255 - float64(w))
			}
		}
		// rounding to whole levels gives 0.25
		if mean := sum / float64(len(pixels)); !(mean <= 0.5) {
			t.Errorf("%s: pixels differ by %.2g levels of 255", classes[c].name, mean)
		}
	}
}
