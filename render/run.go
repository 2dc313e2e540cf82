package render

import (
	"context"
	"math"
	"math/rand/v2"
	"time"

	"oneiro/autodiff/optim"
	"oneiro/internal/imageio"
)

// changeWindow is the number of steps over which UntilChange measures progress.
const changeWindow = 10

// run is the state of one call of Style, Dream or Vis.
type run struct {
	*Common
	ctx     context.Context
	engine  *Engine
	started time.Time
	random  *rand.Rand

	step, steps       int // taken so far, and at most
	w, h, size, sizes int // of the canvas
	picture           func(x []float32) *imageio.Image

	shift   [2]float32 // by which the network sees the canvas rolled
	before  []float32  // x as the step in progress found it, or room for a copy of what is on a card
	best    []float32  // x with the least loss of this size
	atBest  float64
	history [changeWindow]float64
}

func newRun(ctx context.Context, c *Common, engine *Engine) *run {
	return &run{
		Common: c, ctx: ctx, engine: engine, started: time.Now(),
		random: rand.New(rand.NewPCG(c.Seed, 0)),
	}
}

// begin starts a size.
func (r *run) begin(w, h int) {
	r.size++
	r.w, r.h = w, h
	n := w * h * 3
	r.before, r.best = resized(r.before, n), resized(r.best, n)
	r.atBest = math.Inf(1)
	r.emit(Event{Kind: EventSize})
}

func resized(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	return s[:n]
}

func (r *run) emit(e Event) {
	if r.OnEvent == nil {
		return
	}
	e.Step, e.Steps = r.step, r.steps
	e.W, e.H, e.Size, e.Sizes = r.w, r.h, r.size, r.sizes
	e.Elapsed = time.Since(r.started)
	r.OnEvent(e)
}

// minimise takes the steps of one size, or fewer if a goal is reached, moving x. With jitter, the network sees
// the canvas rolled by up to so many pixels, another way each step. If the context is cancelled or a step
// fails, x is as the last whole step left it.
//
// on is the backend of a card, or nil: see progress.
func (r *run) minimise(p *problem, x []float32, o optim.Optimizer, on optim.Backend, jitter int) error {
	p.ctx = r.ctx
	c := r.follow(x, on)
	for i := range r.Iterations {
		if p.shift != nil {
			for k := range r.shift {
				r.shift[k] = float32(r.random.IntN(2*jitter+1) - jitter)
			}
			p.program.Write(p.shift, r.shift[:])
		}
		c.begin()
		value, err := o.Step(c.x, p.step)
		if err == nil {
			err = c.end(value)
		} else if r.ctx.Err() != nil {
			c.fetch(c.before) // if it fails there is what there was
		}
		if err != nil {
			return err
		}
		r.step++
		if r.EventEvery > 0 && (r.step%r.EventEvery == 0 || r.step == 1) {
			r.emit(Event{Kind: EventStep, Loss: value, Terms: p.terms()})
		}
		if r.PictureEvery > 0 && r.step%r.PictureEvery == 0 {
			if err := c.fetch(c.x); err != nil {
				return err
			}
			r.emit(Event{Kind: EventPicture, Loss: value, Picture: func() *imageio.Image { return r.picture(x) }})
		}
		if r.UntilLoss != 0 && r.size == r.sizes && value <= r.UntilLoss {
			break
		}
		old := r.history[i%changeWindow]
		r.history[i%changeWindow] = value
		if r.UntilChange > 0 && i >= changeWindow && old-value < r.UntilChange*math.Abs(old) {
			break
		}
	}
	return c.fetch(c.x)
}
