package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"oneiro/render"
)

// progress shows people how far a run has come: a bar on a terminal, lines elsewhere. How far is
// measured in floating-point operations, since the steps of a coarse size take a fraction of the
// time of the last.
type progress struct {
	w     io.Writer
	bar   *progressbar.ProgressBar // nil for lines
	work  []float64                // of one step at each size
	steps int                      // at each size
	first int                      // steps taken before this size
}

// unit is the work that the bar counts by: it wants whole numbers.
const unit = 1e6

func newProgress(w io.Writer, plans []render.SizePlan, steps int) *progress {
	p := &progress{w: w, steps: steps}
	for _, plan := range plans {
		p.work = append(p.work, plan.Plan.FLOPs())
	}
	if onTerminal(w) {
		p.bar = progressbar.NewOptions64(int64(p.upTo(len(plans)+1, 0)/unit)+1,
			progressbar.OptionSetWriter(w), progressbar.OptionFullWidth(), progressbar.OptionClearOnFinish(),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetPredictTime(true))
	}
	return p
}

// onTerminal tells whether somebody sees what is written at once.
func onTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// upTo returns the work of the sizes before number size, counted from 1, and of steps at that one.
func (p *progress) upTo(size, steps int) float64 {
	var sum float64
	for _, w := range p.work[:size-1] {
		sum += w * float64(p.steps)
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
		p.bar.Describe(fmt.Sprintf("%dx%d", e.W, e.H))
		p.bar.Set64(int64(p.upTo(e.Size, 0) / unit))
	}
}

// step shows a step: the bar always, lines only if due.
func (p *progress) step(e render.Event, due bool) {
	done := p.upTo(e.Size, e.Step-p.first)
	switch {
	case p.bar != nil:
		p.bar.Describe(fmt.Sprintf("%dx%d  step %d/%d  loss %.5g", e.W, e.H, e.Step, e.Steps, e.Loss))
		p.bar.Set64(int64(done / unit))
	case due:
		left := time.Duration(float64(e.Elapsed) * (p.upTo(len(p.work)+1, 0) - done) / done)
		fmt.Fprintf(p.w, "%dx%d  step %d/%d  loss %.5g  %s to go\n", e.W, e.H, e.Step, e.Steps, e.Loss, roughly(left))
	}
}

// end removes the bar, so that lines can follow.
func (p *progress) end() {
	if p.bar != nil {
		p.bar.Finish()
	}
}

// roughly returns a time as people say it.
func roughly(d time.Duration) time.Duration {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond)
	}
	return d.Round(time.Second)
}
