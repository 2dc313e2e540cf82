package render

import (
	"context"
	"math"
	"time"

	"oneiro/autodiff/optim"
)

// progress is the canvas of a stage and what is remembered of it. The vectors are those of a backend. If that
// keeps them on a device, the process gets copies now and then: should the device be lost, it has the canvas
// and the best of not long ago.
type progress struct {
	ctx     context.Context
	backend optim.Backend
	remote  bool // the vectors are on a device

	x      []float32 // what the optimiser moves
	before []float32 // x as the step in progress found it
	best   []float32 // x with the least loss
	atBest float64   // that loss

	// What the process has of x and best. It is the same as those unless they are on a device.
	canvas, bestCanvas []float32
	bestLoss           float64
	spare              []float32
	fetched            time.Time
	fetchTime          time.Duration
}

// progressVectors is how many vectors progress has on a device, and progressOnHost how many it has beside the
// canvas elsewhere.
const (
	progressVectors = 3
	progressOnHost  = 2
)

// newProgress starts at the canvas x, which stays the process's copy.
func newProgress(ctx context.Context, x []float32, backend optim.Backend, remote bool) *progress {
	n := len(x)
	p := &progress{
		ctx: ctx, backend: backend, remote: remote,
		x: x, before: backend.Vector(n), best: backend.Vector(n), atBest: math.Inf(1),
		canvas: x, bestLoss: math.Inf(1),
	}
	if remote {
		p.x = backend.Vector(n)
		backend.Copy(p.x, x)
		p.bestCanvas, p.spare = make([]float32, n), make([]float32, n)
	}
	return p
}

// begin notes where a step begins.
func (p *progress) begin() { p.backend.Copy(p.before, p.x) }

// end notes the loss at which a step began. Copies for the process take no more than a twentieth of the time.
func (p *progress) end(loss float64) error {
	if loss < p.atBest {
		p.atBest = loss
		p.best, p.before = p.before, p.best
	}
	if p.remote && time.Since(p.fetched) < 20*p.fetchTime {
		return nil
	}
	return p.fetch(p.x)
}

// fetch gives the process x, which is a vector of the backend, and the best so far. What the process had stays
// if the device fails.
func (p *progress) fetch(x []float32) error {
	if !p.remote {
		p.bestCanvas, p.bestLoss = p.best, p.atBest
		return nil
	}
	start := time.Now()
	get := func(v []float32) error {
		p.backend.Copy(p.spare, v) // not to its place at once, since a copy can fail half-way
		return deviceError(p.ctx, p.backend.Err())
	}
	if err := get(x); err != nil {
		return err
	}
	copy(p.canvas, p.spare)
	if !math.IsInf(p.atBest, 1) {
		if err := get(p.best); err != nil {
			return err
		}
		p.bestCanvas, p.spare, p.bestLoss = p.spare, p.bestCanvas, p.atBest
	}
	p.fetched = time.Now()
	p.fetchTime = p.fetched.Sub(start)
	return nil
}
