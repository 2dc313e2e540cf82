package render

import (
	"bytes"
	"io"
	"math"
	"slices"
	"testing"

	"oneiro/colour"
	"oneiro/flow"
	"oneiro/internal/clips"
	"oneiro/internal/imageio"
	"oneiro/internal/region"
	"oneiro/nn"
	"oneiro/zoo"
)

// pictures are the frames of a clip.
type pictures []*Picture

func (c pictures) Frame(i int) (*Picture, error) {
	if i >= len(c) {
		return nil, io.EOF
	}
	return c[i], nil
}

// panned returns n views of 64x48 pixels of the built-in landscape, each some pixels to the right of the one
// before.
func panned(n int, step float64) (c pictures) {
	large := landscape(240, 135, 1)
	for i := range n {
		im := NewPicture(64, 48)
		for y := range im.H {
			for x := range im.W {
				at := 20 + step*float64(i) + float64(x)
				left, part := int(at), float32(at-math.Floor(at))
				for k := range 3 {
					row := large.Pix[3*240*(y+60)+k:]
					im.Pix[3*(y*im.W+x)+k] = row[3*left]*(1-part) + row[3*left+3]*part
				}
			}
		}
		c = append(c, im)
	}
	return c
}

// filmTrial makes films of clips with the built-in network.
type filmTrial struct {
	StyleFilmOptions
	net    *nn.Network
	engine *Engine
}

func newFilmTrial(t *testing.T) *filmTrial {
	f := &filmTrial{
		StyleFilmOptions: DefaultStyleFilm(nn.Builtin()), net: nn.Builtin(), engine: testEngine(t),
	}
	f.Size, f.Scales, f.Iterations, f.FrameIterations = 0, 2, 25, 8
	f.Styles = []*Picture{painting(64, 48, 1)}
	return f
}

// film returns the film of a clip.
func (f *filmTrial) film(t *testing.T, c Frames, pass Pass) *StyleFilm {
	t.Helper()
	film, err := NewStyleFilm(f.net, f.StyleFilmOptions, c, pass)
	if err != nil {
		t.Fatal(err)
	}
	return film
}

// shoot makes the rest of a film.
func (f *filmTrial) shoot(t *testing.T, film *StyleFilm) (frames madeFrames) {
	t.Helper()
	for {
		spec, err := film.Spec(f.engine)
		if err == io.EOF {
			return frames
		}
		if err != nil {
			t.Fatal(err)
		}
		frames = append(frames, film.Frame(f.run(t, spec).Picture))
	}
}

func (f *filmTrial) run(t *testing.T, spec Spec) *Result {
	t.Helper()
	job, err := New(spec, f.net, zoo.BuiltinParams())
	if err != nil {
		t.Fatal(err)
	}
	r, err := job.Run(t.Context(), f.engine, Events{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// alone makes each frame of a clip by itself, and returns the warp errors.
func (f *filmTrial) alone(t *testing.T, c pictures) (errors []float64) {
	m := f.film(t, c, Pass{}).clip
	var last *Picture
	for i := range c {
		o := f.StyleOptions
		o.Content = c[i]
		im := f.run(t, Style(o)).Picture
		if i > 0 {
			way, err := m.motion(f.engine, i-1, i)
			if err != nil {
				t.Fatal(err)
			}
			errors = append(errors, flow.WarpError(im.Pix, last.Pix, way.back, way.reliable))
		}
		last = im
	}
	return errors
}

func mean(values []float64) (sum float64) {
	for _, v := range values {
		sum += v / float64(len(values))
	}
	return sum
}

func warpErrors(frames madeFrames) (all []float64) {
	for _, f := range frames[1:] {
		all = append(all, f.WarpError)
	}
	return all
}

// TestStyleFilm checks that strokes stick to things, that the first frame is the picture that it would be by
// itself, and that a film which goes on from its states has the same bits.
func TestStyleFilm(t *testing.T) {
	f := newFilmTrial(t)
	c := panned(5, 1.3)
	frames := f.shoot(t, f.film(t, c, Pass{}))
	alone := f.alone(t, c)
	if got, want := mean(warpErrors(frames)), mean(alone); !(got <= want/4) {
		t.Errorf("the warp error is %v, of single pictures %v", got, want)
	}
	o := f.StyleOptions
	o.Content = c[0]
	if first := Quantised(f.run(t, Style(o)).Picture, 8, nil); !slices.Equal(first.Pix, frames[0].Pix) {
		t.Error("the first frame is not the picture that it is by itself")
	}
	for i, im := range frames {
		if im.Begins != (i == 0) {
			t.Errorf("frame %d begins a shot: %v", i, im.Begins)
		}
	}
	for i := range frames[:3] {
		var file bytes.Buffer
		if err := frames[i].State.Write(&file); err != nil {
			t.Fatal(err)
		}
		var err error
		if frames[i].State, err = ReadFilmState(&file, "a.state", Size{64, 48}); err != nil {
			t.Fatal(err)
		}
	}
	again := f.film(t, c, Pass{})
	if err := again.Restart(3, frames); err != nil {
		t.Fatal(err)
	}
	for i, im := range f.shoot(t, again) {
		if !slices.Equal(im.Pix, frames[3+i].Pix) {
			t.Errorf("frame %d differs when the film goes on", 3+i)
		}
	}
}

// TestStyleFilmClips compares films of clips whose motion is known with frames that are painted alone: by the
// flow that is right they flicker at most a quarter as much, and are about as sharp.
func TestStyleFilmClips(t *testing.T) {
	f := newFilmTrial(t)
	f.Iterations, f.FrameIterations = 20, 10
	for _, name := range []string{"pan", "zoom", "occluder", "noise", "cut"} {
		const from, frames = clips.Cut - 2, 4 // with the cut among them
		clip := clips.Of(name).At(80, 60)
		var c pictures
		for i := range frames {
			c = append(c, clip.Frame(from+i))
		}
		together, alone := f.shoot(t, f.film(t, c, Pass{})), madeFrames{}
		var sharp, wanted float64
		for i, im := range c {
			o := f.StyleOptions
			o.Content = im
			alone = append(alone, FilmFrame{Picture: f.run(t, Style(o)).Picture})
			sharp += sharpness(laplacianOf(together[i].Pix, sizeOf(im)))
			wanted += sharpness(laplacianOf(alone[i].Pix, sizeOf(im)))
		}
		a, b := flickerFrom(clip, from, together), flickerFrom(clip, from, alone)
		t.Logf("%s: %.5f of %.5f, sharpness %.2f", name, a, b, sharp/wanted)
		if !(a <= b/4) {
			t.Errorf("%s: the warping error is %.5f, and %.5f of frames by themselves", name, a, b)
		}
		if !(sharp > 0.8*wanted && sharp < 1.2*wanted) {
			t.Errorf("%s: the film is %.2f times as sharp as frames by themselves", name, sharp/wanted)
		}
		for i := range together {
			if together[i].Begins != (i == 0 || clip.Cut(from+i)) {
				t.Errorf("%s: frame %d begins a shot: %v", name, i, together[i].Begins)
			}
		}
	}
}

// TestStyleFilmThreads checks that bits do not depend on the number of threads.
// TestStyleFilmSettles checks that what comes into sight is free to change until it has had the steps of a
// first frame, that what leaves the rim is freer than it was, and that all else is held.
func TestStyleFilmSettles(t *testing.T) {
	f := newFilmTrial(t)
	const step = 3
	film := f.film(t, append(panned(4, step), panned(4, step)[3]), Pass{})
	at := func(x int) (settled, known float32) { return film.held.settled[24*64+x], film.held.known[24*64+x] }
	for frame := range 5 {
		spec, err := film.Spec(f.engine)
		if err != nil {
			t.Fatal(err)
		}
		if frame > 0 {
			for x := range 64 {
				settled, known := at(x)
				if known > settled {
					t.Errorf("frame %d, x %d: held by %v, and settled by %v", frame, x, known, settled)
				}
			}
			if settled, known := at(20); !(settled > 0.99 && known > 0.9) {
				t.Errorf("frame %d: the middle is settled by %v and held by %v", frame, settled, known)
			}
		}
		switch frame {
		case 1: // the rim is 3.2 pixels wide
			if settled, _ := at(63); !(settled < 0.1) {
				t.Errorf("what was not in sight is settled by %v", settled)
			}
			if settled, _ := at(63 - step); !(settled < 0.5) {
				t.Errorf("what was at the border is settled by %v", settled)
			}
		case 3: // which has been in sight for 0, 1 and 2 frames of 8 steps of 25
			for i, want := range []float32{0, 0.32, 0.64} {
				if settled, _ := at(63 - step*i); !(settled <= want+0.1) {
					t.Errorf("after %d frames a place is settled by %v, not %v", i, settled, want)
				}
			}
		case 4: // nothing moves
			if settled, _ := at(63); !(settled > 0.25) {
				t.Errorf("what stays at the border is settled by %v", settled)
			}
		}
		film.Frame(f.run(t, spec).Picture)
	}
}

func TestStyleFilmThreads(t *testing.T) {
	f := newFilmTrial(t)
	c := panned(3, 1.3)
	want := f.shoot(t, f.film(t, c, Pass{}))
	var err error
	if f.engine, err = NewEngine(EngineOptions{Threads: 1}); err != nil {
		t.Fatal(err)
	}
	defer f.engine.Close()
	for i, im := range f.shoot(t, f.film(t, c, Pass{})) {
		if !slices.Equal(im.Pix, want[i].Pix) {
			t.Errorf("frame %d differs on one thread", i)
		}
	}
}

// TestStyleFilmCut checks that a cut is found, and that what follows is as if nothing had been before.
func TestStyleFilmCut(t *testing.T) {
	f := newFilmTrial(t)
	other := NewPicture(64, 48)
	for i := range other.Pix {
		x, y := i/3%64, i/3/64
		other.Pix[i] = float32((x/8+y/8)%2) * float32(i%3+1) / 3
	}
	c := pictures{panned(1, 0)[0], other, other}
	frames := f.shoot(t, f.film(t, c, Pass{}))
	if !frames[1].Begins || frames[2].Begins {
		t.Fatalf("shots begin at %v, %v", frames[1].Begins, frames[2].Begins)
	}
	if want := f.shoot(t, f.film(t, c[1:], Pass{})); !slices.Equal(frames[1].Pix, want[0].Pix) ||
		!slices.Equal(frames[2].Pix, want[1].Pix) {
		t.Error("the second shot knows of the first")
	}
}

// TestStyleFilmDrift checks that nothing drifts in a clip that stands still.
func TestStyleFilmDrift(t *testing.T) {
	f := newFilmTrial(t)
	f.Iterations = 100
	c := slices.Repeat(panned(1, 0), 15)
	frames := f.shoot(t, f.film(t, c, Pass{}))
	for i, was := range colour.Of(frames[4].Pix, nil, 64).Mean {
		if d := math.Abs(colour.Of(frames[14].Pix, nil, 64).Mean[i]-was) / 10; !(d < 1./255/100) {
			t.Errorf("channel %d drifts by %v in a frame", i, d)
		}
	}
}

// TestStyleFilmLight lets the light of a half of a clip fade, or that of all of it. Of a half it fades in the
// film as well, no less than in pictures that are made alone and no more than in the clip. How light the whole
// is comes from the style.
func TestStyleFilmLight(t *testing.T) {
	f := newFilmTrial(t)
	f.Iterations = 60
	still := panned(1, 0)[0]
	left := func(im *Picture) (sum float64) { // less the right
		for i := 1; i < len(im.Pix); i += 3 {
			if i/3%im.W < im.W/2 {
				sum += float64(im.Pix[i])
			} else {
				sum -= float64(im.Pix[i])
			}
		}
		return sum / float64(im.W*im.H/2)
	}
	whole := func(im *Picture) float64 { return colour.Of(im.Pix, nil, im.W).Mean[1] }
	for name, half := range map[string]bool{"half": true, "all": false} {
		lightness := whole
		if half {
			lightness = left
		}
		c := make(pictures, 6)
		for i := range c {
			im := NewPicture(64, 48)
			for k, v := range still.Pix {
				if im.Pix[k] = v; !half || k/3%im.W < im.W/2 {
					im.Pix[k] = v * (1 - 0.08*float32(i))
				}
			}
			c[i] = im
		}
		frames := f.shoot(t, f.film(t, c, Pass{}))
		o := f.StyleOptions
		o.Content = c[5]
		alone := lightness(f.run(t, Style(o)).Picture) - lightness(frames[0].Picture)
		film := lightness(frames[5].Picture) - lightness(frames[0].Picture)
		photo := lightness(c[5]) - lightness(c[0])
		if half && !(film < alone && film > photo) || !half && !(math.Abs(film-alone) < 0.01) {
			t.Errorf("%s: the light changes by %v, that of pictures alone by %v, that of the clip by %v", name, film,
				alone, photo)
		}
	}
}

// TestStyleFilmWays makes films in all ways that change what a frame is held to.
func TestStyleFilmWays(t *testing.T) {
	for name, change := range map[string]func(f *filmTrial){
		"photo":     func(f *filmTrial) { f.Colors = ColorsPhoto },
		"luminance": func(f *filmTrial) { f.Colors = ColorsLuminance },
		"match":     func(f *filmTrial) { f.Colors = ColorsMatch },
		"w2":        func(f *filmTrial) { f.StyleLoss = []WeightedLoss{{WassersteinLoss, 1}} },
		"gram":      func(f *filmTrial) { f.StyleLoss = []WeightedLoss{{GramLoss, 1}} },
		"nnst": func(f *filmTrial) {
			f.StyleOptions = DefaultNNST(f.net)
			f.Size, f.Scales, f.Iterations, f.Styles = 0, 2, 12, []*Picture{painting(64, 48, 1)}
		},
		"ssim": func(f *filmTrial) { f.SSIMWeight = 1 },
	} {
		f := newFilmTrial(t)
		f.Iterations, f.FrameIterations = 12, 6
		change(f)
		c := panned(2, 1.3)
		frames := f.shoot(t, f.film(t, c, Pass{}))
		got, want := mean(warpErrors(frames)), mean(f.alone(t, c))
		if !(got <= want/4) {
			t.Errorf("%s: the warp error is %v, of single pictures %v", name, got, want)
		}
		if name == "photo" || name == "luminance" {
			a, b := colour.Of(frames[1].Pix, nil, 64).Mean, colour.Of(c[1].Pix, nil, 64).Mean
			if d := math.Abs((a[0] - a[2]) - (b[0] - b[2])); !(d < 0.03) {
				t.Errorf("%s: the colours are %v from the photograph's", name, d)
			}
		}
	}
}

// TestSecondPass checks that a pass over a clip from its end holds frames together, and keeps what the first
// has made.
func TestSecondPass(t *testing.T) {
	f := newFilmTrial(t)
	c := panned(4, 1.3)
	first := f.shoot(t, f.film(t, c, Pass{}))
	n := len(c)
	film := f.film(t, Reversed(c, n), Pass{
		Before: func(i int) (*FilmState, error) { return first[n-1-i].State, nil }, First: c[0],
	})
	second := f.shoot(t, film)
	if len(second) != n {
		t.Fatalf("%d frames of %d", len(second), n)
	}
	if got, want := mean(warpErrors(second)), mean(f.alone(t, c)); !(got <= want/4) {
		t.Errorf("the warp error is %v, of single pictures %v", got, want)
	}
	for i, im := range second {
		was := first[n-1-i]
		if d := meanApart(im.Picture, was.Picture); !(d < 0.03) {
			t.Errorf("frame %d is %v from the first pass", n-1-i, d)
		}
		if slices.Equal(im.Pix, was.Pix) {
			t.Errorf("frame %d is that of the first pass", n-1-i)
		}
	}
}

// TestFilmStateDamage checks that a state that is not whole is refused.
func TestFilmStateDamage(t *testing.T) {
	s := &FilmState{picture: imageio.New(8, 6), strokes: make([]float32, 3*8*6),
		filmPlace: filmPlace{Width: 8, Height: 6, Strokes: true}}
	var file bytes.Buffer
	if err := s.Write(&file); err != nil {
		t.Fatal(err)
	}
	whole := file.Bytes()
	for n := range whole {
		if _, err := ReadFilmState(bytes.NewReader(whole[:n]), "a.state", Size{8, 6}); err == nil {
			t.Fatalf("%d bytes of %d are taken", n, len(whole))
		}
		broken := slices.Clone(whole)
		broken[n] ^= 4
		if _, err := ReadFilmState(bytes.NewReader(broken), "a.state", Size{8, 6}); err == nil {
			t.Fatalf("a state with byte %d changed is taken", n)
		}
	}
	if _, err := ReadFilmState(bytes.NewReader(whole), "a.state", Size{6, 8}); err == nil {
		t.Error("a state of another size is taken")
	}
}

// dividedPictures are frames of which the left part is one region and the rest another. The part gets smaller,
// and the last frame has none.
type dividedPictures struct {
	pictures
	masked bool // the parts are those of a mask, not regions
}

// edge returns where the right region of a frame begins.
func (c dividedPictures) edge(i int) int { return 16 * (len(c.pictures) - 1 - i) }

func (c dividedPictures) labels(i int, left, right [3]float32) *Picture {
	im := NewPicture(64, 48)
	for k := range im.Pix {
		if im.Pix[k] = right[k%3]; k/3%64 < c.edge(i) {
			im.Pix[k] = left[k%3]
		}
	}
	return im
}

func (c dividedPictures) Regions(i int) (*region.Map, error) {
	if c.masked {
		return nil, nil
	}
	return region.Read(c.labels(i, [3]float32{1, 0, 0}, [3]float32{0, 0, 1}))
}

func (c dividedPictures) Mask(i int) (*region.Mask, error) {
	if !c.masked {
		return nil, nil
	}
	return region.ReadMask(c.labels(i, [3]float32{1, 1, 1}, [3]float32{})), nil
}

// TestFilmInRegions paints only in a region that moves, and dreams only in a mask that does: what is kept is as
// it is in the clip.
func TestFilmInRegions(t *testing.T) {
	c := dividedPictures{panned(3, 1.3), false}
	f := newFilmTrial(t)
	f.Feather = 0
	f.Region = []Region{{Name: "blue", Keep: true}}
	f.Regions = PictureGiven
	d := tinyDreamFilm(t, dividedPictures{c.pictures, true})
	d.MaskFeather, d.Iterations, d.FrameIterations = 0, 4, 2
	style := f.shoot(t, f.film(t, c, Pass{}))
	f.Colors = ColorsPhoto
	for name, frames := range map[string]madeFrames{
		"style": style, "style, colours of the photograph": f.shoot(t, f.film(t, c, Pass{})),
		"dream": d.shoot(t, d.film(t), 2),
	} {
		for i, im := range frames {
			changed := 0
			for k, v := range Quantised(c.pictures[i], 8, nil).Pix {
				same := im.Pix[k] == v
				if x := k / 3 % 64; x >= c.edge(i) && !same {
					t.Fatalf("%s: frame %d differs at %d, from %d on it is to be kept", name, i, x, c.edge(i))
				} else if !same {
					changed++
				}
			}
			if want := c.edge(i) * 48; changed < want {
				t.Errorf("%s: frame %d has %d samples changed of %d", name, i, changed, 3*want)
			}
		}
	}
}
