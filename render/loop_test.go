package render

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"oneiro/autodiff/optim"
	"oneiro/internal/imageio"
)

// evenPicture and the others are contents on which an optimiser can leap: there is little that the first steps
// can learn of the loss.
func evenPicture(w, h int, grey float32) *Picture {
	im := imageio.New(w, h)
	for i := range im.Pix {
		im.Pix[i] = grey
	}
	return im
}

func noisePicture(w, h int, amplitude float64) *Picture {
	im, random := imageio.New(w, h), rand.New(rand.NewPCG(7, 0))
	for i := range im.Pix {
		im.Pix[i] = float32(min(max(0.5+amplitude*random.NormFloat64(), 0), 1))
	}
	return im
}

// checkers has squares of a side in black and white.
func checkers(w, h, side int) *Picture {
	im := imageio.New(w, h)
	for i := range im.Pix {
		x, y := i/3%w, i/3/w
		im.Pix[i] = float32((x/side + y/side) % 2)
	}
	return im
}

// TestNoLeap checks that by default the loss of no step is above 1.05 times the first of its size.
func TestNoLeap(t *testing.T) {
	paint := painting(96, 80, 1)
	clear := landscape(96, 72, 1)
	clear.Alpha = make([]float32, 96*72)
	for i := range clear.Alpha {
		clear.Alpha[i] = float32(i % 96 / 48)
	}
	for name, c := range map[string]struct{ content, style *Picture }{
		"gray":           {evenPicture(96, 72, 0.5), paint},
		"black":          {evenPicture(96, 72, 0), paint},
		"faint noise":    {noisePicture(96, 72, 0.02), paint},
		"noise":          {noisePicture(96, 72, 0.3), paint},
		"noise on noise": {noisePicture(96, 72, 0.3), noisePicture(80, 96, 0.3)},
		"step":           {checkers(96, 72, 48), paint},
		"checkers":       {checkers(96, 72, 1), paint},
		"itself":         {paint, paint},
		"even style":     {landscape(96, 72, 1), evenPicture(64, 64, 0.5)},
		"tiny":           {landscape(24, 18, 1), paint},
		"clear":          {clear, paint},
		"picture":        {landscape(96, 72, 1), paint},
	} {
		o := tinyStyle()
		o.Content, o.Styles, o.Iterations = c.content, []*Picture{c.style}, 25
		var first, highest float64
		size := 0
		o.On = func(e Event) {
			if e.Kind != EventStep {
				return
			}
			if e.Size != size {
				size, first, highest = e.Size, e.Loss, e.Loss
			}
			highest = max(highest, e.Loss)
			if !(e.Loss <= 1.05*first) {
				t.Errorf("%s: at size %d the loss rises from %g to %g in step %d", name, size, first, e.Loss, e.Step)
			}
		}
		if r := mustStyle(t, o); !(r.Loss < first) {
			t.Errorf("%s: the loss is %g in the end, was %g", name, r.Loss, first)
		}
	}
}

// TestTermsAreOfTheStart checks that the terms of a step add up to the loss that it started from, whatever else
// an optimiser evaluates: L-BFGS goes back to earlier points, and its line search looks ahead.
func TestTermsAreOfTheStart(t *testing.T) {
	for _, optimizer := range []Optimizer{LBFGS, LBFGSWolfe, Adam} {
		o := tinyStyle()
		o.Content, o.Iterations = evenPicture(96, 72, 1), 60
		o.Optimizer, o.LearningRate = optimizer, 2 // so that steps are too long
		steps, back := 0, 0
		last := math.NaN()
		o.On = func(e Event) {
			if e.Kind != EventStep {
				return
			}
			steps++
			if e.Loss == last {
				back++
			}
			last = e.Loss
			sum := 0.0
			for _, term := range e.Terms {
				sum += term.Value
			}
			if !(math.Abs(sum-e.Loss) <= 1e-5*math.Abs(e.Loss)) {
				t.Errorf("%s: in step %d the terms add up to %g, the loss is %g", optimizer, e.Step, sum, e.Loss)
			}
		}
		mustStyle(t, o)
		if steps == 0 || optimizer == LBFGS && back == 0 {
			t.Errorf("%s: %d steps, %d of them from the same point again", optimizer, steps, back)
		}
	}
}

// scripted is an optimiser that calls a function in each step, counted from 1 at each size.
type scripted struct {
	optim.Method
	step func(step int, inner optim.Optimizer, x []float32, eval optim.Evaluate) (float64, error)
}

// script makes a movement a scripted one.
func script(
	m Movement, step func(step int, inner optim.Optimizer, x []float32, eval optim.Evaluate) (float64, error),
) Movement {
	return func(s Stage) optim.Method { return scripted{m(s), step} }
}

type scriptedOptimizer struct {
	scripted
	optim.Optimizer
	steps int
}

func (s scripted) New(n int, b optim.Backend) optim.Optimizer {
	return &scriptedOptimizer{scripted: s, Optimizer: s.Method.New(n, b)}
}

func (s *scriptedOptimizer) Step(x []float32, eval optim.Evaluate) (float64, error) {
	s.steps++
	return s.step(s.steps, s.Optimizer, x, eval)
}

// handed is a schedule that shows what the second size is given.
type handed struct {
	Schedule
	before *[]float32
}

func (h handed) Start(s Stage, before []float32, last Size, random *rand.Rand) []float32 {
	if before != nil {
		*h.before = slices.Clone(before)
	}
	return h.Schedule.Start(s, before, last, random)
}

// TestBestIsHandedOn checks that a size starts from the best canvas of the size before, wherever that was.
func TestBestIsHandedOn(t *testing.T) {
	for _, spoilt := range []int{0, 3, 6} { // the step that ends in a bad canvas; none
		o := tinyStyle()
		spec := Style(o.StyleOptions)
		var before, best []float32
		least := math.Inf(1)
		spec.Schedule = handed{spec.Schedule, &before}
		first := true
		spec.Optimizer = script(o.method, func(
			step int, inner optim.Optimizer, x []float32, eval optim.Evaluate,
		) (float64, error) {
			begin := slices.Clone(x)
			loss, err := inner.Step(x, eval)
			if first && loss < least {
				least, best = loss, begin
			}
			if step == spoilt {
				clear(x)
			}
			if step == o.Iterations && first {
				first = false
				if spoilt == 0 { // the last step went on down: nobody has evaluated that canvas yet
					best = slices.Clone(x)
				}
			}
			return loss, err
		})
		if _, err := o.trial.run(context.Background(), spec); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(before, best) {
			t.Errorf("spoilt in step %d: the second size did not start from the best canvas of the first", spoilt)
		}
	}
}

// TestUntilChangeIgnoresLeaps checks that a size ends when the best loss no longer falls, not when one is high.
func TestUntilChangeIgnoresLeaps(t *testing.T) {
	o := tinyStyle()
	o.Scales, o.Iterations, o.UntilChange = 1, 100, 0.05
	spec := Style(o.StyleOptions)
	spec.Optimizer = script(o.method, func(
		step int, _ optim.Optimizer, _ []float32, _ optim.Evaluate,
	) (float64, error) {
		loss := 100 - float64(min(step, 40)) // falls until step 40
		if step == 15 {
			loss = 1000
		}
		return loss, nil
	})
	r, err := o.trial.run(context.Background(), spec)
	if err != nil {
		t.Fatal(err)
	}
	// 5 % of 66 or so is more than 3, which the loss falls by from step 36 to 40, but not from 37.
	if want := 47; r.Steps != want {
		t.Errorf("%d steps, want %d", r.Steps, want)
	}
}

// TestStalled checks that an optimiser that finds no lower loss ends the size, and that an event says so.
func TestStalled(t *testing.T) {
	o := tinyStyle()
	var stalled []Event
	o.On = func(e Event) {
		if e.Kind == EventStalled {
			stalled = append(stalled, e)
		}
	}
	spec := Style(o.StyleOptions)
	spec.Optimizer = script(o.method, func(
		step int, inner optim.Optimizer, x []float32, eval optim.Evaluate,
	) (float64, error) {
		if step == 3 {
			loss, err := eval(x, make([]float32, len(x)))
			if err == nil {
				err = optim.ErrNoDescent
			}
			return loss, err
		}
		return inner.Step(x, eval)
	})
	r, err := o.trial.run(context.Background(), spec)
	if err != nil {
		t.Fatal(err)
	}
	if r.Steps != 6 || len(stalled) != 2 || stalled[0].Step != 3 || stalled[0].Size != 1 || stalled[1].Step != 6 {
		t.Errorf("%d steps, events %+v", r.Steps, stalled)
	}
}

// TestStartsAtItsSize checks at which sizes a run begins with a picture to start from.
func TestStartsAtItsSize(t *testing.T) {
	all := func(Size) bool { return true }
	for _, c := range []struct {
		start, scales int
		want          []int
	}{
		{64, 0, []int{128, 256, 512}},
		{128, 0, []int{128, 256, 512}},
		{129, 0, []int{256, 512}},
		{256, 0, []int{256, 512}},
		{300, 0, []int{512}},
		{4000, 0, []int{512}},
		{300, 2, []int{256, 512}}, // as it was asked for
	} {
		o := tinyStyle().StyleOptions
		o.Size, o.Scales = 512, c.scales
		o.Init, o.InitImage = InitPicture, imageio.New(c.start, c.start*3/4)
		var got []int
		for _, s := range (styleSchedule{&o}).Sizes(all) {
			got = append(got, s.longer())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("a picture of %d pixels, scales %d: sizes %v, want %v", c.start, c.scales, got, c.want)
		}
	}
	o := tinyStyle().StyleOptions
	o.Size, o.Init = 512, InitContent
	o.Scales = 0
	if sizes := (styleSchedule{&o}).Sizes(all); sizes[0].longer() != 128 {
		t.Errorf("without a picture: sizes %v", sizes)
	}
}
