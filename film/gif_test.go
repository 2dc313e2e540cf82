package film

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"math"
	"os"
	"testing"

	"oneiro/colour"
	"oneiro/internal/imageio"
)

// decoded returns the frames of a GIF as image/gif and image/draw make them.
func decoded(t *testing.T, path string) (*gif.GIF, []*imageio.Image) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	film, err := gif.DecodeAll(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var frames []*imageio.Image
	canvas := image.NewNRGBA(image.Rect(0, 0, film.Config.Width, film.Config.Height))
	for i, m := range film.Image {
		draw.Draw(canvas, m.Rect, m, m.Rect.Min, draw.Over)
		frames = append(frames, imageio.FromImage(canvas))
		if film.Disposal[i] == gif.DisposalBackground {
			draw.Draw(canvas, m.Rect, image.NewUniform(color.NRGBA{}), image.Point{}, draw.Src)
		}
	}
	return film, frames
}

func TestWriteGIF(t *testing.T) {
	frame := func(k int) *imageio.Image { return card(64, 64, k/2) } // two at a time are equal
	for _, frames := range []int{5, -1} {
		path := write(t, "a.gif", Film{Info: Info{Rate: Rational{15, 1}}, Frames: frames}, WriteOptions{}, of(5, frame))
		film, shown := decoded(t, path)
		total := 0
		for _, d := range film.Delay {
			total += d
		}
		if len(shown) != 5 || film.LoopCount != 0 || total != 33 {
			t.Fatalf("%d frames, %d times, delays %v", len(shown), film.LoopCount, film.Delay)
		}
		if film.Image[1].Rect != image.Rect(0, 0, 1, 1) {
			t.Errorf("of a frame that is like the one before, %v is written", film.Image[1].Rect)
		}
		c := mustOpen(t, path, ReadOptions{})
		for k, got := range all(t, c) {
			if d := off(t, got, shown[k]); d != 0 {
				t.Errorf("frame %d is not what image/gif shows: %v", k, d)
			}
			if d := off(t, got, frame(k)); !(d < 1) { // there are fewer colours than a palette has
				t.Errorf("frame %d is %v off", k, d)
			}
		}
		if c.Info().Rate != (Rational{15, 1}) {
			t.Errorf("the rate is %v", c.Info().Rate)
		}
	}
}

// TestWriteClearGIF writes frames with clear parts.
func TestWriteClearGIF(t *testing.T) {
	frame := func(k int) *imageio.Image {
		im := card(32, 32, k)
		im.Alpha = make([]float32, len(im.Pix)/3)
		for i := range im.Alpha {
			if i%32 > 4*k {
				im.Alpha[i] = 1
			}
		}
		return im
	}
	path := write(t, "a.gif", Film{Frames: 4}, WriteOptions{}, of(4, frame))
	for k, got := range all(t, mustOpen(t, path, ReadOptions{})) {
		if d := offPremultiplied(t, got, frame(k), 0); !(d < 1) {
			t.Errorf("frame %d is %v off", k, d)
		}
	}
}

// TestDither wants the colours of a gradient, seen from afar, to be those that they are, and still parts to
// stay.
func TestDither(t *testing.T) {
	const w, h = 128, 32
	frame := func(k int) *imageio.Image {
		im := imageio.New(w, h)
		for i := range w * h {
			x, y := float32(i%w)/w, float32(i/w)/h
			copy(im.Pix[3*i:], []float32{0.2 + 0.6*x, 0.3 + 0.3*y, 0.7 - 0.5*x})
		}
		if k > 0 { // something moves on the left
			for i := range w * h {
				if i%w < 20 {
					copy(im.Pix[3*i:], []float32{1, float32(k) / 8, 0})
				}
			}
		}
		return im
	}
	path := write(t, "a.gif", Film{Frames: 8}, WriteOptions{}, of(8, frame))
	shown := all(t, mustOpen(t, path, ReadOptions{}))
	for k := 2; k < 8; k++ {
		for i := range w * h {
			if i%w >= 20 && shown[k].Pix[3*i] != shown[1].Pix[3*i] {
				t.Fatalf("frame %d flickers at %d, %d", k, i%w, i/w)
			}
		}
	}
	// Means of 8 x 8 pixels, in linear light.
	for y := 0; y < h; y += 8 {
		for x := 24; x < w; x += 8 {
			var got, want [3]float64
			for i := range 64 {
				at := 3 * ((y+i/8)*w + x + i%8)
				for c := range 3 {
					got[c] += colour.Linear(float64(shown[3].Pix[at+c])) / 64
					want[c] += colour.Linear(float64(frame(3).Pix[at+c])) / 64
				}
			}
			for c := range 3 {
				if d := math.Abs(colour.Encoded(got[c])-colour.Encoded(want[c])) * 255; !(d < 3) {
					t.Errorf("channel %d at %d, %d is %v off", c, x, y, d)
				}
			}
		}
	}
}

// TestPalette checks that few colours are kept as they are, and that many are divided evenly.
func TestPalette(t *testing.T) {
	h := newHistogram()
	im := &imageio.Image{W: 3, H: 1, Pix: []float32{0.1, 0.2, 0.3, 0.8, 0.4, 0.2, 0.1, 0.2, 0.3}}
	h.add(im)
	if p := h.palette(256); len(p) != 2 {
		t.Errorf("two colours become %v", p)
	}
	if p := newHistogram().palette(16); len(p) != 1 {
		t.Errorf("no colours become %v", p)
	}
	h = newHistogram()
	for i := range 256 {
		v := float32(i) / 255
		h.add(&imageio.Image{W: 1, H: 1, Pix: []float32{v, v, v}})
	}
	p := h.palette(16)
	for i := range 256 {
		lab := labOf(float32(i)/255, float32(i)/255, float32(i)/255)
		if d := math.Abs(float64(p[nearest(p, lab)][0] - lab[0])); !(d <= 0.1) {
			t.Errorf("grey %d is %v from any of %v", i, d, p)
		}
	}
}

// TestGIFDamaged cuts a file everywhere: what can be read is, and the rest is an error.
func TestGIFDamaged(t *testing.T) {
	data, err := os.ReadFile("testdata/kept.gif")
	if err != nil {
		t.Fatal(err)
	}
	damaged(t, data, ".gif")
}

func TestWebPDamaged(t *testing.T) {
	data, err := os.ReadFile("testdata/lossless.webp")
	if err != nil {
		t.Fatal(err)
	}
	damaged(t, data, ".webp")
}
