// Losses draws the losses of runs against steps and against time, for docs/canvas.md: each argument is
// NAME=FILE, the file being what oneiro style --json --print-every 1 printed. Steps are counted from where a
// canvas of weights has learnt the photograph, and seconds from the start.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"

	"oneiro/internal/chart"
	"oneiro/internal/imageio"
)

func main() {
	out := flag.String("o", "losses.png", "the chart")
	flag.Parse()
	if err := draw(*out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "losses:", err)
		os.Exit(1)
	}
}

// draw writes both charts, one above the other.
func draw(out string, runs []string) error {
	steps, times := make([]chart.Line, len(runs)), make([]chart.Line, len(runs))
	for i, run := range runs {
		name, path, _ := strings.Cut(run, "=")
		steps[i].Name, times[i].Name = name, name
		if err := read(path, &steps[i], &times[i]); err != nil {
			return err
		}
	}
	a, b := chart.Draw("steps", steps), chart.Draw("seconds", times)
	both := imageio.New(a.W, a.H+b.H)
	copy(both.Pix, a.Pix)
	copy(both.Pix[len(a.Pix):], b.Pix)
	return imageio.Write(out, both, imageio.Meta{})
}

// read adds the steps of a run to lines.
func read(path string, steps, times *chart.Line) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	learnt := 0 // the last step that was none of these
	lines := bufio.NewScanner(f)
	for lines.Buffer(nil, 1<<20); lines.Scan(); {
		var e struct {
			Event         string
			Step          int
			Loss, Seconds float64
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		switch e.Event {
		case "learnt":
			learnt, steps.Points, times.Points = e.Step, nil, nil
		case "step":
			steps.Points = append(steps.Points, chart.Point{X: float64(e.Step - learnt), Y: e.Loss})
			times.Points = append(times.Points, chart.Point{X: e.Seconds, Y: e.Loss})
		}
	}
	return lines.Err()
}
