package render

import (
	"math/rand/v2"
	"strconv"
	"time"

	"oneiro/autodiff/optim"
	"oneiro/loss"
)

// Checkpoints says how often a run hands out its state, and to whom.
type Checkpoints struct {
	// Every is the time of work from one state to the next, and 0 for every step. Unless it is 0 it gets
	// longer where saving would take more than a hundredth of the time.
	Every time.Duration
	// Save is called with a state on the goroutine of the run: now and then between two steps, and when the run
	// ends before its time in a way that it can go on from. It may keep nothing of the state. nil turns
	// checkpoints off.
	Save func(*State)
}

// saveShare is the inverse of the part of the time that saving states may take.
const saveShare = 100

// State is where a run is. A job of the same spec that resumes from it ends with the same bits as if the run
// had gone on (Job.Resume).
type State struct {
	place
	vectors []vector // in the order of the file
	backend optim.Backend
	scratch *optim.Scratch // where vectors may lie, or nil
}

// Step returns how many steps the run has taken.
func (s *State) Step() int { return s.place.Step }

// place is a state but for its vectors.
type place struct {
	Done    bool          `json:"done"`    // there is nothing more to do: the pictures are the result
	Stage   int           `json:"stage"`   // where it is
	Step    int           `json:"step"`    // how many were taken in all,
	First   int           `json:"first"`   // and before the stage
	Elapsed time.Duration `json:"elapsed"` // in nanoseconds
	Random  []byte        `json:"random"`  // the random numbers' rand.PCG
	// Pictures are those that are done.
	Pictures []pictureShape `json:"pictures"`
	Canvas   int            `json:"canvas"`          // how many numbers it has
	Carried  int            `json:"carried"`         // how many numbers are read of the stage before
	Found    int            `json:"found,omitempty"` // how many numbers say what the stage's matcher has found
	Steps    *stepsPlace    `json:"steps,omitempty"` // nil if the steps of the stage have not begun
	// Loss and Report are those of the result if the run is done.
	Loss   exact       `json:"loss"`
	Report loss.Report `json:"report,omitempty"`
}

// stepsPlace is where the steps of a stage are.
type stepsPlace struct {
	Ended   bool         `json:"ended"`     // all were taken
	AtBest  exact        `json:"at_best"`   // the loss of the best canvas
	Losses  []exact      `json:"losses"`    // stepping.losses
	Seen    []evaluation `json:"seen"`      // starts.seen
	Numbers []exact      `json:"optimizer"` // of the optimiser's state
	Vectors int          `json:"vectors"`   // of the optimiser
}

// pictureShape is a picture but for its values.
type pictureShape struct {
	W     int  `json:"width"`
	H     int  `json:"height"`
	Depth int  `json:"depth"`
	Alpha bool `json:"alpha"`
}

// exact is a number that is the same after it was text.
type exact float64

func (e exact) MarshalText() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(e), 'g', -1, 64), nil
}

func (e *exact) UnmarshalText(text []byte) error {
	f, err := strconv.ParseFloat(string(text), 64)
	*e = exact(f)
	return err
}

// exactly returns numbers as exact ones, or the other way round.
func exactly[To, From ~float64](numbers []From) []To {
	out := make([]To, len(numbers))
	for i, n := range numbers {
		out[i] = To(n)
	}
	return out
}

// stepping is what the steps of a stage remember beside the canvas.
type stepping struct {
	optimizer optim.Optimizer
	losses    [changeWindow]float64 // the least so far, after each of the last steps
	starts    starts
	ended     bool // no more steps are taken

	inside bool     // a step
	random rand.PCG // as it was before the step
}

// due returns whether it is time to save the state.
func (r *run) due() bool {
	c := &r.events.Checkpoints
	return c.Save != nil && r.step > r.saved && (c.Every == 0 || time.Now().After(r.saveAt))
}

// save hands out the state, unless it was saved at this step.
func (r *run) save() {
	c := &r.events.Checkpoints
	if c.Save == nil || r.step == r.saved {
		return
	}
	start := time.Now()
	c.Save(r.state())
	end := time.Now()
	r.saved, r.saveAt = r.step, end.Add(max(c.Every, saveShare*end.Sub(start)))
}

// saveCut saves the state of a run that an error ends, if it can go on from there. One that diverged cannot.
func (r *run) saveCut(err error) {
	if r.cutShort(err) != nil && !diverged(err) {
		r.save()
	}
}

// state returns the state between two steps: that before the step in progress, if one is.
func (r *run) state() *State {
	s := &State{place: place{
		Stage: r.stage.Index, Step: r.step, First: r.first, Elapsed: time.Since(r.started), Canvas: len(r.canvas),
	}}
	s.addPictures(r.result.Pictures)
	canvas, random := vector{values: r.canvas}, r.source
	k, c := r.stepping, r.progress
	if k != nil && !k.ended {
		canvas = vector{c.x, c.remote}
	}
	if k != nil && k.inside {
		canvas.values, random = c.before, &k.random
	}
	s.Random, _ = random.MarshalBinary() // which never fails
	s.Carried = len(r.carried.pixels)
	s.vectors = append(s.vectors, canvas, vector{values: r.carried.pixels})
	s.scratch = r.engine.scratch
	if r.matcher != nil && k != nil {
		found := r.matcher.found()
		s.Found = len(found)
		s.vectors = append(s.vectors, vector{values: found})
	}
	if k != nil {
		o := k.optimizer.State()
		s.backend = c.backend
		s.Steps = &stepsPlace{
			Ended: k.ended, AtBest: exact(c.atBest), Losses: exactly[exact](k.losses[:]), Seen: k.starts.seen,
			Numbers: exactly[exact](o.Numbers), Vectors: len(o.Vectors),
		}
		s.vectors = append(s.vectors, vector{c.best, c.remote})
		for _, v := range o.Vectors {
			s.vectors = append(s.vectors, vector{v, c.remote})
		}
	}
	return s
}

// State returns the state of a run with that result, to which nothing is left to do but to return it.
func (r *Result) State() *State {
	s := &State{place: place{Done: true, Step: r.Steps, Elapsed: r.Elapsed, Loss: exact(r.Loss), Report: r.Report}}
	s.addPictures(r.Pictures)
	return s
}

func (s *State) addPictures(pictures []*Picture) {
	for _, im := range pictures {
		s.Pictures = append(s.Pictures, pictureShape{im.W, im.H, im.Depth, im.Alpha != nil})
		s.vectors = append(s.vectors, vector{values: im.Pix}, vector{values: im.Alpha})
	}
}
