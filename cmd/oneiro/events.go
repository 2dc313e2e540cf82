package main

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"time"

	"oneiro/internal/imageio"
	"oneiro/render"
)

// stepEvent is a line of --json while a run goes on. Loss and terms are those that the step started
// from, with the weights in them.
type stepEvent struct {
	Event   string `json:"event"` // "step"
	Step    int    `json:"step"`
	Steps   int    `json:"steps"` // at most, in all
	Width   int    `json:"width"` // of the canvas
	Height  int    `json:"height"`
	Loss    number `json:"loss"`
	Terms   terms  `json:"terms"`
	Seconds number `json:"seconds"`
	Left    number `json:"left_seconds"` // that the rest takes, about
	Peak    int64  `json:"peak_bytes"`   // that the process took so far
}

// learntEvent is a line of --json when a canvas of weights has learnt the photograph.
type learntEvent struct {
	Event   string `json:"event"` // "learnt"
	Step    int    `json:"step"`  // the last one in which it learnt
	PSNR    number `json:"psnr"`  // in decibels
	Seconds number `json:"seconds"`
}

// endEvent is the last line of --json: "done", or "interrupted" or "failed" with the picture so far. Output
// is empty if there was nothing to save.
type endEvent struct {
	Event     string `json:"event"`
	Output    string `json:"output"`
	Width     int    `json:"width,omitempty"` // of the picture
	Height    int    `json:"height,omitempty"`
	Steps     int    `json:"steps"`
	Loss      number `json:"loss"`
	Seconds   number `json:"seconds"`
	PeakBytes int64  `json:"peak_bytes"`
	// Checkpoint is the file from which the run can go on, if it can.
	Checkpoint string `json:"checkpoint,omitempty"`
	// Score is how the result was judged, if that was asked for.
	Score *render.RecipeScore `json:"score,omitempty"`
}

// writtenEvent is what commands print that make a picture at once.
type writtenEvent struct {
	Event  string `json:"event"` // "done"
	Output string `json:"output"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

func newWrittenEvent(path string, im *imageio.Image) writtenEvent {
	return writtenEvent{"done", path, im.W, im.H}
}

// previewEvent is a line of --json: the picture so far was written for --preview.
type previewEvent struct {
	Event string `json:"event"` // "preview"
	File  string `json:"file"`
	Step  int    `json:"step"`
}

// errorEvent is the only line of --json, or the last, if a command fails.
type errorEvent struct {
	Event   string `json:"event"` // "error"
	Kind    string `json:"kind"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	// Mistakes are what is wrong with options, if that is all there is.
	Mistakes []mistakeReport `json:"mistakes,omitempty"`
}

// mistakeReport is what is wrong with one option.
type mistakeReport struct {
	Option  string `json:"option"`
	Problem string `json:"problem"`
	Fix     string `json:"fix,omitempty"`
}

func newStepEvent(e render.Event, left time.Duration, peak int64) stepEvent {
	return stepEvent{
		Event: "step", Step: e.Step, Steps: e.Steps, Width: e.W, Height: e.H,
		Loss: number(e.Loss), Terms: e.Terms, Seconds: seconds(e.Elapsed), Left: seconds(left), Peak: peak,
	}
}

// seconds rounds to what a clock can tell.
func seconds(d time.Duration) number { return number(math.Round(d.Seconds()*1e4) / 1e4) }

// number is a number in JSON, which has none that are not finite: those become null.
type number float64

func (n number) MarshalJSON() ([]byte, error) {
	if v := float64(n); math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// terms is an object in JSON whose members are in the order of the objective.
type terms []render.TermValue

func (t terms) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, v := range t {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(v.Name)
		if err != nil {
			return nil, err
		}
		value, err := number(v.Value).MarshalJSON()
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// writeLine writes v as one line of JSON.
func writeLine(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
