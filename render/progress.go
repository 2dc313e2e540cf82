package render

import (
	"math"
	"time"

	"oneiro/autodiff/optim"
)

// progress is what minimise moves and remembers. On a card these are vectors of its backend, and the process
// gets copies now and then: should the device be lost, it has x and the best of not long ago.
type progress struct {
	run    *run
	on     optim.Backend
	x      []float32 // that the optimiser moves
	before []float32 // x as the step in progress found it
	best   []float32 // x with the least loss of this size
	atBest float64

	copied    []float32 // x of the process
	fetched   time.Time
	fetchTime time.Duration
}

// canvasVectors is how many vectors progress has on a card.
const canvasVectors = 3

func (r *run) follow(x []float32, on optim.Backend) progress {
	p := progress{run: r, on: on, x: x, before: r.before, best: r.best, atBest: r.atBest}
	if on != nil {
		n := len(x)
		p.copied, p.x, p.before, p.best = x, on.Vector(n), on.Vector(n), on.Vector(n)
		on.Copy(p.x, x)
	}
	return p
}

// begin notes where a step begins.
func (p *progress) begin() {
	if p.on == nil {
		copy(p.before, p.x)
		return
	}
	p.on.Copy(p.before, p.x)
}

// end notes the loss at which a step began. Copies for the process take no more than a twentieth of the time.
func (p *progress) end(loss float64) error {
	if loss < p.atBest {
		p.atBest = loss
		p.best, p.before = p.before, p.best
	}
	if p.on == nil {
		p.run.best, p.run.before, p.run.atBest = p.best, p.before, p.atBest
		return nil
	}
	if time.Since(p.fetched) < 20*p.fetchTime {
		return nil
	}
	return p.fetch(p.x)
}

// fetch has the process get x, and the best of the run. What it had stays if the device fails.
func (p *progress) fetch(x []float32) error {
	if p.on == nil {
		return nil
	}
	start := time.Now()
	whole := p.run.before // a copy can fail half-way
	get := func(v []float32) error {
		p.on.Copy(whole, v)
		return deviceError(p.run.ctx, p.on.Err())
	}
	if err := get(x); err != nil {
		return err
	}
	copy(p.copied, whole)
	if !math.IsInf(p.atBest, 1) {
		if err := get(p.best); err != nil {
			return err
		}
		p.run.best, p.run.before, p.run.atBest = whole, p.run.best, p.atBest
	}
	p.fetched = time.Now()
	p.fetchTime = p.fetched.Sub(start)
	return nil
}
