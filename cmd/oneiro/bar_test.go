package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"oneiro/render"
)

// screen returns what a terminal shows after text that has no line breaks.
func screen(text string) string {
	var line []rune
	at := 0
	for _, r := range text {
		if r == '\r' {
			at = 0
			continue
		}
		if at == len(line) {
			line = append(line, ' ')
		}
		line[at] = r
		at++
	}
	return strings.TrimRight(string(line), " ")
}

func TestLayBar(t *testing.T) {
	for _, c := range []struct {
		done  float64
		width int
		want  string
	}{
		{0, 40, "12x8  step 1/9  [             ]  50 % ab"},
		{0.5, 40, "12x8  step 1/9  [=====>       ]  50 % ab"},
		{0.99, 40, "12x8  step 1/9  [===========> ]  50 % ab"},
		{1, 40, "12x8  step 1/9  [=============]  50 % ab"},
		{1.5, 40, "12x8  step 1/9  [=============]  50 % ab"},
		{-1, 40, "12x8  step 1/9  [             ]  50 % ab"},
		{0.5, 34, "12x8  step 1/9  50 % ab"},
		{0.5, 10, "12x8  step"},
		{0.5, 0, ""},
		{0.5, -1, ""},
	} {
		if got := layBar("12x8  step 1/9", "50 % ab", c.done, c.width); got != c.want {
			t.Errorf("%g in %d columns: %q, want %q", c.done, c.width, got, c.want)
		}
	}
}

func TestBar(t *testing.T) {
	var out bytes.Buffer
	now, width := time.Unix(1000, 0), 60
	b := &bar{w: &out, width: func() int { return width }, now: func() time.Time { return now }}
	p := &progress{w: &out, bar: b, work: []float64{1, 3}, steps: []int{10, 10}}
	shows := func(want string) {
		t.Helper()
		if got := screen(out.String()); got != want {
			t.Errorf("the screen shows %q, want %q", got, want)
		}
	}
	p.size(render.Event{Size: 1, W: 32, H: 24})
	shows("32x24  [                                           ]    0 %")
	p.step(render.Event{Size: 1, W: 32, H: 24, Step: 1, Steps: 20, Loss: 1.25}, true) // too soon
	shows("32x24  [                                           ]    0 %")
	now = now.Add(barPause)
	p.step(render.Event{Size: 1, W: 32, H: 24, Step: 10, Steps: 20, Loss: 1.25, Elapsed: 30 * time.Second}, false)
	shows("32x24  step 10/20  loss 1.25   25 %  1m30s to go")
	now, width = now.Add(barPause), 100
	p.step(render.Event{Size: 1, W: 32, H: 24, Step: 10, Steps: 20, Loss: 1.25, Elapsed: 30 * time.Second}, false)
	shows("32x24  step 10/20  loss 1.25  [==========>                                    ]   25 %  1m30s to go")
	now = now.Add(barPause)
	p.size(render.Event{Size: 2, W: 64, H: 48, Step: 10, Elapsed: 30 * time.Second})
	shows("64x48  [================>                                                     ]   25 %  1m30s to go")
	now, width = now.Add(barPause), 40 // a terminal that got narrower would wrap what is longer
	before := out.Len()
	p.size(render.Event{Size: 2, W: 64, H: 48, Step: 10, Elapsed: 30 * time.Second})
	if drawn := strings.TrimPrefix(out.String()[before:], "\r"); len(drawn) != width-1 ||
		strings.TrimSpace(drawn) != "64x48  [=>        ]   25 %  1m30s to go" {
		t.Errorf("in %d columns: %q", width, drawn)
	}
	if strings.Contains(out.String(), "\n") {
		t.Error("the bar takes more than a line")
	}
	before = out.Len()
	p.end()
	if cleared := out.String()[before:]; cleared != "\r"+strings.Repeat(" ", width-1)+"\r" {
		t.Errorf("cleared by %q", cleared)
	}
	length := out.Len()
	p.end()
	if out.Len() != length {
		t.Error("there was something to clear twice")
	}
}

func TestBarNeedsTerminal(t *testing.T) {
	f, err := os.Create(t.TempDir() + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if newBar(f) != nil || newBar(new(bytes.Buffer)) != nil {
		t.Error("a file got a bar")
	}
}

// TestProgressLines checks what is written where there is no terminal.
func TestProgressLines(t *testing.T) {
	var out bytes.Buffer
	p := &progress{w: &out, work: []float64{1, 3}, steps: []int{10, 10}}
	p.size(render.Event{Size: 1})
	p.step(render.Event{Size: 1, W: 32, H: 24, Step: 9, Steps: 20, Loss: 1.25, Elapsed: 9 * time.Second}, false)
	p.step(render.Event{Size: 1, W: 32, H: 24, Step: 10, Steps: 20, Loss: 1.25, Elapsed: 10 * time.Second}, true)
	p.size(render.Event{Size: 2, Step: 10})
	p.step(render.Event{Size: 2, W: 64, H: 48, Step: 20, Steps: 20, Loss: 0.5, Elapsed: 40 * time.Second}, true)
	p.end()
	const want = "32x24  step 10/20  loss 1.25  30s to go\n64x48  step 20/20  loss 0.5  0s to go\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}
