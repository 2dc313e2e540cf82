package render

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"oneiro/colour"
)

// TestCamera moves a picture of waves, and compares with the waves where they have gone.
func TestCamera(t *testing.T) {
	size := Size{96, 80}
	wave := func(x, y float64) float64 {
		return 0.5 + 0.2*math.Sin(0.31*x+0.22*y) + 0.2*math.Cos(0.4*y-0.15*x)
	}
	src, dst := make([]float32, 3*size.W*size.H), make([]float32, 3*size.W*size.H)
	for i := range src {
		src[i] = float32(colour.Encoded(wave(float64(i/3%size.W)-47.5, float64(i/3/size.W)-39.5)))
	}
	for name, c := range map[string]camera{
		"nothing": {1, 0, 0, 0}, "larger": {1.3, 0, 0, 0}, "smaller": {0.8, 0, 0, 0}, "turned": {0.98, 0.2, 0, 0},
		"shifted": {1, 0, 3.3, -2.7}, "all": {1.1, -0.1, 1.5, 2.5},
	} {
		c.warp(dst, src, size, nil)
		back := c.inverse()
		for y := 20; y < 60; y++ {
			for x := 24; x < 72; x++ {
				px, py := float64(x)-47.5, float64(y)-39.5
				want := wave(back.a*px-back.b*py+back.x, back.b*px+back.a*py+back.y)
				got := colour.Linear(float64(dst[3*(y*size.W+x)]))
				if !(math.Abs(got-want) <= 0.004) {
					t.Fatalf("%s: %v at %d,%d, want %v", name, got, x, y, want)
				}
			}
		}
		if there := c.then(back); !(math.Hypot(there.a-1, there.b)+math.Hypot(there.x, there.y) < 1e-12) {
			t.Errorf("%s: there and back is %v", name, there)
		}
	}
}

// tinyFilm returns a film of so many frames.
func tinyFilm(frames int, change func(o *DreamOptions)) (*Film, dreamTrial) {
	d := tinyDream()
	d.Size, d.Octaves, d.Iterations, d.Every = 48, 2, 6, 0
	d.Frames, d.FrameOctaves, d.FrameIterations, d.Loop, d.Turn, d.Pan = frames, 1, 2, 4, 1, Shift{1, -0.5}
	change(&d.DreamOptions)
	return NewFilm(d.Network, d.DreamOptions), d
}

// shoot makes the rest of a film.
func shoot(t *testing.T, f *Film, d dreamTrial) (frames []*Picture) {
	t.Helper()
	e, err := NewEngine(EngineOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	d.Engine = e
	for f.Done() < d.Frames {
		spec, _ := f.Spec(e)
		r, err := d.trial.run(context.Background(), spec)
		if err != nil {
			t.Fatal(err)
		}
		frames = append(frames, f.Frame(r.Picture).Picture)
	}
	return frames
}

// TestFilm checks what a film is to keep: the sharpness and the colours of its first frame. Its end meets
// its beginning, and one that goes on from its frames has the same bits.
func TestFilm(t *testing.T) {
	keys := Keys{{Frame: 5, Fade: 3, Objective: Aims{{Kind: "mean", Layer: "relu3_1"}}}}
	f, d := tinyFilm(9, func(o *DreamOptions) { o.Keys = keys })
	frames := shoot(t, f, d)
	first := frames[0]
	sharp, colours := sharpness(laplacianOf(first.Pix, sizeOf(first))), colour.Of(first.Pix, nil, first.W)
	var apart []float64
	for i, im := range frames {
		if s := sharpness(laplacianOf(im.Pix, sizeOf(im))) / sharp; !(s > 0.9 && s < 1.1) {
			t.Errorf("frame %d is %v times as sharp as the first", i+1, s)
		}
		for c, v := range colour.Of(im.Pix, nil, im.W).Mean {
			if !(math.Abs(v-colours.Mean[c]) < 0.02) {
				t.Errorf("frame %d has a mean of %v in channel %d, the first %v", i+1, v, c, colours.Mean[c])
			}
		}
		if i > 0 {
			apart = append(apart, meanApart(im, frames[i-1]))
		}
	}
	seam := meanApart(frames[len(frames)-1], first)
	if slices.Sort(apart); !(seam <= 1.5*apart[len(apart)/2]) {
		t.Errorf("the end is %v from the beginning, frames are %v from the next", seam, apart)
	}
	again, d := tinyFilm(9, func(o *DreamOptions) { o.Keys = keys })
	if err := again.Restart(6, madePictures(frames)); err != nil {
		t.Fatal(err)
	}
	for i, im := range shoot(t, again, d) {
		if !slices.Equal(im.Pix, frames[6+i].Pix) {
			t.Errorf("frame %d differs when the film goes on from frame 6", 7+i)
		}
	}
}

// madePictures are frames that a film without states has made.
type madePictures []*Picture

func (m madePictures) Frame(i int) (*Picture, error) { return m[i], nil }
func (madePictures) State(int) (*FilmState, error)   { return nil, nil }

// meanApart returns the mean difference of two pictures.
func meanApart(a, b *Picture) (sum float64) {
	for i, v := range a.Pix {
		sum += math.Abs(float64(v-b.Pix[i])) / float64(len(a.Pix))
	}
	return sum
}

// TestScenes checks what keys do on the way, and at their frames.
func TestScenes(t *testing.T) {
	var keys Keys
	text := `[{"frame":20,"fade":10,"objective":"mean=a","zoom":1.21},{"frame":40,"turn":2,"pan":"1,2"}]`
	if err := keys.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if again, err := keys.MarshalText(); err != nil || string(again) != text {
		t.Errorf("keys are written as %s, %v", again, err)
	}
	o := FilmOptions{Zoom: 1, Frames: 50, Keys: keys}
	own := Aims{{Kind: "l2"}}
	for frame, want := range map[int]scene{
		1: {own, 1, 0, Shift{}}, 10: {own, 1, 0, Shift{}},
		15: {Aims{{Kind: "l2", Weight: 0.5}, {Kind: "mean", Layer: "a", Weight: 0.5}}, 1.1, 0, Shift{}},
		40: {Aims{{Kind: "mean", Layer: "a"}}, 1.21, 2, Shift{1, 2}},
		50: {Aims{{Kind: "mean", Layer: "a"}}, 1.21, 2, Shift{1, 2}},
	} {
		got := o.scene(frame, own)
		if !slices.EqualFunc(got.aims, want.aims, sameAim) || !(math.Abs(got.zoom-want.zoom) < 1e-9) ||
			got.turn != want.turn ||
			got.pan != want.pan {
			t.Errorf("frame %d: %+v, want %+v", frame, got, want)
		}
	}
	for _, wrong := range []string{`{}`, `[{"frame":1}]`, `[{"frame":9},{"frame":9}]`, `[{"frame":9,"speed":2}]`,
		`[{"frame":9,"pan":"60,0"}]`} {
		if err := keys.UnmarshalText([]byte(wrong)); err == nil {
			t.Errorf("%s is read", wrong)
		}
	}
}

// TestFilmInMask makes films in a mask, in a region of an objective that comes with a key, and on other
// canvases. Of each frame what does not dream is the frame before, moved, and some of what does has
// changed. One that goes on from its frames has the same bits.
func TestFilmInMask(t *testing.T) {
	for name, c := range map[string]struct {
		change func(o *DreamOptions)
		still  func(x, y float64) bool // in parts of the picture; nil for nowhere
	}{
		"mask": {func(o *DreamOptions) { o.Mask, o.Where = PictureGiven, discMask(96, 72) },
			func(x, y float64) bool { return math.Hypot((x-0.5)*96, (y-0.5)*72) > 28 }},
		"region": {func(o *DreamOptions) {
			o.Regions, o.Labels = PictureGiven, halves(t, 96, 72)
			o.Objectives = Aims{{Kind: "mean", Region: "blue"}}
			o.Keys = Keys{{Frame: 3, Fade: 2, Objective: Aims{{Kind: "l2", Layer: "relu3_1", Region: "blue"}}}}
		}, func(x, _ float64) bool { return x < 0.45 }},
		"fourier": {func(o *DreamOptions) { o.Canvas = CanvasFourier }, nil},
		"pyramid": {func(o *DreamOptions) { o.Canvas = CanvasPyramid }, nil},
	} {
		f, d := tinyFilm(4, c.change)
		d.Engine = testEngine(t)
		var frames []*Picture
		for f.Done() < 4 {
			before := f.options().Image.At(48, 36)
			spec, _ := f.Spec(d.Engine)
			r, err := d.trial.run(t.Context(), spec)
			if err != nil {
				t.Fatal(err)
			}
			changed := 0
			for i, v := range r.Picture.Pix {
				x, y := (float64(i/3%48)+0.5)/48, (float64(i/3/48)+0.5)/36
				switch same := v == before.Pix[i]; {
				case c.still != nil && c.still(x, y) && !same:
					t.Fatalf("%s: frame %d changes at %v, %v", name, f.Done()+1, x, y)
				case !same:
					changed++
				}
			}
			if changed < 300 {
				t.Errorf("%s: frame %d changes %d values", name, f.Done()+1, changed)
			}
			frames = append(frames, f.Frame(r.Picture).Picture)
		}
		again, d := tinyFilm(4, c.change)
		if err := again.Restart(2, madePictures(frames)); err != nil {
			t.Fatal(err)
		}
		for i, im := range shoot(t, again, d) {
			if !slices.Equal(im.Pix, frames[2+i].Pix) {
				t.Errorf("%s: frame %d differs when the film goes on from frame 2", name, 3+i)
			}
		}
	}
}

// TestUnreported checks that a run whose loss nobody wants makes the same picture.
func TestUnreported(t *testing.T) {
	d := tinyDream()
	want, err := d.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	spec := Dream(d.DreamOptions)
	spec.Unreported = true
	got, err := d.trial.run(t.Context(), spec)
	if err != nil || !slices.Equal(got.Picture.Pix, want.Picture.Pix) || got.Steps != want.Steps || got.Report != nil {
		t.Errorf("%v, %d steps, report %v", err, got.Steps, got.Report)
	}
}

func TestFilmRefuses(t *testing.T) {
	for want, change := range map[string]func(o *DreamOptions){
		"frames is of one frame": func(o *DreamOptions) { o.Frames = 1 },
		"keys is for films":      func(o *DreamOptions) { o.Frames, o.Keys = 0, Keys{{Frame: 2}} },
		"keys has frame 20 of 9": func(o *DreamOptions) { o.Keys = Keys{{Frame: 20}} },
		"guide at frame 3 needs a picture": func(o *DreamOptions) {
			o.Keys = Keys{{Frame: 3, Objective: Aims{{Kind: "guide", Picture: "a.png"}}}}
		},
		"nowhere":                              func(o *DreamOptions) { o.Keys = Keys{{Frame: 3, Objective: Aims{{Kind: "l2", Layer: "nowhere"}}}} },
		"canvas cannot be decoder with frames": func(o *DreamOptions) { o.Canvas = CanvasDecoder },
		`l2 has a region, "blue", and there are none`: func(o *DreamOptions) {
			o.Keys = Keys{{Frame: 3, Objective: Aims{{Kind: "l2", Region: "blue"}}}}
		},
	} {
		_, d := tinyFilm(9, change)
		if _, err := New(Dream(d.DreamOptions), d.Network, d.Params); err == nil || !strings.Contains(err.Error(),
			want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
