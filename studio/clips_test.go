package studio

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// fakeFilmText is what a film of the fake program begins with.
const fakeFilmText = "a film of 4 frames"

// fakeClip plays `oneiro clip`. A folder is a film, too.
func fakeClip(args []string) int {
	info, err := os.Stat(args[1])
	text, _ := os.ReadFile(args[1])
	if err != nil || !info.IsDir() && !bytes.Contains(text, []byte(fakeFilmText)) {
		return fakeError("picture", args[1]+" is no film")
	}
	log, _ := os.OpenFile("asked", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	fmt.Fprintln(log, args[1])
	fakePicture(value(args, "output"))
	say(map[string]any{"clip": args[1], "width": 8, "height": 6, "frames": 4, "fps": 10, "seconds": 0.4})
	return 0
}

// fakeFilm plays `oneiro film`: as many frames as --iterations says, each of --delay.
func fakeFilm(args []string, ended <-chan os.Signal) int {
	out, frames := value(args, "output"), value(args, "output")+".frames"
	n, _ := strconv.Atoi(value(args, "iterations"))
	delay, _ := time.ParseDuration(value(args, "delay"))
	made, _ := os.ReadDir(frames)
	if len(made) > 0 && !slices.Contains(args, "--resume") {
		return fakeError("usage", "there is a film in the making")
	}
	say(map[string]any{"event": "start", "steps": 50, "frames": n, "width": 8, "height": 6, "expected_peak_bytes": 1000,
		"flops": 1e6, "expected_seconds": 2})
	if value(args, "dry-run") != "" {
		return 0
	}
	log, _ := os.OpenFile("log", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	fmt.Fprintln(log, out, "after", len(made))
	os.MkdirAll(frames, 0o700)
	for i := len(made) + 1; i <= n; i++ {
		select {
		case <-ended:
			say(map[string]any{"event": "error", "kind": "other", "message": "ended by a signal: terminated"})
			return 143
		case <-time.After(delay):
		}
		fakePicture(filepath.Join(frames, fmt.Sprintf("frame_%05d.png", i)))
		say(map[string]any{"event": "frame", "frame": i, "frames": n, "made": i, "total": n, "loss": 1 / float64(i),
			"warp_error": 0.001, "seconds": 0.5, "left_seconds": n - i, "peak_bytes": 2000})
	}
	if strings.HasSuffix(out, ".png") {
		fakePicture(out)
	} else {
		os.WriteFile(out, []byte(fakeFilmText), 0o600)
	}
	os.RemoveAll(frames)
	say(map[string]any{"event": "done", "output": out, "steps": 7, "seconds": 0.2, "peak_bytes": 3000})
	return 0
}

// filmsOf returns a studio whose program makes films, too.
func filmsOf(dir string) Config {
	config := configOf(dir)
	film := config.Commands[0]
	film.Name, film.Endings = "film", []string{"png", "gif", "mp4"}
	film.Inputs = []Input{{Role: "content", Clip: true, Optional: true}, {Role: "style", Many: true, Optional: true}}
	config.Commands = append(config.Commands, film)
	return config
}

// film asks for a film.
func (v *site) film(frames int, delay, output string) *Job {
	v.t.Helper()
	options := map[string]string{"iterations": fmt.Sprint(frames), "delay": delay}
	if output != "" {
		options["output"] = output
	}
	return call[*Job](v, 201, "POST", "/api/jobs", Spec{Command: "film", Options: options})
}

// TestFilms stops a film, whose frames stay, and resumes it; closes the studio in the middle, and opens it
// again.
func TestFilms(t *testing.T) {
	dir := t.TempDir()
	v := openSite(t, filmsOf(dir))
	v.film(20, "10ms", "")
	v.wait(1, "at frame 3", func(j *Job) bool { return j.Step >= 3 })
	call[*Job](v, 200, "POST", "/api/jobs/1/stop", nil)
	j := v.waitFor(1, Stopped)
	if !j.Checkpoint || j.Output != nil || j.Step >= 20 || j.Steps != 20 || j.Error != nil || j.Memory != 2000 {
		t.Fatalf("it is %+v", j)
	}
	call[*Job](v, 200, "POST", "/api/jobs/1/resume", nil)
	v.wait(1, "further", func(now *Job) bool { return now.Step > j.Step })
	v.end()
	v = openSite(t, filmsOf(dir))
	j = v.waitFor(1, Done)
	if j.Step != 20 || j.Checkpoint || j.Output == nil || *j.Output != "out/0001-film.png" || j.Seconds < 9 {
		t.Errorf("in the end it is %+v", j)
	}
	if len(j.Curve.points) == 0 || !strings.Contains(string(j.Curve.points[0]), `{"warp error":0.001}`) {
		t.Errorf("the curve is %s", j.Curve.points)
	}
	after := 0
	for i, line := range ran(t, dir) {
		n, err := strconv.Atoi(strings.TrimPrefix(line, "out/0001-film.png after "))
		if err != nil || i > 0 && n <= after {
			t.Errorf("run %d was %q, and the one before began after %d", i, line, after)
		}
		after = n
	}
	if all := call[struct{ Jobs []*Job }](v, 200, "GET", "/api/jobs", nil).Jobs; len(all[0].Curve.points) > 0 {
		t.Error("the list has the curve of a job that has ended")
	}
}

// TestFilmCancel puts the frames of a film that will not be made into the trash.
func TestFilmCancel(t *testing.T) {
	dir := t.TempDir()
	v := openSite(t, filmsOf(dir))
	v.film(1000, "10ms", "")
	v.wait(1, "at frame 2", func(j *Job) bool { return j.Step >= 2 })
	call[*Job](v, 200, "POST", "/api/jobs/1/cancel", nil)
	j := v.run(1, "")
	v.waitFor(j.ID, Done)
	left, _ := os.ReadDir(filepath.Join(dir, "out"))
	frames, _ := os.ReadDir(filepath.Join(dir, "trash/out/0001-film.png.frames"))
	if len(left) != 1 || len(frames) < 2 {
		t.Errorf("out has %v, and the trash %d frames", left, len(frames))
	}
}

// TestFilmResult makes a film that no browser shows: the gallery has its first frame, and the trash its frames.
func TestFilmResult(t *testing.T) {
	dir := t.TempDir()
	v := openSite(t, filmsOf(dir))
	v.film(2, "", ".mp4")
	if j := v.waitFor(1, Done); *j.Output != "out/0001-film.mp4" || j.Width != 8 || j.Height != 6 {
		t.Fatalf("it is %+v", j)
	}
	v.film(2, "", ".gif")
	v.waitFor(2, Done)
	call[Error](v, 400, "POST", "/api/jobs", Spec{Command: "film", Options: map[string]string{"output": ".exe"}})
	write(t, dir, "out/0001-film.mp4.frames/frame_00001.png", picture(t, 8, 6, 1))
	gallery := func() (all []Result) {
		return call[struct{ Pictures []Result }](v, 200, "GET", "/api/gallery", nil).Pictures
	}
	if all := gallery(); len(all) != 1 || !all[0].Film || !all[0].Still || all[0].Width != 8 {
		t.Errorf("the gallery has %+v", all)
	}
	status, text, _ := v.request("GET", "/thumb/out/0001-film.mp4?size=64", nil)
	if im, kind, err := image.DecodeConfig(bytes.NewReader(text)); status != 200 || err != nil || kind != "jpeg" || im.Width != 8 {
		t.Errorf("the small picture: %d, %v", status, err)
	}
	status, text, h := v.request("GET", "/files/out/0001-film.mp4?download=1", nil)
	if status != 200 || string(text) != fakeFilmText || h.Get("Content-Type") != "video/mp4" {
		t.Errorf("the film: %d %q %v", status, text, h)
	}
	gone := call[struct{ File string }](v, 200, "POST", "/api/trash", `{"file": "out/0001-film.mp4"}`).File
	if _, err := os.Stat(filepath.Join(dir, gone+".frames")); err != nil || len(gallery()) != 0 {
		t.Errorf("in the trash: %v", err)
	}
	call[any](v, 200, "POST", "/api/trash/undo", `{"file": "`+gone+`"}`)
	if _, err := os.Stat(filepath.Join(dir, "out/0001-film.mp4.frames/frame_00001.png")); err != nil || len(gallery()) != 1 {
		t.Errorf("back again: %v", err)
	}
	asked, _ := os.ReadFile(filepath.Join(dir, "asked"))
	if n := strings.Count(string(asked), "0001-film.mp4\n"); n > 2 { // as the film, and as what came back
		t.Errorf("the program was asked %d times", n)
	}
}

// TestClips drops films, and finds them and a folder of pictures among those that can be used.
func TestClips(t *testing.T) {
	dir := t.TempDir()
	config := filmsOf(dir)
	config.MaxUpload, config.MaxClip = 10, 100
	v := openSite(t, config)
	drop := func(want int, name, text string) (u uploaded, e Error) {
		t.Helper()
		status, got, _ := v.request("PUT", "/api/uploads?kind=clip&name="+name, strings.NewReader(text))
		if status != want {
			t.Fatalf("%s: %d, want %d: %s", name, status, want, got)
		}
		decode(t, got, &u)
		decode(t, got, &e)
		return u, e
	}
	u, _ := drop(201, "walk.mp4", fakeFilmText)
	if u.File != "in/walk.mp4" || u.Width != 8 || u.Film == nil || *u.Film.Frames != 4 {
		t.Errorf("it is %+v", u)
	}
	drop(200, "again.mp4", fakeFilmText)
	if _, e := drop(http.StatusUnsupportedMediaType, "text.mov", "nothing"); e.Text != "text.mov is no film" {
		t.Errorf("the error is %q", e.Text)
	}
	drop(http.StatusUnsupportedMediaType, "walk.exe", fakeFilmText+"!")
	if _, e := drop(http.StatusRequestEntityTooLarge, "long.mp4", fakeFilmText+strings.Repeat(".", 100)); !strings.Contains(e.Hint, "--clip-limit") {
		t.Errorf("the hint is %q", e.Hint)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, hidden, "work")); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
	write(t, dir, "in/frames/001.png", picture(t, 8, 6, 1))
	write(t, dir, "in/still.png", picture(t, 8, 6, 2))
	write(t, dir, "in/moves.gif", []byte("GIF89a"+fakeFilmText))
	names := func(query string) (all []string) {
		for _, f := range call[struct{ Files []File }](v, 200, "GET", "/api/files?folder=in"+query, nil).Files {
			all = append(all, f.File)
		}
		slices.Sort(all)
		return all
	}
	if got := names("&clips"); !slices.Equal(got, []string{"in/frames", "in/moves.gif", "in/walk.mp4"}) {
		t.Errorf("the films are %v", got)
	}
	if got := names(""); !slices.Equal(got, []string{"in/moves.gif", "in/still.png"}) {
		t.Errorf("the pictures are %v", got)
	}
	for _, file := range []string{"in/frames", "in/walk.mp4"} {
		if status, text, _ := v.request("GET", "/thumb/"+file, nil); status != 200 {
			t.Errorf("the small picture of %s: %d %s", file, status, text)
		}
		answer := call[checkAnswer](v, 200, "POST", "/api/check", `{"command": "film", "inputs": {"content": "`+file+`"}}`)
		if !strings.HasPrefix(answer.Line, "oneiro film "+file+" ") {
			t.Errorf("the line is %q, errors %v", answer.Line, answer.Errors)
		}
	}
	for body, why := range map[string]string{
		`{"command": "film", "inputs": {"style": "in/frames"}}`:       "a folder is no painting",
		`{"command": "film", "inputs": {"content": "../frames"}}`:     "it leads out",
		`{"command": "film", "inputs": {"content": ".studio/work"}}`:  "it is hidden",
		`{"command": "style", "inputs": {"content": "in/frames"}}`:    "a folder is no photograph",
		`{"command": "film", "inputs": {"content": "in/absent.mp4"}}`: "there is none",
	} {
		if answer := call[checkAnswer](v, 200, "POST", "/api/check", body); len(answer.Errors) == 0 {
			t.Errorf("%s is allowed, though %s", body, why)
		}
	}
}
