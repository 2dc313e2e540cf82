package studio

import (
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain is also the program that the studio of a test runs, and a studio that a test can kill.
func TestMain(m *testing.M) {
	switch {
	case os.Getenv("STUDIO_FAKE") != "":
		os.Exit(fake(os.Args[1:]))
	case os.Getenv("STUDIO_SERVER") != "":
		os.Exit(serveUntilKilled(os.Getenv("STUDIO_SERVER")))
	}
	os.Exit(m.Run())
}

// fakeRun is what the fake program's checkpoint has.
type fakeRun struct {
	Args []string
	Step int
}

// value returns the value of an option in a command line.
func value(of []string, name string) string {
	for _, arg := range of {
		if text, is := strings.CutPrefix(arg, "--"+name+"="); is {
			return text
		}
	}
	return ""
}

// fake plays the program: as many steps as --iterations says, each of --delay. STUDIO_HOLD is a step after
// which it does nothing until it is told to end.
func fake(args []string) int {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGPIPE)
	if pid := os.Getenv("STUDIO_CHILD"); pid != "" {
		os.WriteFile(pid, []byte(strconv.Itoa(os.Getpid())), 0o600)
	}
	run := fakeRun{Args: args}
	if args[0] == "resume" {
		text, err := os.ReadFile(args[1])
		if err != nil || json.Unmarshal(text, &run) != nil {
			return fakeError("checkpoint", "the checkpoint cannot be read")
		}
	}
	switch args[0] {
	case "clip":
		return fakeClip(args)
	case "film":
		return fakeFilm(args, ended)
	}
	out := value(run.Args, "output")
	steps, err := strconv.Atoi(value(run.Args, "iterations"))
	if text := value(run.Args, "iterations"); text != "" && err != nil {
		return fakeError("usage", `--iterations must be a whole number, not "`+text+`"`)
	}
	delay, _ := time.ParseDuration(value(run.Args, "delay"))
	say(map[string]any{"event": "start", "steps": steps, "resumed": run.Step, "width": 8, "height": 6,
		"expected_peak_bytes": 1000, "flops": 1e6, "expected_seconds": 2})
	if value(args, "dry-run") != "" {
		return 0
	}
	if value(run.Args, "fail") != "" {
		return fakeError("other", "it was told to fail")
	}
	log, _ := os.OpenFile("log", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	fmt.Fprintln(log, out, "from", run.Step)
	preview := value(args, "preview")
	hold, _ := strconv.Atoi(os.Getenv("STUDIO_HOLD"))
	for run.Step < steps {
		stop := false
		select {
		case <-ended:
			stop = true
		case <-after(delay, hold > 0 && run.Step == hold):
		}
		if stop {
			text, _ := json.Marshal(run)
			os.WriteFile(out+".checkpoint", text, 0o600)
			fakePicture(out)
			say(map[string]any{"event": "interrupted", "output": out, "steps": run.Step, "checkpoint": out + ".checkpoint"})
			return 143
		}
		run.Step++
		if !say(map[string]any{"event": "step", "step": run.Step, "steps": steps, "loss": 1 / float64(run.Step),
			"terms": map[string]any{"style": 0.5}, "seconds": 0.1, "left_seconds": 3, "peak_bytes": 2000}) {
			select {
			case ended <- syscall.SIGPIPE:
			default: // a signal is there already: with no room for another one, this would wait for ever
			}
		}
		if preview != "" && run.Step == 1 {
			fakePicture(preview)
			say(map[string]any{"event": "preview", "file": preview, "step": 1})
		}
	}
	fakePicture(out)
	os.Remove(out + ".checkpoint")
	say(map[string]any{"event": "done", "output": out, "steps": steps, "seconds": 0.2, "peak_bytes": 3000})
	return 0
}

// after returns what is ready after a delay, or never.
func after(delay time.Duration, never bool) <-chan time.Time {
	if never {
		return nil
	}
	return time.After(delay)
}

func say(v any) bool { return json.NewEncoder(os.Stdout).Encode(v) == nil }

func fakeError(kind, message string) int {
	say(map[string]any{"event": "error", "kind": kind, "message": message, "hint": "do otherwise"})
	return 2
}

func fakePicture(path string) {
	f, err := os.Create(path)
	if err == nil {
		png.Encode(f, pattern(8, 6, 1))
		f.Close()
	}
}

// pattern draws a picture that a number makes different from others.
func pattern(w, h, n int) image.Image {
	im := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		im.Set(i%w, i/w, color.RGBA{uint8(i * n), uint8(n), uint8(n >> 8), 255})
	}
	return im
}
