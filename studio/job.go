package studio

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// State says what a job does.
type State string

// The states of a job.
const (
	Waiting State = "waiting"
	Running State = "running"
	Stopped State = "stopped" // before its end, with the picture so far
	Done    State = "done"
	Failed  State = "failed"
)

// Job is a run of the program: what it is to do, and how far it has come.
type Job struct {
	ID int `json:"id"`
	Spec
	// Line is the command line as one types it.
	Line  string `json:"line"`
	State State  `json:"state"`
	// Sheet groups jobs that belong together: the number of the first; 0 for none.
	Sheet   int        `json:"sheet,omitempty"`
	Created time.Time  `json:"created"`
	Started *time.Time `json:"started"`
	Ended   *time.Time `json:"ended"`

	Step    int             `json:"step"`
	Steps   int             `json:"steps"`
	Loss    number          `json:"loss"`
	Terms   json.RawMessage `json:"terms"` // an object in the order of the objective, or null
	Seconds float64         `json:"seconds"`
	ETA     *float64        `json:"eta"`    // seconds that the rest takes
	Memory  int64           `json:"memory"` // bytes: expected at first, then the most so far
	Width   int             `json:"width"`
	Height  int             `json:"height"`
	// Output is the picture, nil as long as there is none.
	Output *string `json:"output"`
	// Preview is the number of the last picture so far, 0 for none.
	Preview int    `json:"preview"`
	Error   *Error `json:"error"`
	// Checkpoint says that the job can go on from where it was.
	Checkpoint bool            `json:"checkpoint"`
	Curve      curve           `json:"curve"`
	Warnings   []string        `json:"warnings,omitempty"`
	Score      json.RawMessage `json:"score,omitempty"`

	// Target is where the picture will be; PID is the process of a running job.
	Target string `json:"target,omitempty"`
	PID    int    `json:"pid,omitempty"`

	runs  bool    // has steps, previews and checkpoints
	films bool    // what is counted are frames
	flops float64 // of all steps; 0 if it began from a checkpoint
}

// view returns a copy that does not change any more.
func (j *Job) view() *Job {
	c := *j
	c.Options = maps.Clone(j.Options)
	c.Warnings = slices.Clone(j.Warnings)
	c.Curve.points = slices.Clone(j.Curve.points)
	return &c
}

// forget takes back how far the job had come.
func (j *Job) forget() {
	j.Started, j.Ended, j.ETA, j.Error, j.Output, j.Score, j.Warnings = nil, nil, nil, nil, nil, nil, nil
	j.Step, j.Steps, j.Loss, j.Terms, j.Seconds, j.Curve = 0, 0, number(math.NaN()), nil, 0, curve{}
}

// checkpointPath returns where the program writes the checkpoint of a job.
func (j *Job) checkpointPath() string { return j.Target + ".checkpoint" }

// framesEnding follows the name of a film in that of the folder where the program keeps its frames until it is
// whole.
const framesEnding = ".frames"

// withoutCurve returns a copy for lists, events and the journal, which would be long with it.
func (j *Job) withoutCurve() *Job {
	c := *j
	c.Curve = curve{}
	return &c
}

// number is a number in JSON, or null.
type number float64

// MarshalJSON writes null for what is not finite.
func (n number) MarshalJSON() ([]byte, error) {
	if v := float64(n); math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (n *number) UnmarshalJSON(text []byte) error {
	*n = number(math.NaN())
	if string(text) == "null" {
		return nil
	}
	return json.Unmarshal(text, (*float64)(n))
}

// Files are the files of an input: one, or a list.
type Files struct {
	Names []string
	list  bool
}

// MarshalJSON writes a list if it was one.
func (f Files) MarshalJSON() ([]byte, error) {
	if !f.list && len(f.Names) == 1 {
		return json.Marshal(f.Names[0])
	}
	return json.Marshal(append([]string{}, f.Names...))
}

// UnmarshalJSON reads one name, a list of them, or null.
func (f *Files) UnmarshalJSON(text []byte) error {
	*f = Files{}
	switch {
	case string(text) == "null":
		return nil
	case strings.HasPrefix(string(text), "["):
		f.list = true
		return json.Unmarshal(text, &f.Names)
	}
	var name string
	err := json.Unmarshal(text, &name)
	if name != "" {
		f.Names = []string{name}
	}
	return err
}

// curve is the loss and its terms over the steps, in at most curvePoints points.
type curve struct {
	points []json.RawMessage
	every  int // steps that are left out between two points, plus one; 0 is 1
	seen   int
}

const curvePoints = 300

// add adds a step. When there are too many, every second one goes.
func (c *curve) add(step int, loss number, terms json.RawMessage) {
	every := max(c.every, 1)
	if c.seen++; (c.seen-1)%every != 0 {
		return
	}
	if terms == nil {
		terms = json.RawMessage("{}")
	}
	point, err := json.Marshal([]any{step, loss, terms})
	if err != nil {
		return
	}
	if c.points = append(c.points, point); len(c.points) < curvePoints {
		return
	}
	half := c.points[:0]
	for i := 0; i < len(c.points); i += 2 {
		half = append(half, c.points[i])
	}
	c.points, c.every = half, 2*every
}

// MarshalJSON writes the points: step, loss, terms.
func (c curve) MarshalJSON() ([]byte, error) {
	if c.points == nil {
		return []byte("[]"), nil
	}
	return json.Marshal(c.points)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (c *curve) UnmarshalJSON(text []byte) error {
	*c = curve{}
	if err := json.Unmarshal(text, &c.points); err != nil {
		return err
	}
	c.every = max(len(c.points)*2/curvePoints, 1)
	return nil
}
