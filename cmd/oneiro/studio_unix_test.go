//go:build unix

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"oneiro/internal/disk"
	"oneiro/internal/sample"
	"oneiro/studio"
)

// page is a browser that has opened the link of a studio.
type page struct {
	t      *testing.T
	cmd    *exec.Cmd
	base   string
	client *http.Client
}

// openPage starts a studio on the folder st and opens its link.
func openPage(t *testing.T, dir string) *page {
	t.Helper()
	return openPageTo(t, dir, os.Stderr)
}

// openPageTo is openPage with somewhere else for what the studio has to say.
func openPageTo(t *testing.T, dir string, stderr io.Writer) *page {
	t.Helper()
	cmd := command(t, dir, "studio", "--dir", "st", "--listen", "127.0.0.1:0")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	link, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &page{t, cmd, strings.Split(link, "/?")[0], &http.Client{Jar: jar}}
	r, err := p.client.Get(strings.TrimSpace(link))
	if err != nil || r.StatusCode != 200 {
		t.Fatalf("%s: %v", link, err)
	}
	r.Body.Close()
	return p
}

// ask sends JSON and decodes the answer.
func (p *page) ask(method, path string, body, answer any) {
	p.t.Helper()
	var text bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&text).Encode(body); err != nil {
			p.t.Fatal(err)
		}
	}
	r, err := http.NewRequest(method, p.base+path, &text)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	a, err := p.client.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer a.Body.Close()
	got, _ := io.ReadAll(a.Body)
	if a.StatusCode >= 300 {
		p.t.Fatalf("%s %s: %s %s", method, path, a.Status, got)
	}
	if err := json.Unmarshal(got, answer); err != nil {
		p.t.Fatal(err)
	}
}

// wait waits until something is true of a job.
func (p *page) wait(id int, is func(*studio.Job) bool) (j studio.Job) {
	p.t.Helper()
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		p.ask("GET", fmt.Sprint("/api/jobs/", id), nil, &j)
		if is(&j) {
			return j
		}
		if j.State == studio.Failed || time.Now().After(end) {
			p.t.Fatalf("job %d is %s at step %d: %v", id, j.State, j.Step, j.Error)
		}
	}
}

// leave opens streams of events and closes their connections, as a page does that is closed in the middle of a
// run.
func (p *page) leave(id int) {
	p.t.Helper()
	host := strings.TrimPrefix(p.base, "http://")
	u, err := url.Parse(p.base)
	if err != nil {
		p.t.Fatal(err)
	}
	cookie := p.client.Jar.Cookies(u)[0]
	for range 5 {
		c, err := net.Dial("tcp", host)
		if err != nil {
			p.t.Fatal(err)
		}
		fmt.Fprintf(c, "GET /api/events HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\n\r\n", host, cookie)
		if _, err := c.Read(make([]byte, 100)); err != nil {
			p.t.Fatal(err)
		}
		c.(*net.TCPConn).SetLinger(0) // so that the next write fails
		c.Close()
	}
	var j studio.Job
	p.ask("GET", fmt.Sprint("/api/jobs/", id), nil, &j)
}

// end ends the studio as Ctrl-C does.
func (p *page) end() {
	p.t.Helper()
	p.cmd.Process.Signal(syscall.SIGINT)
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("the studio ends with %v", err)
	}
}

// TestStudio works with the page as a person would: a job runs, is cut short by the end of the studio, goes on
// in the next one, and ends with the picture that its line makes.
func TestStudio(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a.png", sample.Landscape(60, 45, 1))
	p := openPage(t, dir)
	r, err := http.NewRequest("PUT", p.base+"/api/uploads?name=my%20photo.png", bytes.NewReader(readFile(t, filepath.Join(dir, "a.png"))))
	if err != nil {
		t.Fatal(err)
	}
	if a, err := p.client.Do(r); err != nil || a.StatusCode != 201 {
		t.Fatalf("%v, %v", a, err)
	}
	spec := map[string]any{"command": "style", "inputs": map[string]any{"content": "in/my-photo.png"},
		"options": map[string]string{"size": "48", "iterations": "400", "optimizer": "adam", "scales": "1"}}
	var check struct {
		Line   string
		Errors []any
		Plan   *struct {
			Seconds float64
			Steps   int
		}
	}
	p.ask("POST", "/api/check", spec, &check)
	if len(check.Errors) > 0 || check.Plan == nil || check.Plan.Steps != 400 || !(check.Plan.Seconds > 0) {
		t.Errorf("the plan is %+v, %+v", check, check.Plan)
	}
	var j studio.Job
	p.ask("POST", "/api/jobs", spec, &j)
	p.leave(j.ID)
	p.wait(j.ID, func(j *studio.Job) bool { return j.Step >= 5 && j.Preview > 0 })
	p.end()

	p = openPage(t, dir)
	j = p.wait(j.ID, func(j *studio.Job) bool { return j.State == studio.Done })
	if j.Step != 400 || j.Output == nil || len(j.Terms) == 0 {
		t.Errorf("the job is %+v", j)
	}
	if j.Line != check.Line {
		t.Errorf("the line is %s, and was to be %s", j.Line, check.Line)
	}
	made := filepath.Join(dir, "st", *j.Output)
	args := strings.Fields(j.Line)[1:]
	args[slices.Index(args, "--output")+1] = "typed.png"
	mustRun(t, filepath.Join(dir, "st"), args...)
	if recipeOf(t, made).Pixels != recipeOf(t, filepath.Join(dir, "st", "typed.png")).Pixels {
		t.Errorf("%s makes another picture", j.Line)
	}

	var found struct {
		Options map[string]string
		Inputs  []struct{ File *string }
	}
	p.ask("GET", "/api/recipe?file="+*j.Output, nil, &found)
	if found.Options["iterations"] != "400" || len(found.Inputs) != 2 || *found.Inputs[0].File != "in/my-photo.png" {
		t.Errorf("the recipe is %+v", found)
	}
	var larger, recolored studio.Job
	p.ask("POST", "/api/larger", map[string]any{"file": *j.Output, "size": 64}, &larger)
	p.ask("POST", "/api/jobs", map[string]any{"command": "recolor",
		"inputs": map[string]string{"result": *j.Output, "photo": "in/my-photo.png"}}, &recolored)
	if done := p.wait(larger.ID, func(j *studio.Job) bool { return j.State == studio.Done }); done.Width != 64 {
		t.Errorf("the larger one is %+v", done)
	}
	p.wait(recolored.ID, func(j *studio.Job) bool { return j.State == studio.Done && j.Output != nil })
	var regions struct{ File string }
	p.ask("POST", "/api/regions", map[string]any{"file": "in/my-photo.png", "count": 3}, &regions)
	picture(t, filepath.Join(dir, "st", regions.File))
	var scored struct{ Numbers map[string]float64 }
	p.ask("POST", "/api/score", map[string]any{"file": *j.Output}, &scored)
	if len(scored.Numbers) < 4 {
		t.Errorf("the score is %v", scored.Numbers)
	}
	var layers struct{ Layers []struct{ Channels int } }
	p.ask("GET", "/api/layers", nil, &layers)
	if len(layers.Layers) < 10 || layers.Layers[0].Channels != 24 {
		t.Errorf("the layers are %+v", layers)
	}
	var classes struct {
		Classes []struct {
			Class int
			Names []string
		}
	}
	p.ask("GET", "/api/classes", nil, &classes)
	if c := classes.Classes; len(c) < 10 || c[2].Class != 2 || len(c[2].Names) == 0 {
		t.Errorf("the classes are %+v", classes)
	}
	var list struct{ Free int64 }
	p.ask("GET", "/api/jobs", nil, &list)
	if free, err := disk.Free(dir); err == nil && !(list.Free > free/2 && list.Free < 2*free) {
		t.Errorf("the studio says that %d bytes are free, and the system %d", list.Free, free)
	}
	var film studio.Job
	p.ask("POST", "/api/jobs", map[string]any{"command": "dream",
		"options": map[string]string{"size": "32", "iterations": "2", "octaves": "1", "frames": "3"}}, &film)
	film = p.wait(film.ID, func(j *studio.Job) bool { return j.State == studio.Done })
	if film.Step != 3 || film.Steps != 3 {
		t.Errorf("a film of 3 frames is at %d of %d", film.Step, film.Steps)
	}
	// A picture that cannot be written.
	if err := os.Rename(filepath.Join(dir, "st", "out"), filepath.Join(dir, "st", "elsewhere")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "st", "out"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	var lost studio.Job
	p.ask("POST", "/api/jobs", map[string]any{"command": "dream", "options": map[string]string{"size": "32", "iterations": "2"}}, &lost)
	for lost.State != studio.Failed && lost.State != studio.Done {
		time.Sleep(20 * time.Millisecond)
		p.ask("GET", fmt.Sprint("/api/jobs/", lost.ID), nil, &lost)
	}
	if lost.Error == nil || !strings.Contains(lost.Error.Text, "out/") || lost.Error.Hint == "" {
		t.Errorf("a picture that cannot be written: %s, %+v", lost.State, lost.Error)
	}
	p.end()
	refuses(t, dir, []refusal{
		{"studio --listen nowhere:x", exitUsage, "cannot listen on"},
		{"studio --weights none.npz", exitUsage, "there is no file of weights"},
		{"studio --dir a.png", exitFailed, "a.png"},
	})
}

// TestStudioCommands checks that each command of the studio is one of the program, and that it knows the flags.
func TestStudioCommands(t *testing.T) {
	root := newRoot()
	for _, c := range studioCommands() {
		cmd, _, err := root.Find(strings.Fields(c.Name))
		if err != nil || cmd.CommandPath() != "oneiro "+c.Name {
			t.Errorf("there is no command %s", c.Name)
			continue
		}
		for _, name := range c.Order {
			if cmd.Flags().Lookup(name) == nil {
				t.Errorf("%s has no flag --%s", c.Name, name)
			}
		}
		for _, in := range c.Inputs {
			if in.Flag != "" && cmd.Flags().Lookup(in.Flag) == nil {
				t.Errorf("%s has no flag --%s", c.Name, in.Flag)
			}
		}
		if len(c.Basic) == 0 || len(c.Order) < len(c.Basic) {
			t.Errorf("%s has %d options, of which %d are basic", c.Name, len(c.Order), len(c.Basic))
		}
		for _, name := range []string{"json", "preview"} {
			if c.Runs && cmd.Flags().Lookup(name) == nil {
				t.Errorf("%s has no flag --%s", c.Name, name)
			}
		}
	}
	for _, preset := range studioPresets() {
		p, err := pipelineOf(preset.Command)
		if err != nil {
			t.Fatal(err)
		}
		args := append(strings.Fields(preset.Command), "--dry-run", "plan", "--quiet")
		for name, value := range preset.Options {
			if p.table().Lookup(name) == nil {
				t.Errorf("the preset %s has --%s, which %s has not", preset.Name, name, p.name)
			}
			args = append(args, "--"+name+"="+value)
		}
		mustRun(t, t.TempDir(), args...)
	}
}
