package render

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"time"

	"oneiro/autodiff/optim"
)

// changeWindow is the number of steps over which UntilChange measures progress of the least loss.
const changeWindow = 10

// run is the state of one call of Job.Run.
type run struct {
	job     *Job
	spec    *Spec
	ctx     context.Context
	engine  *Engine
	events  Events
	started time.Time
	source  *rand.PCG
	random  *rand.Rand // from source

	room    room          // of the canvas
	backend optim.Backend // of the optimiser's state, if that is in a file

	step     int // taken so far
	stage    Stage
	carried  carried   // what targets of the stage read of the one before
	first    int       // steps taken before the stage
	maps     []Map     // from the canvas to pixels
	canvas   []float32 // of the stage, as it began and as it ends
	stepping *stepping // nil until the steps of the stage begin
	progress *progress // of them
	matcher  matcher   // of the stage, if its terms have one
	result   Result

	from   *Checkpoint // where the run begins; nil if that is at its start, or read
	best   []float32   // the best canvas of from, until the steps go on
	found  []float32   // what the matcher of from had found, until the stage begins
	saved  int         // the step of the last state that was handed out
	saveAt time.Time   // when the next one is due
}

func newRun(ctx context.Context, j *Job, e *Engine, events Events) *run {
	now, source := time.Now(), rand.NewPCG(j.spec.Seed, 0)
	return &run{
		job: j, spec: &j.spec, ctx: ctx, engine: e, events: events, started: now,
		source: source, random: rand.New(source), saveAt: now.Add(events.Checkpoints.Every),
	}
}

// begin starts a stage with a canvas. So many steps were taken before it.
func (r *run) begin(s Stage, canvas []float32, first int) {
	if s.Size != r.stage.Size {
		r.closeMaps()
		r.maps = r.spec.Canvas.Maps(s)
	}
	r.stage, r.canvas, r.first, r.stepping, r.progress, r.matcher = s, canvas, first, nil, nil, nil
	r.emit(Event{Kind: EventSize})
}

// openMaps opens the painter of the canvas, unless it is from the stage before.
func (r *run) openMaps(p *problem) error {
	c := painterOf(r.maps)
	if c == nil || c.emit != nil {
		return nil
	}
	return c.open(r.ctx, r.engine.Device, p.features)
}

// closeMaps gives back what openMaps has taken.
func (r *run) closeMaps() {
	if c := painterOf(r.maps); c != nil {
		c.close()
	}
}

func (r *run) emit(e Event) {
	if r.events.On == nil {
		return
	}
	e.Step, e.Steps = r.step, r.job.Steps()
	if e.Kind == EventSize {
		e.Step = r.first
	}
	e.W, e.H = r.stage.Size.W, r.stage.Size.H
	e.Size, e.Sizes = r.stage.Index+1, len(r.job.sizes)
	e.Elapsed = time.Since(r.started)
	r.events.On(e)
}

// pixels returns the pixel values that a canvas stands for, which are valid until the next call.
func (r *run) pixels(x []float32) []float32 {
	for _, m := range r.maps {
		x = m.Forward(x)
	}
	return x
}

// picture returns the picture that a canvas stands for, at full size.
func (r *run) picture(x []float32) *Picture { return r.spec.Schedule.Picture(r.stage, r.pixels(x)) }

// minimise takes the steps of a stage, or fewer if a goal is reached, moving x. If the context is cancelled
// or a step fails, x is as the last whole step left it, or an older copy of that if the device is lost.
func (r *run) minimise(p *problem, x []float32, o optim.Optimizer, backend optim.Backend) error {
	p.ctx = r.ctx
	_, remote := backend.(optim.DeviceBackend)
	c := newProgress(r.ctx, x, backend, remote)
	k := &stepping{optimizer: o, starts: starts{problem: p}}
	if err := r.resumeSteps(k, c); err != nil {
		return err
	}
	r.progress, r.stepping = c, k
	step := p.step
	if r.events.Every > 0 {
		step = k.starts.evaluate
	}
	pixels := func() []float32 { return r.pixels(c.x) }
	for i := r.step - r.first; i < r.job.Iterations(r.stage.Index) && !k.ended; i++ {
		if r.due() {
			r.save()
		}
		k.random, k.inside = *r.source, true
		p.move(r.random)
		p.shaper.before(i, r.job.Iterations(r.stage.Index))
		c.begin()
		var value float64
		err := p.terms.next(i, p, pixels, r.random)
		if err == nil {
			value, err = o.Step(c.x, step)
		}
		stalled := errors.Is(err, optim.ErrNoDescent)
		if err == nil || stalled {
			err = c.end(value)
		} else if r.ctx.Err() != nil {
			c.fetch(c.before) // if it fails there is what there was
		}
		if err != nil {
			return err
		}
		r.step++
		k.inside = false
		terms := k.starts.of(value)
		if every := r.events.Every; every > 0 && (r.step%every == 0 || r.step == 1) {
			r.emit(Event{Kind: EventStep, Loss: value, Terms: terms})
		}
		if every := r.events.PictureEvery; every > 0 && r.step%every == 0 {
			if err := c.fetch(c.x); err != nil {
				return err
			}
			r.emit(Event{Kind: EventPicture, Loss: value, Picture: func() *Picture { return r.picture(x) }})
		}
		if look := r.events.Look; look != nil && look() {
			if err := c.fetch(c.x); err != nil {
				return err
			}
			r.emit(Event{Kind: EventLook, Loss: value, Preview: func(most int) *Picture { return r.preview(x, most) }})
		}
		if stalled { // every further step would be the same
			r.emit(Event{Kind: EventStalled, Loss: value})
			break
		}
		if r.spec.UntilLoss != 0 && r.stage.Index == len(r.job.sizes)-1 && value <= r.spec.UntilLoss {
			break
		}
		old := k.losses[i%changeWindow]
		k.losses[i%changeWindow] = c.atBest
		if r.spec.UntilChange > 0 && i >= changeWindow && old-c.atBest < r.spec.UntilChange*math.Abs(old) {
			break
		}
	}
	k.ended = true
	return c.fetch(c.x)
}

// starts finds the terms of the point that a step started from: that need not be the one evaluated last, since
// a step may look ahead, or go back.
type starts struct {
	problem *problem
	seen    []evaluation // the point that the last step started from, and all since
}

// evaluation is a point with its loss and terms.
type evaluation struct {
	Loss  float64     `json:"loss"`
	Terms []TermValue `json:"terms"`
}

// evaluate is the problem's step, and remembers the terms.
func (s *starts) evaluate(x, grad []float32) (float64, error) {
	loss, err := s.problem.step(x, grad)
	if err == nil {
		s.seen = append(s.seen, evaluation{loss, s.problem.values()})
	}
	return loss, err
}

// of returns the terms of the last point with the loss that a step started from, and forgets all others but the
// one evaluated last. There are none if nobody asked for them.
func (s *starts) of(loss float64) []TermValue {
	n := len(s.seen)
	if n == 0 {
		return nil
	}
	last, start := s.seen[n-1], evaluation{Loss: loss}
	for _, e := range s.seen {
		if e.Loss == loss {
			start = e
		}
	}
	s.seen = append(s.seen[:0], start, last)
	return start.Terms
}

// cutShort returns the error of a run that ended before its time with a picture to keep: because it was
// cancelled, or because the device failed or the loss diverged after a step was taken. It returns nil for any
// other error.
func (r *run) cutShort(err error) error {
	if err != nil && r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	_, failed := errors.AsType[*DeviceError](err)
	if (failed || diverged(err)) && r.step > 0 {
		return err
	}
	return nil
}

// diverged returns whether an error is that of a loss that is not finite.
func diverged(err error) bool {
	_, is := errors.AsType[*optim.NonFiniteError](err)
	return is
}

// soFar returns the result of a run that err cut short in a stage with the canvas x: the best canvas, if that
// is what is kept or if the last one has no finite loss.
func (r *run) soFar(x []float32, err error) *Result {
	loss := math.Inf(1)
	if c := r.progress; c != nil {
		loss = c.bestLoss
		if (r.spec.KeepBest || diverged(err)) && !math.IsInf(loss, 1) {
			x = c.bestCanvas
		}
	} else if r.best != nil && r.spec.KeepBest {
		x, loss = r.best, float64(r.from.place.Steps.AtBest)
	}
	now := &Result{Picture: r.picture(x), Canvas: r.savedCanvas(x), Steps: r.step, Loss: loss,
		Elapsed: time.Since(r.started)}
	if r.step == r.first && len(r.result.Pictures) > 0 { // of this stage there is nothing yet
		now.Pictures = r.result.Pictures
		return now
	}
	r.result.add(now)
	return &r.result
}
