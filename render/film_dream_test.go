package render

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"oneiro/flow"
	"oneiro/internal/clips"
	"oneiro/internal/option"
)

// drawnFrames are frames that are drawn, from one on.
type drawnFrames struct {
	*clips.Film
	from int
}

func (d drawnFrames) Frame(i int) (*Picture, error) { return d.Film.Frame(d.from + i), nil }

// madeFrames are frames that a film has made.
type madeFrames []FilmFrame

func (m madeFrames) Frame(i int) (*Picture, error)   { return m[i].Picture, nil }
func (m madeFrames) State(i int) (*FilmState, error) { return m[i].State, nil }

// dreamFilmTrial is a film of a clip, and what it runs with.
type dreamFilmTrial struct {
	DreamFilmOptions
	trial
	frames Frames
}

func tinyDreamFilm(t *testing.T, frames Frames) dreamFilmTrial {
	d := tinyDream()
	o := DefaultDreamFilm(d.Network)
	o.Octaves, o.Iterations, o.Jitter, o.FrameOctaves, o.FrameIterations = 2, 12, 8, 2, 2
	d.Engine = testEngine(t)
	return dreamFilmTrial{o, d.trial, frames}
}

// film returns the film.
func (d dreamFilmTrial) film(t *testing.T) *DreamFilm {
	t.Helper()
	f, err := NewDreamFilm(d.Network, d.DreamFilmOptions, d.frames)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// shoot makes frames of a film until so many are done.
func (d dreamFilmTrial) shoot(t *testing.T, f *DreamFilm, frames int) (made madeFrames) {
	t.Helper()
	for f.Done() < frames {
		spec, err := f.Spec(d.Engine)
		if err != nil {
			t.Fatal(err)
		}
		r, err := d.trial.run(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, f.Frame(r.Picture))
	}
	return made
}

// flicker returns the mean warping error of frames by the flow that is right.
func flicker(clip *clips.Film, frames madeFrames) float64 { return flickerFrom(clip, 0, frames) }

// flickerFrom is flicker of frames from one on.
func flickerFrom(clip *clips.Film, from int, frames madeFrames) (sum float64) {
	n := 0
	for i := 1; i < len(frames); i++ {
		field, seen := clip.Back(from + i)
		weights := make([]float32, len(seen))
		for k, s := range seen {
			if s {
				weights[k] = 1
			}
		}
		if e := flow.WarpError(frames[i].Pix, frames[i-1].Pix, field, weights); !math.IsNaN(e) {
			sum += e
			n++
		}
	}
	return sum / float64(n)
}

// TestDreamFilmSticks compares with dreams of each frame by itself: a dream that sticks to what moves
// flickers at most a quarter as much, and is about as strong.
func TestDreamFilmSticks(t *testing.T) {
	const frames = 6
	for _, name := range []string{"pan", "occluder"} {
		clip := clips.Of(name).At(80, 60)
		d := tinyDreamFilm(t, drawnFrames{clip, 0})
		f := d.film(t)
		together, alone := d.shoot(t, f, frames), madeFrames{}
		var strength, wanted float64
		for i := range frames {
			one := d
			one.frames = drawnFrames{clip, i}
			alone = append(alone, one.shoot(t, one.film(t), 1)...)
			strength += meanApart(together[i].Picture, clip.Frame(i))
			wanted += meanApart(alone[i].Picture, clip.Frame(i))
		}
		a, b := flicker(clip, together), flicker(clip, alone)
		if !(a <= b/4) {
			t.Errorf("%s: the warping error is %.5f, and %.5f of frames by themselves", name, a, b)
		}
		if !(strength > 0.8*wanted && strength < 1.1*wanted) {
			t.Errorf("%s: the dream changes frames by %.4f, and by %.4f by themselves", name, strength, wanted)
		}
		if e := together[frames-1].WarpError; !(e > 0 && e < 2*a) {
			t.Errorf("%s: WarpError is %.5f", name, e)
		}
	}
}

// TestDreamFilmStill dreams of what does not move: after a hundred frames the colours are those of the
// first, and the dream is as strong.
func TestDreamFilmStill(t *testing.T) {
	d := tinyDreamFilm(t, drawnFrames{clips.Of("still").At(40, 30), 0})
	d.Layers, d.Octaves, d.FrameOctaves, d.FrameIterations = []string{"relu2_1"}, 1, 1, 1
	source, _ := d.frames.Frame(0)
	made := d.shoot(t, d.film(t), 101)
	first := meansOf(made[0].Picture)
	for _, i := range []int{1, 20, 50, 100} {
		for c, v := range meansOf(made[i].Picture) {
			if !(math.Abs(v-first[c]) < 1.0/255) {
				t.Errorf("frame %d has a mean of %.4f in channel %d, and the first %.4f", i+1, v, c, first[c])
			}
		}
		if a, b := meanApart(made[i].Picture, source), meanApart(made[0].Picture, source); !(a > 0.9*b && a < 1.1*b) {
			t.Errorf("frame %d is %.4f from the clip, and the first %.4f", i+1, a, b)
		}
	}
	if meanApart(made[100].Picture, made[0].Picture) == 0 {
		t.Error("nothing is dreamed after the first frame")
	}
}

func meansOf(im *Picture) (sum [3]float64) {
	for i, v := range im.Pix {
		sum[i%3] += float64(v) * 3 / float64(len(im.Pix))
	}
	return sum
}

// TestDreamFilmGoesOn has films go on from their frames, before, at and after a cut, on other numbers of
// threads: to the same bits. What comes after the cut is what a film of that alone begins with.
func TestDreamFilmGoesOn(t *testing.T) {
	const frames = clips.Cut + 3
	clip := clips.Of("cut").At(48, 36)
	d := tinyDreamFilm(t, drawnFrames{clip, 0})
	d.Iterations = 4
	want := d.shoot(t, d.film(t), frames)
	for done, threads := range map[int]int{2: 1, clips.Cut: 3, clips.Cut + 2: 1} {
		e, err := NewEngine(EngineOptions{Threads: threads})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		d.Engine = e
		f := d.film(t)
		if err := f.Restart(done, want[:done]); err != nil {
			t.Fatal(err)
		}
		for i, im := range d.shoot(t, f, frames) {
			if !slices.Equal(im.Pix, want[done+i].Pix) {
				t.Errorf("frame %d differs when the film goes on after %d, on %d threads", done+i+1, done, threads)
			}
		}
	}
	d.frames = drawnFrames{clip, clips.Cut}
	for i, im := range d.shoot(t, d.film(t), 1) {
		if !slices.Equal(im.Pix, want[clips.Cut+i].Pix) {
			t.Errorf("frame %d depends on what was before the cut", clips.Cut+i+1)
		}
	}
}

// TestDreamFilmLight wants the light of the clip to go down in the film as much, and colours else to be
// those of the first frame.
func TestDreamFilmLight(t *testing.T) {
	clip := clips.Of("light").At(64, 48)
	d := tinyDreamFilm(t, drawnFrames{clip, 0})
	made := d.shoot(t, d.film(t), 12)
	a, b := meansOf(made[0].Picture), meansOf(clip.Frame(0))
	x, y := meansOf(made[11].Picture), meansOf(clip.Frame(11))
	for c := range 3 {
		if down := b[c] - y[c]; !(down > 0.02) || !(math.Abs((a[c]-x[c])-down) < 0.3*down) {
			t.Errorf("channel %d goes down by %.4f, and in the clip by %.4f", c, a[c]-x[c], down)
		}
	}
}

// TestDreamFilmInMask leaves what is outside of a mask as the clip has it.
func TestDreamFilmInMask(t *testing.T) {
	clip := clips.Of("pan").At(96, 72)
	d := tinyDreamFilm(t, drawnFrames{clip, 0})
	d.Mask, d.Where, d.Iterations = PictureGiven, discMask(96, 72), 4
	for i, im := range d.shoot(t, d.film(t), 3) {
		changed := 0
		for k, v := range clip.Frame(i).Pix {
			far := math.Hypot(float64(k/3%96)-47.5, float64(k/3/96)-35.5) > 56
			if im.Pix[k] != v {
				changed++
			}
			if far && im.Pix[k] != v {
				t.Fatalf("frame %d changes outside of the mask", i+1)
			}
		}
		if changed < 1000 {
			t.Errorf("frame %d changes %d values", i+1, changed)
		}
	}
}

// TestDreamFilmKeys looks at the objectives of frames on the way to a key, and at the steps.
func TestDreamFilmKeys(t *testing.T) {
	d := tinyDreamFilm(t, drawnFrames{clips.Of("pan").At(48, 36), 0})
	d.Keys = Keys{{Frame: 3, Fade: 2, Objective: Aims{{Kind: "mean", Layer: "relu3_1"}}}}
	f := d.film(t)
	for i, want := range []struct{ objectives, steps int }{{0, 12}, {2, 2}, {1, 2}} {
		if err := f.prepare(d.Engine); err != nil {
			t.Fatal(err)
		}
		o := f.options()
		if i > 0 && len(o.Objectives) != want.objectives || o.Iterations != want.steps || o.Seed != uint64(i) {
			t.Errorf("frame %d has %d steps, seed %d and %v", i+1, o.Iterations, o.Seed, o.Objectives)
		}
		d.shoot(t, f, i+1)
	}
}

// wrongFrames have a frame of another size, and one that cannot be read.
type wrongFrames struct{}

var errFrame = errors.New("no such frame")

func (wrongFrames) State(int) (*FilmState, error) { return nil, nil }

func (wrongFrames) Frame(i int) (*Picture, error) {
	if i > 1 {
		return nil, errFrame
	}
	return NewPicture(40, 30+i), nil
}

func TestDreamFilmRefuses(t *testing.T) {
	d := tinyDreamFilm(t, wrongFrames{})
	f := d.film(t)
	d.shoot(t, f, 1)
	_, err := f.Spec(d.Engine)
	if e, ok := errors.AsType[*FrameSizeError](err); !ok || e.Frame != 1 || e.Hint() == "" ||
		e.Error() != "frame 2 of the film has 40x31 pixels, and the first has 40x30" {
		t.Errorf("%v", err)
	}
	if err := f.Restart(3, wrongFrames{}); err != errFrame {
		t.Errorf("%v", err)
	}
	for want, change := range map[string]func(o *DreamFilmOptions){
		"decay":                                func(o *DreamFilmOptions) { o.Decay = 1.1 },
		"canvas cannot be decoder with frames": func(o *DreamFilmOptions) { o.Canvas = CanvasDecoder },
		"frame-octaves":                        func(o *DreamFilmOptions) { o.FrameOctaves = 0 },
	} {
		d := tinyDreamFilm(t, drawnFrames{clips.Of("still").At(40, 30), 0})
		change(&d.DreamFilmOptions)
		f, err := NewDreamFilm(d.Network, d.DreamFilmOptions, d.frames)
		if err == nil {
			spec, _ := f.Spec(d.Engine)
			_, err = New(spec, d.Network, d.Params)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestDreamFilmFrom(t *testing.T) {
	net := tinyDream().Network
	class := func(string) (int, error) { return -1, nil }
	o, err := DreamFilmFrom(net, option.Values{"decay": "0.5", "frame-iterations": "7"}, class)
	if err != nil || o.Decay != 0.5 || o.FrameIterations != 7 || o.OctaveScale != DefaultDream(net).OctaveScale {
		t.Errorf("%v, %v, %d steps", err, o.Decay, o.FrameIterations)
	}
	for _, wrong := range []option.Values{{"decay": "much"}, {"octaves": "much"}} {
		if _, err := DreamFilmFrom(net, wrong, class); err == nil {
			t.Errorf("%v is taken", wrong)
		}
	}
}
