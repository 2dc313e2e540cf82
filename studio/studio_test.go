package studio

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// schema are the options of the fake program.
const schema = `{"properties": {
	"iterations": {"type": "integer"}, "delay": {"type": "string"}, "fail": {"type": "string"}, "size": {"type": "integer"},
	"seed": {"type": "integer"}, "style-weight": {"type": "number"}, "region": {"type": "array"}, "loud": {"type": "boolean"},
	"weights": {"type": "string", "x-names": "file"}, "init": {"type": "string", "x-names": "file"},
	"output": {"type": "string", "x-names": "file"}, "save-canvas": {"type": "string", "x-names": "file"},
	"preview": {"type": "string", "x-names": "file"}}}`

// configOf returns a studio on a folder whose program is this test.
func configOf(dir string) Config {
	return Config{
		Dir: dir, Program: []string{os.Args[0]}, Env: []string{"STUDIO_FAKE=1"}, Version: "test",
		Commands: []Command{{
			Name: "style", Schema: json.RawMessage(schema), Endings: []string{"png", "jpg"}, Runs: true,
			Order:  []string{"iterations", "delay", "fail", "size", "seed", "style-weight", "region", "loud", "weights", "init", "save-canvas"},
			Inputs: []Input{{Role: "content", Optional: true}, {Role: "style", Many: true, Optional: true}},
		}},
	}
}

// site is a studio that is open, and who asks it.
type site struct {
	t      testing.TB
	s      *Server
	base   string // http://127.0.0.1:PORT
	client *http.Client
	cookie *http.Cookie
	end    func()
}

// openSite opens a studio on a folder and serves it until the test ends or end is called.
func openSite(t testing.TB, config Config) *site {
	t.Helper()
	s, err := Open(config)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l) }()
	transport := &http.Transport{}
	v := &site{t: t, s: s, base: "http://" + l.Addr().String(), client: &http.Client{
		Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	done := false
	v.end = func() {
		if done {
			return
		}
		done = true
		cancel()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		transport.CloseIdleConnections()
	}
	t.Cleanup(v.end)
	r, err := v.client.Get(s.Link(l))
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if len(r.Cookies()) != 1 || r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/" {
		t.Fatalf("the link answers %v with %d cookies", r.Status, len(r.Cookies()))
	}
	v.cookie = r.Cookies()[0]
	return v
}

// request sends a request of the page.
func (v *site) request(method, path string, body io.Reader, change ...func(*http.Request)) (status int, text []byte, h http.Header) {
	v.t.Helper()
	r, err := http.NewRequest(method, v.base+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	r.AddCookie(v.cookie)
	r.Header.Set("Content-Type", "application/json")
	for _, do := range change {
		do(r)
	}
	answer, err := v.client.Do(r)
	if err != nil {
		v.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer answer.Body.Close()
	text, err = io.ReadAll(answer.Body)
	if err != nil {
		v.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer.StatusCode, text, answer.Header
}

// call sends JSON and decodes the answer, which has to have the status want.
func call[T any](v *site, want int, method, path string, body any) (answer T) {
	v.t.Helper()
	var text io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		text = strings.NewReader(b)
	default:
		j, err := json.Marshal(body)
		if err != nil {
			v.t.Fatal(err)
		}
		text = bytes.NewReader(j)
	}
	status, got, _ := v.request(method, path, text)
	if status != want {
		v.t.Fatalf("%s %s %v: %d, want %d: %s", method, path, body, status, want, got)
	}
	if err := json.Unmarshal(got, &answer); err != nil {
		v.t.Fatalf("%s %s: %v in %s", method, path, err, got)
	}
	return answer
}

// run asks for a job of some steps.
func (v *site) run(steps int, delay string) *Job {
	v.t.Helper()
	return call[*Job](v, 201, "POST", "/api/jobs", Spec{Command: "style",
		Options: map[string]string{"iterations": fmt.Sprint(steps), "delay": delay}})
}

func (v *site) job(id int) *Job {
	v.t.Helper()
	return call[*Job](v, 200, "GET", fmt.Sprint("/api/jobs/", id), nil)
}

// wait waits until something is true of a job.
func (v *site) wait(id int, what string, is func(*Job) bool) *Job {
	v.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		j := v.job(id)
		if is(j) {
			return j
		}
		if time.Now().After(end) {
			v.t.Fatalf("job %d is not %s: %s at step %d of %d, %v", id, what, j.State, j.Step, j.Steps, j.Error)
		}
	}
}

func (v *site) waitFor(id int, state State) *Job {
	v.t.Helper()
	return v.wait(id, string(state), func(j *Job) bool { return j.State == state })
}

// picture returns a PNG that a number makes different from others.
func picture(t testing.TB, w, h, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, pattern(w, h, n)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// upload sends a picture.
func (v *site) upload(name string, data []byte) uploaded {
	v.t.Helper()
	status, text, _ := v.request("PUT", "/api/uploads?name="+name, bytes.NewReader(data))
	var u uploaded
	if err := json.Unmarshal(text, &u); status != 201 || err != nil {
		v.t.Fatalf("%s: %d %s", name, status, text)
	}
	return u
}

// write makes a file in a folder.
func write(t testing.TB, dir, name string, data []byte) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestRun runs a job and follows it in the list, the events, the preview and the gallery.
func TestRun(t *testing.T) {
	v := openSite(t, configOf(t.TempDir()))
	photo, painting := v.upload("a%20photo.png", picture(t, 40, 30, 1)), v.upload("painting.png", picture(t, 20, 20, 2))
	events := v.listen("")
	j := call[*Job](v, 201, "POST", "/api/jobs", `{"command": "style",
		"inputs": {"content": "in/a-photo.png", "style": ["in/painting.png"]},
		"options": {"iterations": "3", "loud": "true", "region": "red=in/painting.png:scale=2"}}`)
	if want := "oneiro style in/a-photo.png in/painting.png --iterations 3 --region 'red=in/painting.png:scale=2'" +
		" --loud --output out/0001-style.png"; j.Line != want {
		t.Errorf("the line is\n%s, want\n%s", j.Line, want)
	}
	j = v.waitFor(j.ID, Done)
	if j.Step != 3 || j.Steps != 3 || j.Output == nil || *j.Output != "out/0001-style.png" || j.Width != 8 || j.Height != 6 ||
		j.Memory != 3000 || j.Preview != 1 || len(j.Curve.points) != 3 || string(j.Curve.points[1]) != `[2,0.5,{"style":0.5}]` {
		t.Errorf("the job is %+v", j)
	}
	if photo.Width != 40 || photo.Made || painting.File != "in/painting.png" {
		t.Errorf("the uploads are %+v, %+v", photo, painting)
	}
	status, text, h := v.request("GET", "/api/jobs/1/preview.jpg?v=1", nil)
	if status != 200 || len(text) == 0 || h.Get("Content-Type") != "image/jpeg" {
		t.Errorf("the preview answers %d with %d bytes of %s", status, len(text), h.Get("Content-Type"))
	}
	all := call[struct{ Pictures []Result }](v, 200, "GET", "/api/gallery", nil).Pictures
	if len(all) != 1 || all[0].File.File != "out/0001-style.png" || all[0].Job != 1 || all[0].Width != 8 {
		t.Errorf("the gallery is %+v", all)
	}
	var kinds []string
	for e := range events.until("gallery") {
		if e.kind != "step" { // of which some are left out
			kinds = append(kinds, e.kind)
		}
	}
	// files twice before the stream began; the job waits, runs, has started, shows itself, and is done
	if got, want := strings.Join(kinds, " "), "hello job job job preview job gallery"; got != want {
		t.Errorf("the events are %s, want %s", got, want)
	}
	for path, want := range map[string]string{
		"/thumb/out/0001-style.png?size=100": "image/jpeg", "/files/out/0001-style.png": "image/png",
		"/files/out/0001-style.png?format=jpeg": "image/jpeg", "/files/out/0001-style.png?format=tiff": "image/tiff",
		"/": "text/html; charset=utf-8",
	} {
		status, text, h := v.request("GET", path, nil)
		if status != 200 || h.Get("Content-Type") != want || len(text) == 0 {
			t.Errorf("%s answers %d with %d bytes of %s", path, status, len(text), h.Get("Content-Type"))
		}
	}
	_, _, h = v.request("GET", "/thumb/out/0001-style.png", nil)
	status, _, _ = v.request("GET", "/thumb/out/0001-style.png", nil, func(r *http.Request) {
		r.Header.Set("If-None-Match", h.Get("ETag"))
	})
	if status != http.StatusNotModified {
		t.Errorf("a small picture that is known answers %d", status)
	}
	if left, _ := os.ReadDir(filepath.Join(v.s.dir, hidden, "work")); len(left) > 0 {
		t.Errorf("%d files of work are left, such as %s", len(left), left[0].Name())
	}
}

// TestFailure checks that a job that fails says why, in the program's own words, and that it can be tried
// again.
func TestFailure(t *testing.T) {
	v := openSite(t, configOf(t.TempDir()))
	j := call[*Job](v, 201, "POST", "/api/jobs", `{"command": "style", "options": {"fail": "1"}}`)
	j = v.waitFor(j.ID, Failed)
	if j.Error == nil || j.Error.Text != "it was told to fail" || j.Error.Hint != "do otherwise" || j.Output != nil {
		t.Errorf("the job failed with %+v", j.Error)
	}
	call[*Job](v, 200, "POST", "/api/jobs/1/resume", nil)
	v.wait(1, "failed again", func(j *Job) bool { return j.State == Failed && j.Error != nil })
	copied := call[*Job](v, 201, "POST", "/api/jobs/1/duplicate", nil)
	if copied.ID != 2 || copied.Options["fail"] != "1" || copied.Target == j.Target {
		t.Errorf("the copy is %+v", copied)
	}
}

// TestCheck asks what jobs would do.
func TestCheck(t *testing.T) {
	v := openSite(t, configOf(t.TempDir()))
	a := call[checkAnswer](v, 200, "POST", "/api/check", `{"command": "style", "options": {"iterations": "5"}}`)
	if a.Line != "oneiro style --iterations 5 --output out/0001-style.png" || len(a.Errors) > 0 || a.Plan == nil ||
		a.Plan.Steps != 5 || a.Plan.Seconds == nil || *a.Plan.Seconds != 2 || a.Plan.Peak != 1000 {
		t.Errorf("%+v, %+v", a, a.Plan)
	}
	if a := call[checkAnswer](v, 200, "POST", "/api/check?plan=no", `{"command": "style", "options": {"iterations": "5"}}`); a.Line !=
		"oneiro style --iterations 5 --output out/0001-style.png" || a.Plan != nil {
		t.Errorf("without a plan: %+v", a)
	}
	for body, want := range map[string]wrong{
		`{"command": "style", "options": {"iterations": "many"}}`: {"iterations",
			`--iterations must be a whole number, not "many"`, "do otherwise"},
		`{"command": "style", "options": {"wings": "2"}}`:       {"wings", `"wings" is not an option of style here`, ""},
		`{"command": "style", "inputs": {"style": "in/a.png"}}`: {"content", "with a style there has to be a content", "choose a picture"},
		`{"command": "style", "inputs": {"content": "in/a.png"}}`: {"content", `there is no file "in/a.png"`,
			""},
	} {
		a := call[checkAnswer](v, 200, "POST", "/api/check", body)
		if len(a.Errors) != 1 || a.Errors[0] != want || a.Plan != nil {
			t.Errorf("%s: %+v, want %+v", body, a.Errors, want)
		}
	}
	if jobs := v.s.queue.all(); len(jobs) > 0 {
		t.Errorf("%d jobs were made", len(jobs))
	}
}

// TestVary makes a sheet of two seeds and two weights.
func TestVary(t *testing.T) {
	v := openSite(t, configOf(t.TempDir()))
	a := call[struct {
		Sheet int
		Jobs  []*Job
	}](v, 201, "POST", "/api/vary", `{"command": "style", "options": {"seed": "7", "size": "9"}, "seeds": 2, "weights": [10, 0.5]}`)
	var got []string
	for _, j := range a.Jobs {
		got = append(got, fmt.Sprint(j.Sheet, " ", j.Options["seed"], " ", j.Options["style-weight"], " ", j.Options["size"]))
	}
	if want := "1 7 10 9, 1 7 0.5 9, 1 8 10 9, 1 8 0.5 9"; strings.Join(got, ", ") != want || a.Sheet != 1 {
		t.Errorf("the sheet is %v", got)
	}
	// What was made is not made again.
	a.Jobs = nil
	a = call[struct {
		Sheet int
		Jobs  []*Job
	}](v, 201, "POST", "/api/vary", `{"command": "style", "options": {"seed": "6", "size": "9"}, "seeds": 2, "weights": [10]}`)
	if a.Jobs[0].Options["seed"] != "6" || a.Jobs[1].Options["seed"] != "9" {
		t.Errorf("the seeds are %s and %s", a.Jobs[0].Options["seed"], a.Jobs[1].Options["seed"])
	}
	call[Error](v, 400, "POST", "/api/vary", `{"command": "style", "seeds": 33, "weights": [1, 2]}`)
	call[Error](v, 400, "POST", "/api/vary", `{"command": "style", "seeds": 1000000000000}`)
}

// TestTrash puts a picture away and takes it back.
func TestTrash(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "out/a.png", picture(t, 5, 5, 1))
	write(t, dir, "in/b.png", picture(t, 5, 5, 2))
	v := openSite(t, configOf(dir))
	type file struct{ File string }
	put := func(name string) string { return call[file](v, 200, "POST", "/api/trash", file{name}).File }
	if got := put("out/a.png"); got != "trash/out/a.png" {
		t.Errorf("it is at %s", got)
	}
	write(t, dir, "out/a.png", picture(t, 6, 5, 3))
	if got := put("out/a.png"); got != "trash/out/a-2.png" {
		t.Errorf("the second is at %s", got)
	}
	if got := call[file](v, 200, "POST", "/api/trash/undo", file{"trash/out/a-2.png"}).File; got != "out/a-2.png" {
		t.Errorf("it is back at %s", got)
	}
	for _, name := range []string{"in/c.png", "weights/w", ".studio/journal.jsonl", "trash/out/a.png", "../x", "", "out"} {
		call[Error](v, 404, "POST", "/api/trash", file{name})
	}
	for _, name := range []string{"out/a-2.png", "trash/../in/b.png", "trash", "trash/a.png", ".studio/journal.jsonl"} {
		call[Error](v, 404, "POST", "/api/trash/undo", file{name})
	}
	// A picture that a job needs stays.
	v.run(1, "1h")
	call[*Job](v, 201, "POST", "/api/jobs", `{"command": "style", "inputs": {"content": "in/b.png"}}`)
	call[Error](v, 409, "POST", "/api/trash", file{"in/b.png"})
}

// TestCleanName checks names of what is dropped.
func TestCleanName(t *testing.T) {
	for name, want := range map[string]string{
		"photo.jpg": "photo.jpg", "my photo.jpg": "my-photo.jpg", "/etc/passwd": "passwd", `C:\pictures\a.png`: "a.png",
		"../../a.png": "a.png", "..": "", "-o.png": "o.png", ".hidden": "hidden", "a:b=c,d.png": "a_b_c_d.png",
		"\x00\n\x1b.png": "___.png", "été.png": "été.png", "\xff.png": "_.png",
		strings.Repeat("é", 90) + ".png": strings.Repeat("é", 48) + ".png",
	} {
		if got := cleanName(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}

// TestCurve checks that a long run has few points, evenly spread.
func TestCurve(t *testing.T) {
	var c curve
	for step := 1; step <= 10_000; step++ {
		c.add(step, number(step), nil)
	}
	var points [][3]any
	text, err := json.Marshal(c)
	if err != nil || json.Unmarshal(text, &points) != nil {
		t.Fatal(err)
	}
	if n := len(points); n < curvePoints/2 || n > curvePoints || points[0][0] != 1.0 {
		t.Errorf("%d points from %v on", n, points[0])
	}
	for i := 1; i < len(points); i++ {
		if got := points[i][0].(float64) - points[i-1][0].(float64); got != float64(c.every) {
			t.Errorf("point %d comes %v steps after the one before, not %d", i, got, c.every)
		}
	}
}

// decode decodes JSON.
func decode(t testing.TB, text []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(text, v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}
