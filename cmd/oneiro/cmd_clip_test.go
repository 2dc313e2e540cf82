package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"oneiro/internal/imageio"
)

// TestClip makes a film, whose frames are counted in advance, asks what is in it, and takes a frame out.
func TestClip(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out := mustRun(t, dir, strings.Fields(filmArgs+" --fps 10 -o film.gif --json")...).stdout
	n := 0
	for line := range strings.Lines(out) {
		var e struct {
			Event               string
			Frames, Made, Total int
			Left                float64 `json:"left_seconds"`
			Peak                int64   `json:"peak_bytes"`
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		switch e.Event {
		case "start":
			if e.Frames != 4 {
				t.Errorf("the start says %s", line)
			}
		case "frame":
			if n++; e.Made != n || e.Total != 4 || (e.Left > 0) != (n < 4) || e.Peak <= 0 {
				t.Errorf("frame %d: %s", n, line)
			}
		}
	}
	if n != 4 {
		t.Errorf("%d frames are reported", n)
	}
	r := decoded[clipReport](t, mustRun(t, dir, "clip", "film.gif", "--json").stdout)
	if r.Width != 40 || r.Height < 10 || r.Frames == nil || *r.Frames != 4 || r.FPS != 10 {
		t.Errorf("the clip is %+v", r)
	}
	text := mustRun(t, dir, "clip", "film.gif", "--frame", "3", "--size", "20", "-o", "frame.png").stdout
	if !strings.Contains(text, "40x") || !strings.Contains(text, "frame.png") {
		t.Errorf("it says\n%s", text)
	}
	im, err := imageio.Read(filepath.Join(dir, "frame.png"))
	if err != nil || im.W != 20 || im.H != (r.Height+1)/2 {
		t.Errorf("the frame: %v", err)
	}
	for args, want := range map[string]string{
		"clip film.gif --frame 5": "has no frame 5", "clip film.gif --frame 0": "--frame must be",
		"clip film.gif -o film.gif": "", "clip frame.png": "a PNG with one picture", "clip": "takes a clip",
		"clip film.gif --memory 1KiB": "more than",
	} {
		if o := run(t, dir, strings.Fields(args)...); o.code == 0 || !strings.Contains(o.stderr, want) {
			t.Errorf("%s: exit code %d\n%s", args, o.code, o.stderr)
		}
	}
}
