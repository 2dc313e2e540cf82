package render

import (
	"context"

	_ "oneiro/autodiff/cpu" // which trials compute on
	"oneiro/nn"
)

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
