package render

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/imageio"
	"oneiro/internal/region"
)

// The colours of the regions of tests.
var (
	red  = [3]float32{1, 0, 0}
	blue = [3]float32{0, 0, 1}
)

// labelled returns a map of w x h pixels with colours that depend on the place.
func labelled(t *testing.T, w, h int, at func(x, y int) [3]float32) *region.Map {
	t.Helper()
	im := imageio.New(w, h)
	for y := range h {
		for x := range w {
			c := at(x, y)
			copy(im.Pix[3*(y*w+x):], c[:])
		}
	}
	m, err := region.Read(im)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// halves returns a map whose left part is red and whose right part is blue.
func halves(t *testing.T, w, h int) *region.Map {
	return labelled(t, w, h, func(x, _ int) [3]float32 {
		if x < w/2 {
			return red
		}
		return blue
	})
}

// crop returns a part of a picture.
func crop(im *Picture, x0, x1 int) *Picture {
	out := imageio.New(x1-x0, im.H)
	for y := range im.H {
		copy(out.Pix[3*y*out.W:][:3*out.W], im.Pix[3*(y*im.W+x0):])
	}
	return out
}

// TestRegionsHaveTheirStyles paints two regions in two styles. The statistics of each region must be at most
// half as far from its own style as from the other.
func TestRegionsHaveTheirStyles(t *testing.T) {
	o := tinyStyle()
	o.Content, o.Size, o.Scales, o.Iterations = landscape(160, 112, 1), 160, 1, 30
	styles := []*Picture{painting(160, 120, 1), landscape(160, 120, 7)}
	for i := range styles[1].Pix { // other colours, too
		if i%3 == 0 {
			styles[1].Pix = slices.Clone(styles[1].Pix)
			break
		}
	}
	for i := 0; i < len(styles[1].Pix); i += 3 {
		p := styles[1].Pix[i : i+3]
		p[0], p[2] = 1-p[2]/2, p[0]/2
	}
	o.Styles = styles[:1]
	o.Regions, o.Labels = PictureGiven, halves(t, 160, 112)
	o.Region = []Region{{Name: "blue", Picture: PictureGiven, Style: styles[1]}}
	result := mustStyle(t, o).Picture
	grams := func(im *Picture) [][]float32 {
		of := tinyStyle()
		of.Content, of.Styles, of.Size, of.Scales, of.Iterations = im, []*Picture{im}, 0, 1, 1
		return styleTargets(t, of)
	}
	want := [][][]float32{grams(styles[0]), grams(styles[1])}
	for k, part := range []*Picture{crop(result, 0, 72), crop(result, 88, 160)} {
		var own, other float64
		for l, g := range grams(part) {
			own += distance(g, want[k][l])
			other += distance(g, want[1-k][l])
		}
		t.Logf("region %d: %.3f from its own style, %.3f from the other", k, own, other)
		if !(own <= other/2) {
			t.Errorf("region %d: %.3f from its own style, %.3f from the other", k, own, other)
		}
	}
}

// TestOneRegionIsNone compares a picture with one region, which is all of it, with one without regions.
func TestOneRegionIsNone(t *testing.T) {
	o := tinyStyle()
	o.StyleOptions = withLosses(o.StyleOptions)
	o.Size, o.Iterations = 48, 3
	want := mustStyle(t, o)
	o.Regions, o.Labels = PictureGiven, labelled(t, 40, 30, func(int, int) [3]float32 { return red })
	o.StyleLabels = []*region.Map{labelled(t, 20, 16, func(int, int) [3]float32 { return red })}
	got := mustStyle(t, o)
	if !slices.Equal(got.Picture.Pix, want.Picture.Pix) || got.Loss != want.Loss {
		t.Errorf("one region changes the picture: loss %v, without %v", got.Loss, want.Loss)
	}
	if name := got.Report[1].Name; name != "style/relu1_1@red" {
		t.Errorf("a term is called %s", name)
	}
}

// TestSharedStyles gives two regions the parts of one style picture that have their colours. What the picture
// has elsewhere must not matter.
func TestSharedStyles(t *testing.T) {
	run := func(other *Picture) []float32 {
		o := tinyStyle()
		o.Size, o.Scales, o.Iterations = 96, 1, 3
		style := crop(painting(160, 64, 1), 0, 160)
		for y := range 64 { // the right third, which no region of the content is like
			copy(style.Pix[3*(y*160+120):][:3*40], other.Pix[3*y*40:])
		}
		o.Styles = []*Picture{style}
		o.Regions, o.Labels, o.StyleRegions = PictureGiven, halves(t, 96, 72), []string{PictureGiven}
		o.StyleLabels = []*region.Map{labelled(t, 160, 64, func(x, _ int) [3]float32 {
			switch {
			case x < 50:
				return red
			case x < 100:
				return blue
			}
			return [3]float32{0, 1, 0}
		})}
		o.StyleLayers = o.StyleLayers[:2] // whose fields do not reach as far
		return mustStyle(t, o).Picture.Pix
	}
	if !slices.Equal(run(imageio.New(40, 64)), run(landscape(40, 64, 3))) {
		t.Error("what is in no region of a style picture changes the result")
	}
}

// TestKeep keeps a disc of the photograph. Inside of its feather every value must be the photograph's.
func TestKeep(t *testing.T) {
	const w, h, radius = 96, 72, 24
	disc := func(x, y int) float64 { return math.Hypot(float64(x)-w/2, float64(y)-h/2) }
	for _, form := range []Form{Relative, NeuralStyle} {
		o := tinyStyle()
		o.Form, o.Size, o.Scales, o.Iterations, o.Init = form, 0, 2, 8, InitRandom
		o.Content = landscape(w, h, 1)
		if o.Feather = 5; form == NeuralStyle {
			o.ContentWeight, o.StyleWeight, o.TVWeight, o.Feather = 5e4, 1e6, 1e-3, 0
		}
		o.Regions, o.Region = PictureGiven, []Region{{Name: "#f00000", Keep: true}}
		o.Labels = labelled(t, w, h, func(x, y int) [3]float32 {
			if disc(x, y) < radius {
				return red
			}
			return blue
		})
		got := mustStyle(t, o).Picture
		feather := o.Feather / 100 * w
		changed := 0
		for i, v := range o.Content.Pix {
			d := disc(i/3%w, i/3/w)
			same := math.Round(255*float64(v)) == math.Round(255*float64(got.Pix[i]))
			if d < radius-feather/2-1.5 && !same {
				t.Fatalf("%s: %.1f pixels from the centre a value is %v, and %v in the photograph", form, d, got.Pix[i], v)
			}
			if d > radius+feather/2+1.5 && !same {
				changed++
			}
		}
		if changed < len(got.Pix)/4 {
			t.Errorf("%s: only %d values changed outside", form, changed)
		}
	}
}

// TestKeptGradient compares the gradient of a mixture with differences.
func TestKeptGradient(t *testing.T) {
	m := &mixture{base: []float32{1, 2, 3, 4, 5, 6}, kept: []float32{0.25, 1}, mixed: make([]float32, 6)}
	if y := m.Forward([]float32{5, 6, 7, 8, 9, 10}); !slices.Equal(y, []float32{4, 5, 6, 4, 5, 6}) {
		t.Errorf("the mixture is %v", y)
	}
	dx := make([]float32, 6)
	if m.Backward([]float32{1, 2, 3, 4, 5, 6}, dx); !slices.Equal(dx, []float32{0.75, 1.5, 2.25, 0, 0, 0}) {
		t.Errorf("the gradient is %v", dx)
	}
}

// TestTilesOfRegions compares regions on tiles with the same at once.
func TestTilesOfRegions(t *testing.T) {
	o := tinyStyle()
	o.Content, o.Styles = landscape(250, 171, 1), []*Picture{painting(200, 180, 1)}
	o.Size, o.Scales = 250, 1
	o.StyleLayers, o.ContentLayers = o.StyleLayers[:3], o.StyleLayers[2:3]
	o.Regions, o.Labels = PictureGiven, halves(t, 125, 86)
	o.StyleLabels = []*region.Map{halves(t, 100, 90)}
	compareTiles(t, Style(o.StyleOptions), o.trial, 32, 80)
}

// TestSmallRegion has a region that deep layers do not see, which is said, and runs nevertheless.
func TestSmallRegion(t *testing.T) {
	o := tinyStyle()
	o.Size, o.Scales, o.Iterations = 96, 1, 1
	o.Regions, o.Labels = PictureGiven, labelled(t, 96, 72, func(x, y int) [3]float32 {
		if x < 10 && y < 10 {
			return red
		}
		return blue
	})
	spec := Style(o.StyleOptions)
	job, err := New(spec, o.Network, o.Params)
	if err != nil {
		t.Fatal(err)
	}
	notes := strings.Join(job.Notes(), "; ")
	if !strings.Contains(notes, "red (#ff0000, 1.4 %) is too small") || !strings.Contains(notes, "relu5_1") ||
		strings.Contains(notes, "relu1_1") || strings.Contains(notes, "blue") {
		t.Errorf("the notes are %s", notes)
	}
	r := mustStyle(t, o)
	has := func(name string) bool {
		for _, term := range r.Report {
			if term.Name == name {
				return true
			}
		}
		return false
	}
	if !has("style/relu1_1@red") || has("style/relu5_1@red") || !has("style/relu5_1@blue") {
		t.Errorf("the terms are %v", r.Report)
	}
}

// TestRegionMistakes checks that what does not go together is refused, and what the error says.
func TestRegionMistakes(t *testing.T) {
	for want, change := range map[string]func(o *styleTrial){
		`region needs regions`:                      func(o *styleTrial) { o.Labels, o.Regions, o.StyleLabels = nil, "", nil },
		`region names "green", which`:               func(o *styleTrial) { o.Region[0].Name = "green" },
		`blue (#0000ff, 50 %), red (#ff0000, 50 %)`: func(o *styleTrial) { o.Region[0].Name = "#00ff00" },
		`style-turn cannot be combined with style-regions`: func(o *styleTrial) {
			o.StyleTurn, o.StyleLabels = []float64{90}, []*region.Map{o.Labels}
		},
		`region keeps all regions`: func(o *styleTrial) {
			o.Region = []Region{{Name: "red", Keep: true}, {Name: "blue", Keep: true}}
		},
		`region says different things of red`: func(o *styleTrial) {
			o.Region = []Region{{Name: "red", Keep: true}, {Name: "#ff0000", Weight: 2}}
		},
		`style-regions has 2 pictures for 1 style picture`: func(o *styleTrial) {
			o.StyleLabels = make([]*region.Map, 2)
		},
		`style-regions has no blue (#0000ff, 50 %), which is a region of the content; it has red (#ff0000, 100 %)`: func(o *styleTrial) {
			o.StyleLabels = []*region.Map{labelled(t, 8, 8, func(int, int) [3]float32 { return red })}
		},
		`style-regions has no red (#ff0000, 50 %), which is a region of the content; it has blue (#0000ff, 100 %)`: func(o *styleTrial) {
			only := func(c [3]float32) *region.Map { return labelled(t, 8, 8, func(int, int) [3]float32 { return c }) }
			o.Styles, o.Blend = append(o.Styles, o.Styles[0]), []float64{0, 1} // the one that has it does not count
			o.StyleLabels = []*region.Map{only(red), only(blue)}
		},
	} {
		o := tinyStyle()
		o.Regions, o.Labels = PictureGiven, halves(t, 96, 72)
		o.Region = []Region{{Name: "red", Weight: 2}}
		change(&o)
		_, err := o.run(context.Background())
		e, ok := errors.AsType[*OptionError](err)
		if !ok || !strings.Contains(e.Error()+"; "+e.Hint(), want) {
			t.Errorf("got %v (%v), want %s", err, hint(err), want)
		}
	}
}

// TestRegionText reads what people write of a region, and writes it again.
func TestRegionText(t *testing.T) {
	for text, want := range map[string]Region{
		"blue=a.jpg":                     {Name: "blue", Picture: "a.jpg"},
		"#0000ff=keep":                   {Name: "#0000ff", Keep: true},
		"red=C:\\a=b:c.png:scale=1.5":    {Name: "red", Picture: "C:\\a=b:c.png", Scale: 1.5},
		"red=a.png:scale=1.5:weight=0.5": {Name: "red", Picture: "a.png", Scale: 1.5, Weight: 0.5},
		"red:weight=2":                   {Name: "red", Weight: 2},
	} {
		var r Region
		if err := r.UnmarshalText([]byte(text)); err != nil || r != want {
			t.Errorf("%s is read as %+v, %v", text, r, err)
		}
		if again, err := r.MarshalText(); err != nil || string(again) != text {
			t.Errorf("%s is written as %s, %v", text, again, err)
		}
	}
	for _, text := range []string{
		"", "red", "=a.jpg", "red=", "red=keep:weight=2", "red:scale=0", "red:scale=17", "red:weight=NaN",
		"red:weight=1:weight=2", "red:scale=",
	} {
		if err := new(Region).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken for a region", text)
		}
	}
}

// TestRegionsOfClear paints regions of a content that is clear in part: what is clear counts in no region,
// and a region of which nothing is seen is refused.
func TestRegionsOfClear(t *testing.T) {
	o := tinyStyle()
	o.Size, o.Scales, o.Iterations = 0, 1, 1
	o.Regions, o.Labels = PictureGiven, halves(t, 96, 72)
	o.Content = landscape(96, 72, 1)
	o.Content.Alpha = slices.Repeat([]float32{1}, 96*72)
	for i := range o.Content.Alpha {
		if i%96 >= 48 {
			o.Content.Alpha[i] = 0
		}
	}
	_, err := o.run(context.Background())
	if e, ok := errors.AsType[*OptionError](err); !ok || !strings.Contains(e.Hint(), "--region blue=keep") {
		t.Fatalf("a region that is all clear gives %v", err)
	}
	o.Region = []Region{{Name: "blue", Keep: true}}
	if a := mustStyle(t, o).Picture.Alpha; a[0] != 1 || a[95] != 0 {
		t.Errorf("the opacity is %v and %v", a[0], a[95])
	}
}

// TestKeepWithColours keeps a half of the photograph in a picture that gets the photograph's colours
// afterwards.
func TestKeepWithColours(t *testing.T) {
	for _, colors := range []Colors{ColorsLuminance, ColorsPhoto, ColorsMatch} {
		o := tinyStyle()
		o.Colors, o.Size, o.Scales, o.Iterations, o.Content = colors, 0, 1, 3, landscape(96, 72, 1)
		o.Regions, o.Labels = PictureGiven, halves(t, 96, 72)
		o.Region = []Region{{Name: "red", Keep: true}, {Name: "blue", Picture: PictureGiven, Style: painting(64, 80, 5)}}
		got := mustStyle(t, o).Picture
		for i, v := range o.Content.Pix {
			if x := i / 3 % 96; x < 45 && math.Round(255*float64(v)) != math.Round(255*float64(got.Pix[i])) {
				t.Fatalf("%s: at column %d a value is %v, and %v in the photograph", colors, x, got.Pix[i], v)
			}
		}
	}
	o := tinyStyle()
	o.Colors, o.Palette, o.PalettePicture = ColorsPhoto, PaletteFile, painting(20, 20, 3)
	o.Regions, o.Labels, o.Region = PictureGiven, halves(t, 96, 72), []Region{{Name: "red", Keep: true}}
	_, err := o.run(context.Background())
	if e, ok := errors.AsType[*OptionError](err); !ok || e.Mistakes[0].Option != "palette" {
		t.Errorf("a palette and a region that is kept give %v", err)
	}
}
