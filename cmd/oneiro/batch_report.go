package main

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/spf13/cobra"

	quoting "oneiro/internal/quote"
	"oneiro/render"
)

// batchEvent is the first line of --json of a batch.
type batchEvent struct {
	Event    string `json:"event"` // "batch"
	Version  int    `json:"json_version"`
	Command  string `json:"command"`
	Pictures int    `json:"pictures"`
}

// The results of a picture of a batch.
const (
	resultDone        = "done"
	resultSkipped     = "skipped"     // it was there
	resultFailed      = "failed"      // and perhaps what there was of it is saved
	resultInterrupted = "interrupted" // the batch ended
)

// pictureEvent is a line of --json about a picture of a batch, when it has ended.
type pictureEvent struct {
	Event   string      `json:"event"` // "picture"
	Output  string      `json:"output"`
	Inputs  []string    `json:"inputs"`
	Result  string      `json:"result"`
	Width   int         `json:"width,omitempty"`
	Height  int         `json:"height,omitempty"`
	Steps   int         `json:"steps,omitempty"`
	Loss    number      `json:"loss,omitempty"`
	Seconds number      `json:"seconds,omitempty"`
	Error   *errorEvent `json:"error,omitempty"`
	// Score is how the picture was judged, if that was asked for.
	Score *render.RecipeScore `json:"score,omitempty"`
}

// batchWarning is a warningEvent about one picture.
type batchWarning struct {
	warningEvent
	Output string `json:"output"`
}

// batchEnd is the last line of --json of a batch. Left are the pictures that it did not come to.
type batchEnd struct {
	Event    string         `json:"event"` // "end"
	Done     int            `json:"done"`
	Skipped  int            `json:"skipped"`
	Failed   int            `json:"failed"`
	Left     int            `json:"left"`
	Failures []pictureEvent `json:"failures"`
	Seconds  number         `json:"seconds"`
}

// batchReport tells people and programs how far a batch has come.
type batchReport struct {
	command        string
	total          int
	json           bool
	stdout, stderr io.Writer
	bar            *bar
	started        time.Time

	mu      sync.Mutex
	running map[*pictureReport]float64 // how far each is
	sum     batchEnd
	text    string // of the last step
	err     error  // of the standard output
}

func newBatchReport(cmd *cobra.Command, command string, items []item, o jobOptions) *batchReport {
	r := &batchReport{
		command: command, total: len(items), json: o.JSON, stdout: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr(),
		started: time.Now(), running: map[*pictureReport]float64{},
	}
	r.sum = batchEnd{Event: "end", Left: len(items), Failures: []pictureEvent{}}
	if o.Quiet {
		r.stderr = io.Discard
	}
	r.bar = newBar(r.stderr)
	return r
}

// begin says what there is to do.
func (r *batchReport) begin() error {
	fmt.Fprintf(r.stderr, "%s to make with oneiro %s\n", quoting.Count(r.total, "picture"), r.command)
	r.print(batchEvent{"batch", eventsVersion, r.command, r.total})
	return r.err
}

// print prints a line of JSON if those are asked for.
func (r *batchReport) print(v any) {
	if r.json && r.err == nil {
		r.err = writeLine(r.stdout, v)
	}
}

// say prints a line for people, above the bar.
func (r *batchReport) say(format string, args ...any) {
	if r.bar != nil {
		r.bar.clear()
	}
	fmt.Fprintf(r.stderr, format+"\n", args...)
}

// show draws the bar.
func (r *batchReport) show() {
	if r.bar == nil {
		return
	}
	ended := r.sum.Done + r.sum.Failed
	done := float64(ended)
	for _, part := range r.running {
		done += part
	}
	done /= max(float64(r.total-r.sum.Skipped), 1)
	var left time.Duration
	if done > 0 {
		left = time.Duration(float64(time.Since(r.started)) * (1 - done) / done)
	}
	r.bar.show(fmt.Sprintf("%d/%d  %s", ended+r.sum.Skipped, r.total, r.text), done, left)
}

// end prints how the batch ended: what failed comes last, where people see it.
func (r *batchReport) end() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sum.Seconds = seconds(time.Since(r.started))
	s := &r.sum
	text := fmt.Sprintf("%d done, %d skipped, %d failed", s.Done, s.Skipped, s.Failed)
	if s.Left > 0 {
		text += fmt.Sprintf(", %d left: the same command with --skip-existing goes on", s.Left)
	}
	r.say("%s: %s", quoting.Count(r.total, "picture"), text)
	for i, f := range s.Failures {
		fmt.Fprintf(r.stderr, "failed: %s: %s\n", shown(f.Output), f.Error.Message)
		if last := i+1 == len(s.Failures); f.Error.Hint != "" && (last || s.Failures[i+1].Error.Hint != f.Error.Hint) {
			fmt.Fprintf(r.stderr, "hint: %s\n", f.Error.Hint)
		}
	}
	r.print(s)
	return r.err
}

// picture begins a picture. What is written to it are the lines of --json of its job.
func (r *batchReport) picture(it *item) *pictureReport {
	return &pictureReport{report: r, picture: pictureEvent{Event: "picture", Output: it.output, Inputs: it.inputs}}
}

// pictureReport follows a job by its events.
type pictureReport struct {
	report  *batchReport
	picture pictureEvent
	sizes   []sizeInfo
	steps   int // at each size
}

// Write takes one event.
func (p *pictureReport) Write(line []byte) (int, error) {
	var e struct {
		Event, Message string
		Sizes          []sizeInfo
		Step, Steps    int
		Width, Height  int
		Loss           number
		Seconds        number
		Score          *render.RecipeScore
	}
	if err := json.Unmarshal(line, &e); err != nil {
		return 0, err
	}
	r := p.report
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e.Event {
	case "start":
		p.sizes, p.steps = e.Sizes, e.Steps/len(e.Sizes)
	case "warning":
		if r.json {
			r.print(batchWarning{warningEvent{"warning", e.Message}, p.picture.Output})
		}
		r.say("warning: %s: %s", shown(p.picture.Output), e.Message)
	case "step":
		r.running[p] = p.done(e.Step)
		r.text = fmt.Sprintf("%s  step %d/%d", shown(p.picture.Output), e.Step, e.Steps)
		r.show()
	case "done", "interrupted", "failed":
		p.picture.Width, p.picture.Height = e.Width, e.Height
		p.picture.Steps, p.picture.Loss, p.picture.Seconds = e.Steps, e.Loss, e.Seconds
		p.picture.Score = e.Score
	}
	return len(line), nil
}

// done returns how much of the work is done after a step, by the pixels of the sizes.
func (p *pictureReport) done(step int) float64 {
	var done, all float64
	for i, s := range p.sizes {
		pixels := float64(s.Width) * float64(s.Height)
		all += pixels * float64(p.steps)
		done += pixels * float64(min(max(step-i*p.steps, 0), p.steps))
	}
	return done / all
}

// skip ends a picture that was there.
func (p *pictureReport) skip() error { return p.close(resultSkipped, nil) }

// leave ends a picture because the batch ends.
func (p *pictureReport) leave() error { return p.close(resultInterrupted, nil) }

// end ends a picture, which has failed if there is an error.
func (p *pictureReport) end(err error) error {
	if err != nil {
		return p.close(resultFailed, err)
	}
	return p.close(resultDone, nil)
}

// close reports how a picture ended. The error is that of the standard output.
func (p *pictureReport) close(result string, err error) error {
	r := p.report
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.running, p)
	p.picture.Result = result
	text := "there already"
	switch result {
	case resultDone:
		r.sum.Done++
		text = fmt.Sprintf("%dx%d, %s in %s", p.picture.Width, p.picture.Height, quoting.Count(p.picture.Steps, "step"),
			roughly(time.Duration(float64(p.picture.Seconds)*float64(time.Second))))
	case resultSkipped:
		r.sum.Skipped++
	case resultFailed:
		e := newErrorEvent(err)
		p.picture.Error, text = &e, "failed: "+e.Message
		r.sum.Failed++
		r.sum.Failures = append(r.sum.Failures, p.picture)
	case resultInterrupted:
		text = "interrupted"
	}
	if result != resultInterrupted {
		r.sum.Left--
	}
	r.say("%d/%d  %s: %s", r.total-r.sum.Left, r.total, shown(p.picture.Output), text)
	r.print(p.picture)
	r.show()
	return r.err
}
