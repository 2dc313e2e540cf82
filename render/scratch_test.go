package render

import (
	"context"
	"errors"
	"math"
	"os"
	"slices"
	"testing"

	"oneiro/autodiff/optim"
	"oneiro/internal/imageio"
)

// TestScratch runs with less memory than the optimiser needs and a folder for its state: the picture has the
// same bits, the plan says what is on the disk, and nothing is left there.
func TestScratch(t *testing.T) {
	e, err := NewEngine(EngineOptions{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	e.Scratch = t.TempDir()
	for _, optimizer := range []Optimizer{LBFGS, Adam} {
		s := tinyStyle()
		s.Engine, s.Optimizer, s.Size, s.History = e, optimizer, 160, 100
		e.Memory = 0
		job, err := New(Style(s.StyleOptions), s.Network, s.Params)
		if err != nil {
			t.Fatal(err)
		}
		plans := job.Plans(e)
		for _, p := range plans {
			if p.Disk != 0 {
				t.Errorf("%s: %d bytes on the disk where all fits", optimizer, p.Disk)
			}
		}
		whole := plans[len(plans)-1]
		want, wantShort := mustStyle(t, s), stopped(t, s)

		e.Memory = 1
		refused, ok := errors.AsType[*MemoryError](job.Read(e))
		if !ok {
			t.Fatalf("%s: a byte of memory is enough", optimizer)
		}
		state := s.method(Stage{Size: Size{160, 120}}).Bytes(160 * 120 * 3)
		if optimizer == LBFGS && refused.Need > whole.Peak()-state/2 {
			t.Errorf("with the state on the disk %d bytes are the least, and %d without", refused.Need, whole.Peak())
		}
		e.Memory = refused.Need
		plans = job.Plans(e)
		last := plans[len(plans)-1]
		state += progressOnHost*4*3*160*120 + 4*3*80*60 // and the canvas of the size before
		if last.Disk < state || last.Disk > state+1<<20 || last.Fits(e) != nil {
			t.Errorf("%s: %d bytes on the disk, want %d; %v", optimizer, last.Disk, state, last.Fits(e))
		}
		got := mustStyle(t, s)
		if !slices.Equal(got.Picture.Pix, want.Picture.Pix) || got.Loss != want.Loss {
			t.Errorf("%s: another picture, and a loss of %v, want %v", optimizer, got.Loss, want.Loss)
		}
		if short := stopped(t, s); !slices.Equal(short.Picture.Pix, wantShort.Picture.Pix) {
			t.Errorf("%s: another picture of a run that was cut short", optimizer)
		}
		if e.scratch == nil {
			t.Error("nothing was on the disk")
		}
		if left, _ := os.ReadDir(e.Scratch); len(left) > 0 {
			t.Errorf("%s: left behind: %v", optimizer, left)
		}
	}
}

// stopped returns what there is of a run that ends in its last stage.
func stopped(t *testing.T, s styleTrial) *Result {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.On = func(e Event) {
		if e.Step == 9 {
			cancel()
		}
	}
	r, err := s.run(ctx)
	if !errors.Is(err, context.Canceled) || r == nil || r.Steps != 9 {
		t.Fatalf("%+v, %v", r, err)
	}
	return r
}

// TestScratchIsReserved wants a folder without enough room refused before anything is read.
func TestScratchIsReserved(t *testing.T) {
	e, err := NewEngine(EngineOptions{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	e.Scratch = t.TempDir()
	if err := e.reserveScratch([]SizePlan{{}, {Disk: 1 << 20}, {Disk: 1}}, 1); err != nil || e.scratch.Bytes() != 1<<20 {
		t.Fatalf("%v", err)
	}
	err = e.reserveScratch([]SizePlan{{Disk: math.MaxInt64}}, 0)
	if full, ok := errors.AsType[*optim.ScratchError](err); !ok || full.Dir != e.Scratch || full.Free == 0 {
		t.Errorf("got %v", err)
	}

	e.Scratch += "/missing"
	s := tinyStyle()
	s.Engine, s.Size, s.History, e.Memory = e, 160, 100, 1
	var params lockedParams
	job, err := New(Style(s.StyleOptions), s.Network, &params)
	if err != nil {
		t.Fatal(err)
	}
	refused, _ := errors.AsType[*MemoryError](job.Read(e))
	e.Memory = refused.Need
	_, err = job.Run(context.Background(), e, Events{})
	if full, ok := errors.AsType[*optim.ScratchError](err); !ok || !errors.Is(full, os.ErrNotExist) || params.read {
		t.Errorf("got %v; parameters are read: %v", err, params.read)
	}
}

// TestScratchOfTiles runs on tiles with a memory in which not even the canvas has room, and with all of it:
// the pictures have the same bits, whether the run goes on from a checkpoint or not, and the plan says what
// is on the disk.
func TestScratchOfTiles(t *testing.T) {
	s := tinyStyle()
	s.Optimizer, s.Size, s.Scales, s.Iterations, s.History = LBFGS, 640, 2, 5, 4
	s.Content, s.Styles = given(landscape(600, 90, 1)), []*Picture{given(painting(200, 30, 1))}
	s.StyleLayers, s.ContentLayers = s.StyleLayers[:2], s.StyleLayers[1:2]
	s.StructureWeight, s.SSIMWeight = 1, 1
	e := tightEngine(t, &s, false)
	got, short := mustStyle(t, s), stopped(t, s)
	if left, _ := os.ReadDir(e.Scratch); len(left) > 0 || e.scratch == nil {
		t.Errorf("left behind: %v", left)
	}
	resumed := goOn(t, s)
	e.Memory, e.Scratch = 0, ""
	want, wantShort := mustStyle(t, s), stopped(t, s)
	for name, pair := range map[string][2]*Result{
		"the whole run": {got, want}, "one that goes on": {resumed, want}, "one that was cut short": {short, wantShort},
	} {
		if !slices.Equal(pair[0].Picture.Pix, pair[1].Picture.Pix) || pair[0].Loss != pair[1].Loss {
			t.Errorf("%s: another picture, and a loss of %v, want %v", name, pair[0].Loss, pair[1].Loss)
		}
	}
	if !slices.Equal(got.Report, want.Report) || len(got.Report) == 0 {
		t.Errorf("the report is %v, want %v", got.Report, want.Report)
	}
}

// TestScratchOfPictures does so with a style so large that the pictures have to be in the file, too.
func TestScratchOfPictures(t *testing.T) {
	s := tinyStyle()
	s.Optimizer, s.Size, s.Scales, s.Iterations, s.StyleScale = Adam, 640, 1, 2, []float64{3}
	s.Content, s.Styles = given(landscape(600, 90, 1)), []*Picture{given(painting(1920, 300, 1))}
	s.StyleLayers, s.ContentLayers = s.StyleLayers[:1], s.StyleLayers[:1]
	e := tightEngine(t, &s, true)
	got := mustStyle(t, s)
	e.Memory, e.Scratch = 0, ""
	if want := mustStyle(t, s); !slices.Equal(got.Picture.Pix, want.Picture.Pix) || got.Loss != want.Loss {
		t.Errorf("another picture, and a loss of %v, want %v", got.Loss, want.Loss)
	}
}

// tightEngine returns an engine for a trial with the least memory that will do with a folder, and that
// folder. Its tiles are those that this leads to. filed is whether the pictures have to be there, too.
func tightEngine(t *testing.T, s *styleTrial, filed bool) *Engine {
	t.Helper()
	e, err := NewEngine(EngineOptions{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	s.Engine = e
	refused := func(memory int64, folder string) *MemoryError {
		t.Helper()
		e.Memory, e.Scratch = memory, folder
		m, ok := errors.AsType[*MemoryError](mustJob(t, *s).Read(e))
		if !ok {
			t.Fatalf("%d bytes are enough", memory)
		}
		return m
	}
	folder := t.TempDir()
	least, without := refused(1, folder).Need, refused(1, "").Need
	if canvas := int64(4 * 3 * 640 * 96); least > without-4*canvas {
		t.Errorf("with a folder %d bytes are needed, and without %d", least, without)
	}
	hint := refused(least, "").WithScratch
	e.Memory, e.Scratch = least, folder
	j := mustJob(t, *s)
	plans := j.Plans(e)
	last := &plans[len(plans)-1]
	if last.Fits(e) != nil || last.Tiles.Count() < 2 || last.Disk == 0 || hint < last.Disk || j.filed != filed {
		t.Fatalf("%d tiles and %d bytes on the disk in %d of memory; the hint is %d, pictures are in the file: %t",
			last.Tiles.Count(), last.Disk, last.Peak(), hint, j.filed)
	}
	e.Tile = j.Tile()
	return e
}

// mustJob returns the job of a trial.
func mustJob(t *testing.T, s styleTrial) *Job {
	t.Helper()
	j, err := New(Style(s.StyleOptions), s.Network, s.Params)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// goOn returns the result of a run that was cut off after step 7 and goes on from its checkpoint.
func goOn(t *testing.T, s styleTrial) *Result {
	t.Helper()
	path := t.TempDir() + "/checkpoint"
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := mustJob(t, s).Run(ctx, s.Engine, Events{Every: 1, Checkpoints: Checkpoints{Save: func(state *State) {
		if state.Step() < 7 {
			return
		}
		f, err := os.Create(path)
		if err == nil {
			err = errors.Join(state.Write(f, Recipe{}, nil), f.Close())
		}
		if err != nil {
			t.Error(err)
		}
		cancel()
	}}})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	c, err := OpenCheckpoint(path)
	if err != nil {
		t.Fatal(err)
	}
	j := mustJob(t, s)
	if err := j.Resume(c); err != nil {
		t.Fatal(err)
	}
	r, err := j.Run(t.Context(), s.Engine, Events{Every: 1})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// given returns a picture that is read when it is needed.
func given(im *Picture) *Picture { return imageio.Deferred(im.W, im.H, source{im}) }

type source struct{ im *Picture }

func (s source) Read(v imageio.View, _ int64) (*Picture, error) {
	return imageio.Show(s.im, v, imageio.Bilinear), nil
}

func (source) Bytes(v imageio.View) int64 { return 12 * int64(v.W) * int64(v.H) }
func (source) Alpha() bool                { return false }
