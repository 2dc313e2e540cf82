package render

import (
	"context"
	"sync"

	_ "oneiro/autodiff/cpu" // which trials compute on
	"oneiro/internal/sample"
	"oneiro/nn"
)

// drawn keeps built-in pictures, most of which several tests need.
var drawn sync.Map

type drawing struct {
	name string
	w, h int
	seed uint64
}

func landscape(w, h int, seed uint64) *Picture {
	return draw(drawing{"landscape", w, h, seed}, sample.Landscape)
}
func painting(w, h int, seed uint64) *Picture {
	return draw(drawing{"painting", w, h, seed}, sample.Painting)
}

// draw returns a picture of which tests may change all but the pixels.
func draw(d drawing, f func(w, h int, seed uint64) *Picture) *Picture {
	kept, ok := drawn.Load(d)
	if !ok {
		kept, _ = drawn.LoadOrStore(d, f(d.w, d.h, d.seed))
	}
	im := *kept.(*Picture)
	return &im
}

// trial is what a job of a test runs with.
type trial struct {
	Events
	Network *nn.Network
	Params  nn.Params
	Engine  *Engine // nil stands for all processors and the best kernels
}

func (t *trial) run(ctx context.Context, spec Spec) (*Result, error) {
	job, err := New(spec, t.Network, t.Params)
	if err != nil {
		return nil, err
	}
	engine := t.Engine
	if engine == nil {
		if engine, err = NewEngine(EngineOptions{}); err != nil {
			return nil, err
		}
		defer engine.Close()
	}
	return job.Run(ctx, engine, t.Events)
}

type styleTrial struct {
	StyleOptions
	trial
}

func (s styleTrial) run(ctx context.Context) (*Result, error) {
	return s.trial.run(ctx, Style(s.StyleOptions))
}

type dreamTrial struct {
	DreamOptions
	trial
}

func (d dreamTrial) run(ctx context.Context) (*Result, error) {
	return d.trial.run(ctx, Dream(d.DreamOptions))
}

type visTrial struct {
	VisOptions
	trial
}

func (v visTrial) run(ctx context.Context) (*Result, error) {
	return v.trial.run(ctx, Vis(v.VisOptions))
}
