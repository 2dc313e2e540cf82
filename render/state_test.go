package render

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"oneiro/autodiff/optim"
	"oneiro/nn"
	"oneiro/zoo"
)

// resumable are runs of every kind that are to be resumed.
func resumable(t *testing.T) map[string]Spec {
	specs := map[string]Spec{}
	for _, optimizer := range Optimizers {
		o := tinyStyle()
		o.Optimizer, o.History, o.Size, o.Iterations = optimizer, 3, 48, 5
		if optimizer == LBFGS {
			o.Form = NeuralStyle
		}
		specs["style "+string(optimizer)] = Style(o.StyleOptions)
	}
	leaping := tinyStyle() // L-BFGS goes back to earlier points
	leaping.Content, leaping.Size, leaping.Scales, leaping.Iterations = evenPicture(96, 72, 0.5), 48, 1, 25
	specs["style that leaps"] = Style(leaping.StyleOptions)
	short := tinyStyle()
	short.Size, short.Iterations, short.UntilChange, short.UntilLoss, short.Seed = 48, 40, 0.2, 1e-3, 3
	short.Init = InitRandom
	specs["style until"] = Style(short.StyleOptions)
	clear := tinyStyle()
	clear.Content = landscape(96, 72, 1)
	clear.Content.Depth, clear.Content.Alpha = 16, make([]float32, 96*72)
	for i := range clear.Content.Alpha {
		clear.Content.Alpha[i] = float32(i%96) / 95
	}
	clear.Iterations = 3
	clear.Init, clear.InitImage = InitPicture, painting(50, 40, 3)
	specs["style with alpha"] = Style(clear.StyleOptions)
	for _, c := range []Colors{ColorsMatch, ColorsLuminance} {
		o := tinyStyle()
		o.Colors, o.Size, o.Iterations = c, 48, 3
		specs["style with the colours "+string(c)] = Style(o.StyleOptions)
	}
	regions := tinyStyle()
	regions.Size, regions.Iterations, regions.Regions, regions.Labels = 48, 3, PictureGiven, halves(t, 96, 72)
	regions.Region = []Region{{Name: "red", Keep: true}, {Name: "blue", Scale: 0.8}}
	specs["style in regions"] = Style(regions.StyleOptions)
	several := tinyStyle()
	several.StyleOptions = withLosses(several.StyleOptions)
	several.Size, several.Iterations, several.Styles = 48, 3, []*Picture{painting(50, 40, 3), painting(40, 50, 4)}
	several.CoarseIterations = []int{2}
	several.StyleAt, several.StyleTurn = []LayerRange{{1, 2}, {2, 5}}, []float64{30, 0}
	specs["style with several losses"] = Style(several.StyleOptions)
	for _, c := range canvasNames()[1:] {
		o := tinyStyle()
		o.Canvas, o.Size, o.Iterations, o.History = c, 40, 3, 3
		if c.kind().Weights {
			o.Size, o.Iterations, o.WarmUp = 32, 2, 2
		}
		if c == CanvasPyramid {
			o.LevelRates = []float64{1, 0.5, 2}
			o.Optimizer = Adam
		}
		specs["style on "+string(c)] = Style(o.StyleOptions)
	}
	aimed := aimingStyle(t, "class=5,guide=a.png:layer=relu3_1:region=blue,caricature=relu2_1:octaves=2,content:weight=0.5")
	aimed.Regions, aimed.Labels, aimed.Size, aimed.Iterations = PictureGiven, halves(t, 96, 72), 48, 3
	specs["style with objectives"] = Style(aimed.StyleOptions)
	similar := tinyNeighbours()
	similar.Objectives = aimed.Objectives[:1]
	similar.Content, similar.Size, similar.Scales, similar.Iterations = landscape(100, 80, 1), 80, 1, 6
	similar.Regions, similar.Labels = PictureGiven, halves(t, 100, 80)
	similar.Region = []Region{{Name: "blue", Picture: PictureGiven, Style: painting(50, 70, 5)}}
	specs["style by neighbours"] = Style(similar.StyleOptions)
	texture := tinyTexture(t)
	texture.Extent, texture.Scales, texture.Tileable, texture.Iterations = Size{48, 48}, 2, true, 3
	specs["texture"] = Texture(texture)
	dream := tinyDream()
	specs["dream"] = Dream(dream.DreamOptions)
	moving := dream
	moving.Canvas, moving.Iterations, moving.WarmUp = CanvasHead, 2, 2
	specs["dream on a head"] = Dream(moving.DreamOptions)
	within := dream
	within.Mask, within.Where = PictureGiven, discMask(96, 72)
	specs["dream in a mask"] = Dream(within.DreamOptions)
	aiming := aimingDream(t, "guide=a.png:layer=relu3_1:region=blue,caricature=relu2_1:octaves=2,direction=a.png:from=b.png,"+
		"style=a.png:region=red")
	aiming.Regions, aiming.Labels, aiming.Iterations = PictureGiven, halves(t, 64, 48), 4
	specs["dream with objectives"] = Dream(aiming.DreamOptions)
	shaped := dream
	shaped.ShapeOptions = ShapeOptions{Lap: 2, GrayGradient: true, GradientBlur: 1, GradientNorm: normStd,
		OctaveMode: octavePlain, OctaveIterations: []int{2, 4}, RandomZoom: 0.1, RandomTurn: 5}
	specs["dream with shaped gradients"] = Dream(shaped.DreamOptions)
	dream.Size, dream.Octaves, dream.Class, dream.TVWeight = 48, 3, 5, 0.1
	specs["dream of a class"] = Dream(dream.DreamOptions)
	vis := tinyVis(Target{"relu2_1", 3}, Target{"relu3_1", -1}, Target{"", 4})
	vis.Size, vis.Iterations = 32, 3
	specs["vis"] = Vis(vis.VisOptions)
	return specs
}

// outcome is all that a run gives: its result, and its events from every step on.
type outcome struct {
	result *Result
	events []Event
}

// since returns the events of the steps after one.
func (o *outcome) since(step int) []Event {
	var all []Event
	for _, e := range o.events {
		if (e.Kind == EventStep || e.Kind == EventStalled) && e.Step > step {
			e.Elapsed = 0
			all = append(all, e)
		}
	}
	return all
}

// resumeTrial runs jobs of a spec.
type resumeTrial struct {
	t      *testing.T
	spec   Spec
	engine *Engine
	every  time.Duration // from one state to the next
}

// run runs a job from a checkpoint, or from the start if there is none. save gets every state.
func (r *resumeTrial) run(ctx context.Context, from []byte, save func(*State), on func(Event)) (outcome, error) {
	r.t.Helper()
	job, err := New(r.spec, nn.Builtin(), zoo.BuiltinParams())
	if err != nil {
		r.t.Fatal(err)
	}
	job.Plans(r.engine)
	if from != nil {
		path := filepath.Join(r.t.TempDir(), "checkpoint")
		if err := os.WriteFile(path, from, 0o666); err != nil {
			r.t.Fatal(err)
		}
		c, err := OpenCheckpoint(path)
		if err != nil {
			r.t.Fatal(err)
		}
		defer c.Close()
		if err := job.Resume(c); err != nil {
			r.t.Fatal(err)
		}
	}
	var o outcome
	events := Events{Every: 1, Checkpoints: Checkpoints{r.every, save}, On: func(e Event) {
		o.events = append(o.events, e)
		if on != nil {
			on(e)
		}
	}}
	o.result, err = job.Run(ctx, r.engine, events)
	return o, err
}

// must fails the test if the run does not end, and to its result.
func (r *resumeTrial) must(from []byte, save func(*State)) outcome {
	r.t.Helper()
	o, err := r.run(context.Background(), from, save, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return o
}

// equal compares a resumed run with the whole one.
func (r *resumeTrial) equal(what string, step int, got, want outcome) {
	r.t.Helper()
	a, b := got.result, want.result
	if len(a.Pictures) != len(b.Pictures) {
		r.t.Fatalf("%s: %d pictures, want %d", what, len(a.Pictures), len(b.Pictures))
	}
	for i, im := range a.Pictures {
		if !reflect.DeepEqual(im, b.Pictures[i]) {
			r.t.Fatalf("%s: picture %d differs", what, i)
		}
	}
	if a.Picture != a.Pictures[len(a.Pictures)-1] || a.Loss != b.Loss || a.Steps != b.Steps ||
		!reflect.DeepEqual(a.Report, b.Report) || a.Elapsed <= 0 {
		r.t.Errorf("%s: the result is %+v, want %+v", what, a, b)
	}
	if a, b := got.since(step), want.since(step); !reflect.DeepEqual(a, b) {
		r.t.Errorf("%s: the events are\n%+v, want\n%+v", what, a, b)
	}
}

// bytesOf returns a state as a checkpoint.
func bytesOf(t *testing.T, s *State) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.Write(&b, Recipe{Command: "style"}, map[string]string{"a": "b"}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func testEngine(t *testing.T) *Engine {
	t.Helper()
	e, err := NewEngine(EngineOptions{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

// TestResume writes the state of runs at every step and resumes from some of them: the result has to be the
// same to the last bit, and so do the events.
func TestResume(t *testing.T) {
	engine, random := testEngine(t), rand.New(rand.NewPCG(4, 2))
	for name, spec := range resumable(t) {
		r := &resumeTrial{t, spec, engine, 0}
		want := r.must(nil, nil)
		states := map[int][]byte{}
		if got := r.must(nil, func(s *State) { states[s.Step()] = bytesOf(t, s) }); got.result.Steps < 3 {
			t.Errorf("%s: %d steps", name, got.result.Steps)
		}
		if len(states) < want.result.Steps*3/4 { // none at the end of a stage
			t.Errorf("%s: %d states of %d steps", name, len(states), want.result.Steps)
		}
		for step, state := range states {
			if random.IntN(len(states)) >= 2 {
				continue
			}
			what := fmt.Sprintf("%s from step %d", name, step)
			r.equal(what, step, r.must(state, nil), want)
		}
		if want.result.Steps > 12 {
			continue
		}
		// Resumed at every step that there is, one after the other.
		var last []byte
		for done := false; !done; {
			ctx, cancel := context.WithCancel(context.Background())
			begin := len(last)
			o, err := r.run(ctx, last, func(s *State) { last = bytesOf(t, s) }, func(e Event) {
				if e.Kind == EventStep {
					cancel()
				}
			})
			cancel()
			if done = err == nil; done {
				r.equal(name+" from every step", want.result.Steps, o, want)
			} else if !errors.Is(err, context.Canceled) || begin > 0 && len(last) == 0 {
				t.Fatal(err)
			}
		}
	}
}

// cutting is an optimiser whose objective is cut off, as by a signal, in one of its evaluations.
type cutting struct {
	optim.Method
	left   *int
	cancel func()
}

// cutOff makes a movement one that is cut off.
func cutOff(m Movement, left *int, cancel func()) Movement {
	return func(s Stage) optim.Method { return cutting{m(s), left, cancel} }
}

type cuttingOptimizer struct {
	optim.Optimizer
	cutting
}

func (c cutting) New(n int, b optim.Backend) optim.Optimizer {
	return cuttingOptimizer{c.Method.New(n, b), c}
}

func (c cuttingOptimizer) Step(x []float32, eval optim.Evaluate) (float64, error) {
	return c.Optimizer.Step(x, func(x, grad []float32) (float64, error) {
		if *c.left--; *c.left == 0 {
			c.cancel()
		}
		return eval(x, grad)
	})
}

// TestResumeAfterCut cuts runs off in evaluations, and where a size begins: the state that they leave leads to
// the same bits.
func TestResumeAfterCut(t *testing.T) {
	engine, random := testEngine(t), rand.New(rand.NewPCG(5, 2))
	for name, spec := range resumable(t) {
		r := &resumeTrial{t, spec, engine, time.Hour} // only where it is cut
		count := math.MaxInt
		counting := *r
		counting.spec.Optimizer = cutOff(spec.Optimizer, &count, nil)
		want := counting.must(nil, nil)
		evaluations := math.MaxInt - count
		check := func(what string, from func(ctx context.Context, cancel func(), save func(*State)) (outcome, error)) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			var state []byte
			step := 0
			o, err := from(ctx, cancel, func(s *State) { state, step = bytesOf(t, s), s.Step() })
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("%s: %v", what, err)
			}
			if (state == nil) != (o.result.Steps == 0) {
				t.Fatalf("%s after %d steps: a state of %d bytes", what, o.result.Steps, len(state))
			}
			r.equal(what, step, r.must(state, nil), want)
		}
		for range 2 {
			at := 2 + random.IntN(evaluations-1)
			what := fmt.Sprintf("%s, cut in evaluation %d of %d", name, at, evaluations)
			check(what, func(ctx context.Context, cancel func(), save func(*State)) (outcome, error) {
				trial, left := *r, at
				trial.spec.Optimizer = cutOff(spec.Optimizer, &left, cancel)
				return trial.run(ctx, nil, save, nil)
			})
		}
		sizes := want.events[0].Sizes
		for size := 2; size <= sizes; size++ {
			check(fmt.Sprintf("%s, cut before size %d", name, size),
				func(ctx context.Context, cancel func(), save func(*State)) (outcome, error) {
					return r.run(ctx, nil, save, func(e Event) {
						if e.Kind == EventSize && e.Size == size {
							cancel()
						}
					})
				})
		}
		check(name+", cut after the last step", func(ctx context.Context, cancel func(), save func(*State)) (outcome, error) {
			return r.run(ctx, nil, save, func(e Event) {
				if e.Step == want.result.Steps {
					cancel()
				}
			})
		})
	}
}

// TestFinished resumes from the state of a run that is over: there is nothing to do but to return its result.
func TestFinished(t *testing.T) {
	engine := testEngine(t)
	for _, name := range []string{"style adam", "vis", "style with alpha"} {
		spec := resumable(t)[name]
		r := &resumeTrial{t, spec, engine, 0}
		want := r.must(nil, nil)
		got := r.must(bytesOf(t, want.result.State()), func(*State) { t.Errorf("%s: saved", name) })
		r.equal(name, want.result.Steps, got, want)
		if len(got.events) > 0 {
			t.Errorf("%s: %v", name, got.events)
		}
	}
}

// TestNoStateToGoOnFrom checks that there is none before the first step and of a run that diverged.
func TestNoStateToGoOnFrom(t *testing.T) {
	o := tinyStyle()
	none := func(s *State) { t.Errorf("a state at step %d", s.Step()) }
	r := &resumeTrial{t, Style(o.StyleOptions), testEngine(t), 0}
	ctx, cancel := context.WithCancel(context.Background())
	if _, err := r.run(ctx, nil, none, func(Event) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	o.Optimizer, o.LearningRate = LBFGS, 1
	r.spec = Style(o.StyleOptions)
	var steps []int
	r.spec.Optimizer = script(r.spec.Optimizer, func(
		step int, inner optim.Optimizer, x []float32, eval optim.Evaluate,
	) (float64, error) {
		if step == 4 {
			return 0, &optim.NonFiniteError{What: "loss", Index: -1, Value: math.NaN(), Loss: math.NaN()}
		}
		return inner.Step(x, eval)
	})
	_, err := r.run(context.Background(), nil, func(s *State) { steps = append(steps, s.Step()) }, nil)
	if !diverged(err) || !slices.Equal(steps, []int{1, 2, 3}) {
		t.Errorf("%v after states at steps %v", err, steps)
	}
}

// TestSavingTakesLittleTime checks that after a state was saved the next one has to wait for a hundred times
// as long as that took, or for the interval if that is longer, unless every step is to be saved.
func TestSavingTakesLittleTime(t *testing.T) {
	const took = 3 * time.Millisecond
	o := tinyStyle()
	job, err := New(Style(o.StyleOptions), o.Network, o.Params)
	if err != nil {
		t.Fatal(err)
	}
	for every, least := range map[time.Duration]time.Duration{time.Microsecond: 100 * took, time.Hour: time.Hour} {
		r := newRun(context.Background(), job, testEngine(t), Events{Checkpoints: Checkpoints{every, func(*State) { time.Sleep(took) }}})
		r.step, r.saveAt = 1, time.Now().Add(-1)
		if !r.due() {
			t.Error("the first state is not due")
		}
		before := time.Now()
		r.save()
		if wait := r.saveAt.Sub(before); wait < took+least {
			t.Errorf("the next state is due after %v", wait)
		}
		if r.step++; r.due() {
			t.Error("a state is due at once")
		}
		r.events.Checkpoints.Every = 0
		if !r.due() {
			t.Error("no state is due although each is wanted")
		}
	}
}

// TestResumeOnCard resumes runs whose vectors lie on a device, and one whose device was lost: its last state
// cannot be written, and the one before leads to the same bits.
func TestResumeOnCard(t *testing.T) {
	o := tinyStyle()
	o.Size, o.Iterations = 48, 4
	for _, optimizer := range []Optimizer{LBFGS, LBFGSWolfe, Descent} { // cardVectors has no Adam
		o.Optimizer = optimizer
		whole, counted := cardEngine(t, 0)
		r := &resumeTrial{t, Style(o.StyleOptions), whole, 0}
		want := r.must(nil, nil)
		for lostAt := counted.calls / 2; lostAt < counted.calls; lostAt += 1 + counted.calls/8 {
			r.engine, _ = cardEngine(t, lostAt)
			var last []byte
			step := 0
			_, err := r.run(context.Background(), nil, func(s *State) {
				var b bytes.Buffer
				err := s.Write(&b, Recipe{}, nil)
				switch lost := r.engine.Device.(*card).lost(); {
				case lost && s.Steps != nil && !errors.Is(err, errLost):
					t.Errorf("a state of a lost card: %v", err)
				case err == nil:
					last, step = b.Bytes(), s.Step()
				}
			}, nil)
			if _, ok := errors.AsType[*DeviceError](err); !ok || last == nil {
				t.Fatalf("%s: %v after %d steps", optimizer, err, step)
			}
			r.engine, _ = cardEngine(t, 0)
			r.equal(fmt.Sprintf("%s, lost in call %d", optimizer, lostAt), step, r.must(last, nil), want)
		}
	}
}

// TestCheckpointRefuses gives jobs checkpoints that cannot be theirs, and files that are none.
func TestCheckpointRefuses(t *testing.T) {
	engine := testEngine(t)
	o := tinyStyle()
	o.Size, o.Iterations = 48, 3
	r := &resumeTrial{t, Style(o.StyleOptions), engine, 0}
	// changed returns the checkpoint of step 5 after a change.
	changed := func(s *State, change func(s *State)) []byte {
		other, steps := *s, *s.Steps
		other.Steps, other.vectors = &steps, slices.Clone(s.vectors)
		change(&other)
		return bytesOf(t, &other)
	}
	open := func(file []byte) (*Checkpoint, error) {
		path := filepath.Join(t.TempDir(), "c")
		if err := os.WriteFile(path, file, 0o666); err != nil {
			t.Fatal(err)
		}
		return OpenCheckpoint(path)
	}
	foreign := map[string]func(s *State){
		"stage":         func(s *State) { s.Stage = 2 },
		"negative":      func(s *State) { s.Stage = -1 },
		"first":         func(s *State) { s.First = 100 },
		"other stage":   func(s *State) { s.Stage = 0 },
		"losses":        func(s *State) { s.Steps.Losses = s.Steps.Losses[1:] },
		"no picture":    func(s *State) { s.Done = true },
		"random":        func(s *State) { s.Random = s.Random[1:] },
		"numbers":       func(s *State) { s.Steps.Numbers = s.Steps.Numbers[1:] },
		"other numbers": func(s *State) { s.Steps.Numbers[0]++ },
		"vectors": func(s *State) {
			s.Steps.Vectors++
			s.vectors = append(s.vectors, s.vectors[0])
		},
	}
	damaged := map[string]func(s *State){
		"canvas":          func(s *State) { s.Canvas++ },
		"negative canvas": func(s *State) { s.Canvas = -1 },
		"vectors":         func(s *State) { s.Steps.Vectors-- },
		"many vectors":    func(s *State) { s.Steps.Vectors = math.MaxInt },
		"short":           func(s *State) { s.vectors = s.vectors[1:] },
		"picture":         func(s *State) { s.Pictures = []pictureShape{{W: math.MaxInt, H: 2}} },
	}
	var whole []byte
	foreignFiles, damagedFiles := map[string][]byte{}, map[string][]byte{}
	r.must(nil, func(s *State) {
		if s.Step() != 5 {
			return
		}
		whole = bytesOf(t, s)
		for name, change := range foreign {
			foreignFiles[name] = changed(s, change)
		}
		for name, change := range damaged {
			damagedFiles[name] = changed(s, change)
		}
	})
	for name, file := range foreignFiles {
		checkpoint, err := open(file)
		if err != nil {
			t.Fatal(err)
		}
		job, err := New(r.spec, nn.Builtin(), zoo.BuiltinParams())
		if err != nil {
			t.Fatal(err)
		}
		if err = job.Resume(checkpoint); err == nil {
			_, err = job.Run(context.Background(), engine, Events{})
		}
		if e, ok := errors.AsType[*CheckpointError](err); !ok || e.Of != "run" || e.Problem == "" {
			t.Errorf("%s: %v", name, err)
		}
		checkpoint.Close()
	}
	for name, file := range damagedFiles {
		_, err := open(file)
		if e, ok := errors.AsType[*CheckpointDamagedError](err); !ok || e.Problem == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Damage anywhere.
	random := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		at, bit := random.IntN(len(whole)), byte(1)<<random.IntN(8)
		whole[at] ^= bit
		for _, file := range [][]byte{whole, whole[:at]} {
			if c, err := open(file); err == nil {
				c.Close()
				t.Errorf("damage at byte %d was not found", at)
			}
		}
		whole[at] ^= bit
	}
}

// TestCutBeforeItGoesOn ends a resumed run before its first step: the best picture so far is that of the run
// that it goes on with.
func TestCutBeforeItGoesOn(t *testing.T) {
	o := tinyStyle()
	o.Size, o.Iterations = 48, 8
	r := &resumeTrial{t, Style(o.StyleOptions), testEngine(t), time.Hour}
	cut := func(from []byte, kind EventKind, step int) (state []byte, o outcome) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		o, err := r.run(ctx, from, func(s *State) { state = bytesOf(t, s) }, func(e Event) {
			if e.Kind == kind && e.Step == step {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		return state, o
	}
	state, want := cut(nil, EventStep, 13)
	again, got := cut(state, EventSize, 8)
	if again != nil || got.result.Steps != 13 || got.result.Loss != want.result.Loss ||
		!slices.Equal(got.result.Picture.Pix, want.result.Picture.Pix) {
		t.Errorf("%d bytes, %+v, want %+v", len(again), got.result, want.result)
	}
}
