package main

import (
	"fmt"
	"io"
	"time"

	"oneiro/render"
)

// progress shows people how far a run has come: a bar on a terminal, lines elsewhere. Progress is
// measured in floating-point operations, since a step at a coarse size takes a fraction of the time of
// one at the last.
type progress struct {
	w     io.Writer
	bar   *bar      // nil for lines
	work  []float64 // of one step at each size
	steps []int     // at each size
	first int       // steps taken before this size
}

func newProgress(w io.Writer, plans []render.SizePlan, steps func(size int) int) *progress {
	p := &progress{w: w, bar: newBar(w)}
	for i := range plans {
		p.work = append(p.work, plans[i].FLOPs())
		p.steps = append(p.steps, steps(i))
	}
	return p
}

// upTo returns the work of the sizes before number size, counted from 1, and of steps at that one.
func (p *progress) upTo(size, steps int) float64 {
	var sum float64
	for i, w := range p.work[:size-1] {
		sum += w * float64(p.steps[i])
	}
	if steps > 0 {
		sum += p.work[size-1] * float64(steps)
	}
	return sum
}

// size begins a size. A size before may have ended early.
func (p *progress) size(e render.Event) {
	p.first = e.Step
	if p.bar != nil {
		done, left := p.soFar(e, 0)
		p.bar.show(fmt.Sprintf("%dx%d", e.W, e.H), done, left)
	}
}

// step shows a step: the bar always, lines only if due.
func (p *progress) step(e render.Event, due bool) {
	done, left := p.soFar(e, e.Step-p.first)
	text := fmt.Sprintf("%dx%d  step %d/%d  loss %.5g", e.W, e.H, e.Step, e.Steps, e.Loss)
	switch {
	case p.bar != nil:
		p.bar.show(text, done, left)
	case due:
		fmt.Fprintf(p.w, "%s  %s to go\n", text, roughly(left))
	}
}

// learnt says how well a canvas of weights has learnt the photograph.
func (p *progress) learnt(e render.Event) {
	p.end()
	fmt.Fprintf(p.w, "%dx%d  step %d/%d  the canvas has learnt the photograph: %.1f dB\n", e.W, e.H, e.Step,
		e.Steps, e.PSNR)
}

// soFar returns the fraction of the work that is done after some steps of a size, and roughly the time
// that the rest takes, 0 if nothing is done yet.
func (p *progress) soFar(e render.Event, steps int) (done float64, left time.Duration) {
	done = p.upTo(e.Size, steps) / p.upTo(len(p.work)+1, 0)
	if !(done > 0) {
		return 0, 0
	}
	return done, time.Duration(float64(e.Elapsed) * (1 - done) / done)
}

// end removes the bar, so that lines can follow.
func (p *progress) end() {
	if p.bar != nil {
		p.bar.clear()
	}
}

// roughly returns a time as people say it.
func roughly(d time.Duration) time.Duration {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond)
	}
	return d.Round(time.Second)
}
