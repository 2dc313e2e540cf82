package render

import (
	"errors"
	"math"
	"slices"
	"testing"

	"oneiro/colour"
	"oneiro/internal/imageio"
	"oneiro/nn"
	"oneiro/zoo"
)

// coloured returns the result of a small style transfer.
func colouredStyle(t *testing.T, colours Colors, change ...func(*styleTrial)) *Picture {
	t.Helper()
	o := tinyStyle()
	o.Iterations, o.Scales, o.Colors = 4, 1, colours
	for _, c := range change {
		c(&o)
	}
	return mustStyle(t, o).Picture
}

// apart returns the mean distance of two pictures in OkLab, of all and of chroma alone.
func apartInLab(a, b *Picture) (all, chroma float64) {
	for i := 0; i < len(a.Pix); i += 3 {
		p, q := colour.ToLab(a.Pix[i], a.Pix[i+1], a.Pix[i+2]), colour.ToLab(b.Pix[i], b.Pix[i+1], b.Pix[i+2])
		ab := math.Hypot(float64(p.A-q.A), float64(p.B-q.B))
		chroma += ab
		all += math.Hypot(ab, float64(p.L-q.L))
	}
	n := float64(len(a.Pix) / 3)
	return all / n, chroma / n
}

// blurred returns the picture without what is smaller than 32 pixels of 256.
func blurred(im *Picture) *Picture {
	small := imageio.Resize(im, max(im.W/8, 1), max(im.H/8, 1), imageio.Bilinear)
	return imageio.Resize(small, im.W, im.H, imageio.Bilinear)
}

// TestColours: with the photograph's colours a result has its chroma and the lightness of the style's; painted
// by lightness alone it is as light as the photograph, too.
func TestColours(t *testing.T) {
	content := imageio.Resize(landscape(96, 72, 1), 64, 48, imageio.Bilinear)
	red := func(o *styleTrial) { // a painting of other colours
		o.StyleWeight, o.Iterations = 1e4, 12
		style := *o.Styles[0]
		style.Pix = slices.Clone(style.Pix)
		for i := range style.Pix {
			style.Pix[i] *= []float32{1, 0.4, 0.1}[i%3]
		}
		o.Styles[0] = &style
	}
	painted := colouredStyle(t, ColorsStyle, red)
	photo, light := colouredStyle(t, ColorsPhoto, red), colouredStyle(t, ColorsLuminance, red)
	if all, chroma := apartInLab(blurred(painted), blurred(content)); !(chroma > 0.03 && all > 0.05) {
		t.Errorf("the style moves colours by %v and chroma by %v: the test shows nothing", all, chroma)
	}
	if _, chroma := apartInLab(blurred(photo), blurred(content)); !(chroma < 0.015) {
		t.Errorf("the chroma of photo is off by %v", chroma)
	}
	for i := 0; i < len(photo.Pix); i += 3 {
		p, q := colour.ToLab(photo.Pix[i], photo.Pix[i+1], photo.Pix[i+2]), colour.ToLab(painted.Pix[i], painted.Pix[i+1], painted.Pix[i+2])
		if q.L > 0.1 && !(math.Abs(float64(p.L-q.L)) < 2e-3) { // below, less than a level
			t.Fatalf("a pixel of lightness %v got %v", q.L, p.L)
		}
	}
	if all, _ := apartInLab(blurred(light), blurred(content)); !(all < 0.03) {
		t.Errorf("the colours of luminance are off by %v", all)
	}
}

// TestColoursMatch: the network is shown style pictures with the statistics of the content, or of a palette.
func TestColoursMatch(t *testing.T) {
	o := tinyStyle()
	o.Colors = ColorsMatch
	look := func(s StyleOptions, aim *Picture) float64 {
		c := s.coloured()
		view := imageio.View{W: 64, H: 51}
		im, err := c.Styles[0].Read(view, 0)
		if err != nil {
			t.Fatal(err)
		}
		return statistics(im).Distance(statistics(aim))
	}
	content := imageio.Resize(o.Content, 64, 48, imageio.Bilinear)
	if off := look(o.StyleOptions, content); !(off < 1e-4) {
		t.Errorf("mean and covariance are off by %v", off)
	}
	palette := painting(40, 30, 5)
	palette = &Picture{W: palette.W, H: palette.H, Depth: 8, Pix: slices.Clone(palette.Pix)}
	for i := range palette.Pix {
		palette.Pix[i] = 0.2 + palette.Pix[i]*float32(1+i%3)/5
	}
	o.PalettePicture, o.Palette = palette, PaletteFile
	if off := look(o.StyleOptions, palette); !(off < 1e-4) {
		t.Errorf("with a palette, mean and covariance are off by %v", off)
	}
	texture := tinyTexture(t)
	texture.PalettePicture, texture.Palette = palette, PaletteFile
	texture.Content = imageio.Deferred(64, 48, nil)
	if off := look(texture.StyleOptions, palette); !(off < 1e-4) {
		t.Errorf("in a texture, mean and covariance are off by %v", off)
	}
}

// TestColoursStrength: without strength nothing is done; a palette changes what the photograph's colours are.
func TestColoursStrength(t *testing.T) {
	plain := colouredStyle(t, ColorsStyle)
	for _, c := range []Colors{ColorsMatch, ColorsPhoto} {
		if PixelHash(colouredStyle(t, c, func(o *styleTrial) { o.ColorsStrength = 0 })) != PixelHash(plain) {
			t.Errorf("%s with strength 0 does something", c)
		}
	}
	red := evenPicture(8, 8, 0.5)
	for i := 0; i < len(red.Pix); i += 3 {
		red.Pix[i] = 0.9
	}
	im := colouredStyle(t, ColorsPhoto, func(o *styleTrial) { o.PalettePicture, o.Palette = red, PaletteFile })
	_, own := apartInLab(im, colouredStyle(t, ColorsPhoto))
	if !(own > 0.03) {
		t.Errorf("a red palette moves chroma by %v", own)
	}
}

func TestColoursOnTiles(t *testing.T) {
	e, err := NewEngine(EngineOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	e.Tile = 64
	for _, c := range []Colors{ColorsPhoto, ColorsLuminance, ColorsMatch} {
		whole := colouredStyle(t, c, func(o *styleTrial) { o.Size = 128 })
		tiled := colouredStyle(t, c, func(o *styleTrial) { o.Size, o.Engine = 128, e })
		if all, _ := apartInLab(whole, tiled); !(all < 2e-3) {
			t.Errorf("%s: tiles make a difference of %v", c, all)
		}
	}
}

// TestColoursMistakes lists what cannot be combined.
func TestColoursMistakes(t *testing.T) {
	for name, change := range map[string]func(*StyleOptions){
		"original colours without compat": func(o *StyleOptions) { o.OriginalColors = true },
		"two ways": func(o *StyleOptions) {
			o.Form, o.OriginalColors, o.Colors = NeuralStyle, true, ColorsPhoto
		},
		"luminance with compat": func(o *StyleOptions) { o.Form, o.Colors = NeuralStyle, ColorsLuminance },
		"no palette":            func(o *StyleOptions) { o.Palette, o.Colors = PaletteFile, ColorsMatch },
		"a wrong word":          func(o *StyleOptions) { o.Colors = "red" },
	} {
		o := tinyStyle().StyleOptions
		change(&o)
		var e *OptionError
		if _, err := New(Style(o), nn.Builtin(), zoo.BuiltinParams()); !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOriginalColours: luma is that of the result, chroma the content's, in the form of neural-style-pt.
func TestOriginalColours(t *testing.T) {
	change := func(original bool) func(*styleTrial) {
		return func(o *styleTrial) {
			o.Form, o.ContentWeight, o.StyleWeight, o.TVWeight, o.OriginalColors = NeuralStyle, 5e4, 1e6, 1e-3, original
		}
	}
	painted, im := colouredStyle(t, ColorsStyle, change(false)), colouredStyle(t, ColorsStyle, change(true))
	content := imageio.Resize(landscape(96, 72, 1), 64, 48, imageio.Bilinear)
	for y := range im.H {
		colour.Luma8(painted.Pix[3*im.W*y:][:3*im.W], content.Pix[3*im.W*y:])
	}
	if PixelHash(im) != PixelHash(painted) {
		t.Error("other pixels than by hand")
	}
}
