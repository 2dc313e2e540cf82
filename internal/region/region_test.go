package region

import (
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"oneiro/internal/imageio"
	"oneiro/internal/sample"
)

// drawn returns a picture of w x h pixels whose colours depend on the place.
func drawn(w, h int, at func(x, y float64) [3]uint8) *imageio.Image {
	im := imageio.New(w, h)
	for i := range w * h {
		for c, v := range at(float64(i%w)+0.5, float64(i/w)+0.5) {
			im.Pix[3*i+c] = float32(v) / 255
		}
	}
	return im
}

// mixed returns the colour at a part of the way between two.
func mixed(a, b [3]uint8, t float64) (c [3]uint8) {
	for i := range c {
		c[i] = uint8(math.Round(float64(a[i])*(1-t) + float64(b[i])*t))
	}
	return c
}

// asJPEG returns a picture after it was a JPEG, with colours at half the resolution.
func asJPEG(t *testing.T, im *imageio.Image, quality int) *imageio.Image {
	t.Helper()
	to := image.NewRGBA(image.Rect(0, 0, im.W, im.H))
	for i := range im.W * im.H {
		c := bytesOf(im.Pix[3*i:])
		to.Set(i%im.W, i/im.W, color.RGBA{c[0], c[1], c[2], 255})
	}
	path := filepath.Join(t.TempDir(), "labels.jpg")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := jpeg.Encode(f, to, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	out, err := imageio.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var (
	red    = [3]uint8{255, 0, 0}
	blue   = [3]uint8{0, 0, 255}
	purple = [3]uint8{128, 0, 128}
	green  = [3]uint8{0, 128, 0}
)

// scene has a red and a blue part with a soft edge of a width between them, a purple disc and a green bar.
// Between red and blue colours are purple, but that is no region.
func scene(x, y, soft float64) [3]uint8 {
	if math.Hypot(x-40, y-60) < 18 {
		return purple
	}
	if y > 100 {
		return green
	}
	return mixed(red, blue, min(max((x-100)/soft+0.5, 0), 1))
}

// TestRead reads a scene with hard and soft edges, as a PNG and as JPEGs: there are four regions, and each
// pixel is part of those that it should be.
func TestRead(t *testing.T) {
	for _, soft := range []float64{1e-9, 3, 8, 16} {
		im := drawn(200, 120, func(x, y float64) [3]uint8 { return scene(x, y, soft) })
		for name, c := range map[string]struct {
			im       *imageio.Image
			from     float64 // edges, from which on pixels are right; blocks of a JPEG's colours have 16 pixels
			most     float64 // error of such a pixel, and mean error of all
			meanMost float64
		}{
			"png": {im, 5, 0.02, 0.01}, "jpeg": {asJPEG(t, im, 75), 5, 0.1, 0.02},
			"poor jpeg": {asJPEG(t, im, 40), 16, 0.1, 0.03},
		} {
			m, err := Read(c.im)
			if err != nil {
				t.Fatalf("%s, edge of %g: %v", name, soft, err)
			}
			if len(m.Regions) != 4 {
				t.Fatalf("%s, edge of %g: %s", name, soft, m.List())
			}
			var sum float64
			for _, colour := range [][3]uint8{red, blue, purple, green} {
				part := m.At(m.Like(colour), 200, 120)
				for i, v := range part {
					x, y := float64(i%200)+0.5, float64(i/200)+0.5
					want, edge := wanted(colour, x, y, soft, c.from)
					d := math.Abs(float64(v) - want)
					if sum += d; !edge && !(d <= c.most) {
						t.Fatalf("%s, edge of %g: at %v,%v it is %v of %v, want %v", name, soft, x, y, v, colour, want)
					}
				}
			}
			if mean := sum / (4 * 200 * 120); !(mean <= c.meanMost) {
				t.Errorf("%s, edge of %g: the mean error is %v", name, soft, mean)
			}
		}
	}
}

// wanted returns how much of a colour is at a place of the scene, and whether that is near an edge.
func wanted(colour [3]uint8, x, y, soft, from float64) (part float64, edge bool) {
	disc := math.Hypot(x-40, y-60)
	edge = math.Abs(disc-18) < from || math.Abs(y-100) < from || math.Abs(x-100) < from+soft/2
	switch c := scene(x, y, soft); {
	case disc < 18 || y > 100:
		if c == colour {
			return 1, edge
		}
		return 0, edge
	}
	t := min(max((x-100)/soft+0.5, 0), 1)
	return map[[3]uint8]float64{red: 1 - t, blue: t}[colour], edge
}

// TestReadRefuses checks that a photograph, a gradient and noise are no pictures of regions.
func TestReadRefuses(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	noise := drawn(80, 60, func(_, _ float64) [3]uint8 {
		return [3]uint8{uint8(random.IntN(256)), uint8(random.IntN(256)), uint8(random.IntN(256))}
	})
	gradient := drawn(300, 20, func(x, _ float64) [3]uint8 { return mixed(red, blue, x/300) })
	many := drawn(250, 250, func(x, y float64) [3]uint8 {
		return [3]uint8{uint8(x/50) * 60, uint8(y/50) * 60, 0}
	})
	for name, im := range map[string]*imageio.Image{
		"photograph": sample.Landscape(160, 120, 1), "noise": noise, "gradient": gradient, "many": many,
	} {
		m, err := Read(im)
		e, ok := errors.AsType[*ColoursError](err)
		if !ok || e.Hint() == "" || (name == "many") != (e.Regions > MaxRegions) {
			t.Errorf("%s gives %v, %v", name, m, err)
		}
	}
}

// TestSmall reads pictures too small to have even places.
func TestSmall(t *testing.T) {
	for _, w := range []int{1, 2, 8, 9} {
		m, err := Read(drawn(w, 1, func(x, _ float64) [3]uint8 {
			if x < float64(w)/2 {
				return red
			}
			return blue
		}))
		if err != nil || len(m.Regions) != min(w, 2) {
			t.Errorf("%d pixels: %v, %v", w, m, err)
		}
	}
}

// TestNames finds regions by names and colours.
func TestNames(t *testing.T) {
	colours := [][3]uint8{{0, 0, 255}, {40, 60, 200}, {255, 0, 0}, {255, 255, 255}, {60, 60, 60}}
	m, err := Read(drawn(200, 20, func(x, _ float64) [3]uint8 { return colours[int(x)/40] }))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"blue": "#0000ff", "Red": "#ff0000", "white": "#ffffff", "grey": "#3c3c3c", "#2a3ac0": "#283cc8", "#0000f0": "#0000ff",
		"green": "", "#00ff00": "", "": "", "#zzzzzz": "", "#12345": "",
	} {
		got := ""
		if k := m.Find(name); k >= 0 {
			got = m.Regions[k].Hex()
		}
		if got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
	if k := m.Find("#283cc8"); m.Regions[k].ID() != "#283cc8" || m.Regions[k].String() != "#283cc8 (20 %)" {
		t.Errorf("the other blue is %v", m.Regions[k])
	}
	k := m.Find("#283cc8")
	m.Regions[k].Called = "Sea"
	if m.Find("sea") != k || m.Find("#283cc8") != k || m.Regions[k].ID() != "Sea" || m.Regions[k].String() != "Sea (#283cc8, 20 %)" {
		t.Errorf("region %v of %s", m.Regions[k], m.List())
	}
}

// TestInside compares with the receptive fields of a layer: a position whose field lies inside counts fully,
// one whose field lies outside not at all, and at a straight edge it is nothing, too.
func TestInside(t *testing.T) {
	const w, h, edge = 40, 30, 20
	part := make([]float32, w*h)
	for i := range part {
		if i%w >= edge {
			part[i] = 1
		}
	}
	for _, field := range []float64{1, 3, 8.5, 15} {
		for i, v := range Inside(part, w, h, [2]float64{field, field}) {
			d := float64(i%w) + 0.5 - edge // from the edge to the middle of the position
			switch {
			case d < 0 && v != 0, d > field/2+0.5 && v != 1, d > 0 && !(v > 0):
				t.Fatalf("a field of %g whose middle is %g inside counts %v", field, d, v)
			}
		}
	}
	all := Inside(slices.Repeat([]float32{1}, w*h), w, h, [2]float64{9, 13})
	if slices.Min(all) != 1 || slices.Max(all) != 1 {
		t.Errorf("of a region that is all of the picture positions count %v to %v", slices.Min(all), slices.Max(all))
	}
}

// TestBlur compares with the definition, and with the variance of a quadratic B-spline: a twelfth of the
// square of each of three boxes.
func TestBlur(t *testing.T) {
	const n = 81
	line := make([]float32, n)
	line[n/2] = 1
	out := Blur(line, n, 1, [2]float64{1, 30})
	var sum, square float64
	for i, v := range out {
		sum += float64(v)
		square += float64(v) * float64((i-n/2)*(i-n/2))
	}
	if want := 3 * 10 * 10 / 12.0; !(math.Abs(sum-1) < 1e-6) || !(math.Abs(square-want) < 0.01*want) {
		t.Errorf("the sum is %v, the variance %v, want %v", sum, square, want)
	}
	down := Blur(line, 1, n, [2]float64{30, 1})
	if !slices.Equal(out, down) {
		t.Error("down is not as across")
	}
}

// TestMask checks that black stays black, white is white away from edges, and noise of a JPEG does not matter.
func TestMask(t *testing.T) {
	im := asJPEG(t, drawn(128, 64, func(x, _ float64) [3]uint8 {
		if x < 64 {
			return [3]uint8{}
		}
		return [3]uint8{255, 255, 255}
	}), 80)
	m := ReadMask(im)
	for _, feather := range []float64{0, 0.05} {
		for i, v := range m.At(128, 64, feather) {
			x := float64(i % 128)
			if x < 60 && v != 0 || x > 68+128*feather && v != 1 {
				t.Fatalf("with a feather of %v the mask is %v at %v", feather, v, x)
			}
		}
	}
}

// TestPropose proposes regions of a picture of three: they must be found, and be readable.
func TestPropose(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	of := func(x, y float64) int {
		switch {
		case math.Hypot(x-60, y-80) < 30:
			return 2
		case y < 60:
			return 0
		}
		return 1
	}
	own := [][3]uint8{{120, 170, 230}, {70, 120, 50}, {200, 60, 60}}
	photo := drawn(200, 150, func(x, y float64) (c [3]uint8) {
		for i, v := range own[of(x, y)] {
			c[i] = uint8(min(max(float64(v)+12*random.NormFloat64(), 0), 255))
		}
		return c
	})
	out := Propose(photo, 3, 400, 300)
	m, err := Read(out)
	if err != nil || len(m.Regions) != 3 {
		t.Fatalf("%v, %v", m, err)
	}
	wrong := 0
	names := []string{"blue", "green", "red"}
	for i := range 400 * 300 {
		k := m.Find(names[of(float64(i%400)/2, float64(i/400)/2)])
		if k < 0 || int(m.first[i]) != k {
			wrong++
		}
	}
	if wrong > 400*300/50 {
		t.Errorf("%d of %d pixels are in another region; there are %s", wrong, 400*300, m.List())
	}
	seen := map[string]bool{}
	for _, c := range proposed {
		name, _ := called(c)
		if seen[name] {
			t.Errorf("two colours are called %s", name)
		}
		seen[name] = true
	}
	if len(proposed) != MaxProposed {
		t.Errorf("%d colours", len(proposed))
	}
}
