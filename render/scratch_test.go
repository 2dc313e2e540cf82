package render

import (
	"context"
	"errors"
	"math"
	"os"
	"slices"
	"testing"

	"oneiro/autodiff/optim"
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
		state := s.method().Bytes(160 * 120 * 3)
		if optimizer == LBFGS && refused.Need > whole.Peak()-state/2 {
			t.Errorf("with the state on the disk %d bytes are the least, and %d without", refused.Need, whole.Peak())
		}
		e.Memory = refused.Need
		plans = job.Plans(e)
		last := plans[len(plans)-1]
		state += progressOnHost * 4 * 3 * 160 * 120
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
	if err := e.reserveScratch([]SizePlan{{}, {Disk: 1 << 20}, {Disk: 1}}); err != nil || e.scratch.Bytes() != 1<<20 {
		t.Fatalf("%v", err)
	}
	err = e.reserveScratch([]SizePlan{{Disk: math.MaxInt64}})
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
