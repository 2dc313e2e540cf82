package main

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"oneiro/farm"
)

// TestFarm has a batch done by two workers, one of which is told to end, and compares with what the program
// makes alone. What was submitted is submitted again, which is no work.
func TestFarm(t *testing.T) {
	f := newFarmTest(t, "--lease", "3s")
	f.pictures(3, 2)
	submit := append([]string{"submit", "--program", f.oneiro, "--audit", "10%", "--"}, tiny("out")...)
	set := f.must(submit...)
	if again := f.must(submit...); again != set {
		t.Errorf("the same batch is %s and %s", set, again)
	}
	if s := f.status(); s.Total.Jobs != 7 || s.Total.Waiting != 7 || s.Queued != 7 || len(s.Stuck) != 1 {
		t.Errorf("%+v, %v", s.Total, s.Stuck)
	}
	f.oneiroRun(tiny("alone")...)
	first := f.worker("first")
	f.until("a job is done", func(s *farm.Status) bool { return s.Total.Done > 0 })
	f.worker("second")
	if code := f.signal(first, syscall.SIGTERM); code != exitSignal+int(syscall.SIGTERM) {
		t.Errorf("a worker that was told to end has the exit code %d", code)
	}
	s := f.until("all is done", func(s *farm.Status) bool { return s.Total.Done == 7 })
	if s.Audited != 1 || len(s.Apart) > 0 || s.Queued != 0 {
		t.Errorf("%d audited, %v, %d queued", s.Audited, s.Apart, s.Queued)
	}
	f.must("fetch", "-o", "got")
	f.same("got/out", "alone", 6)
	f.must("fetch", "-o", "got", "--forget")
	if s := f.status(); len(s.Sets) != 0 || s.Total.Jobs != 0 {
		t.Errorf("%d sets are left", len(s.Sets))
	}
}

// lines returns what describes jobs of the program.
func (f *farmTest) lines(args ...string) []map[string]any {
	f.Helper()
	var all []map[string]any
	out := f.oneiroRun(append(args, "--dry-run", "recipe", "--json", "--quiet")...)
	for d := json.NewDecoder(strings.NewReader(out)); d.More(); {
		var line map[string]any
		if err := d.Decode(&line); err != nil {
			f.Fatal(err)
		}
		all = append(all, line)
	}
	return all
}

// submitLine submits a line that was changed.
func (f *farmTest) submitLine(line map[string]any, args ...string) outcome {
	f.Helper()
	text, err := json.Marshal(line)
	if err != nil {
		f.Fatal(err)
	}
	cmd := f.process(append([]string{"submit", "--program", f.oneiro, "-"}, args...)...)
	cmd.Stdin = strings.NewReader(string(text))
	return f.finish(cmd)
}

// TestPoison has a job fail on every worker, and one that only fails where memory is short.
func TestPoison(t *testing.T) {
	f := newFarmTest(t, "--tries", "2")
	f.pictures(1, 1)
	line := f.lines("style", "photos/p00.png", "paint/s00.png", "--size", "32", "--iterations", "1", "-o", "a.png")[0]
	line["recipe"].(map[string]any)["options"].(map[string]any)["size"] = "-5"
	if o := f.submitLine(line); o.code != exitDone {
		t.Fatal(o.stderr)
	}
	f.must("submit", "--program", f.oneiro, "--", "style", "--size", "32", "--iterations", "1", "-o", "b.png")
	little := f.worker("little", "--memory", "1MiB")
	s := f.until("both have failed", func(s *farm.Status) bool { return s.Total.Failed == 2 })
	for _, j := range s.Failed {
		last := j.Failures[len(j.Failures)-1]
		switch {
		case last.Kind == "usage" && len(j.Failures) == 1 && strings.Contains(last.Message, "--size"):
		case last.Kind == "memory" && len(j.Failures) == 2 && strings.Contains(last.Message, "1.0 MiB"):
		default:
			t.Errorf("%+v", j.Failures)
		}
	}
	stop(little)
	f.worker("large")
	f.must("retry")
	f.until("one is done", func(s *farm.Status) bool { return s.Total.Done == 1 && s.Total.Failed == 1 })
	if o := f.run("fetch", "-o", "got"); o.code != exitPartly || !strings.Contains(o.stderr, "1 job without a result") {
		t.Errorf("%d: %s", o.code, o.stderr)
	}
}

// TestBrokenProgram takes the program away from a worker, which then ends and fails no job.
func TestBrokenProgram(t *testing.T) {
	f := newFarmTest(t)
	mine := filepath.Join(f.dir, "mine")
	text, err := os.ReadFile(f.oneiro)
	if err == nil {
		err = os.WriteFile(mine, text, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := f.process("work", "--program", "./mine", "--name", "broken", "--dir", "broken")
	log := &heard{t: t}
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer stop(cmd)
	f.until("the worker is there", func(s *farm.Status) bool { return len(s.Workers) == 1 })
	if err := os.Remove(mine); err != nil {
		t.Fatal(err)
	}
	f.must("submit", "--program", f.oneiro, "--", "style", "--size", "32", "--iterations", "1", "-o", "b.png")
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(log.text.String(), "cannot be run") {
		t.Errorf("%d: %s", code, log.text.String())
	}
	if s := f.status(); s.Total.Waiting != 1 || s.Queued != 1 {
		t.Errorf("%+v", s.Total)
	}
}

// TestFilm has the shots of a film made by two workers, and compares with what the program makes alone.
func TestFilm(t *testing.T) {
	f := newFarmTest(t)
	args := []string{"film", "--size", "48", "--iterations", "2", "--frame-iterations", "1", "--range", "1-9", "--cuts", "4,7"}
	f.oneiroRun(append(args, "--quiet", "-o", "alone.gif")...)
	f.must(append([]string{"submit", "--program", f.oneiro, "--"}, append(args, "-o", "painted.gif")...)...)
	if s := f.status(); s.Total.Jobs != 3 {
		t.Fatalf("%d jobs for 3 shots", s.Total.Jobs)
	}
	f.worker("first")
	f.worker("second")
	f.until("all is done", func(s *farm.Status) bool { return s.Total.Done == 3 })
	f.must("fetch", "--program", f.oneiro, "-o", "got")
	want, err := os.ReadFile(filepath.Join(f.dir, "alone.gif"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(f.dir, "got/painted.gif"))
	if err != nil || string(got) != string(want) {
		t.Errorf("the film is another one: %v", err)
	}
}

// TestCheckpoint kills a worker in the middle of a job; another one goes on from where it was, to the same
// bytes.
func TestCheckpoint(t *testing.T) {
	f := newFarmTest(t, "--lease", "2s")
	args := []string{"style", "--size", "96", "--iterations", "240", "--threads", "1", "--optimizer", "adam"}
	f.oneiroRun(append(args, "--quiet", "-o", "alone.png")...)
	f.must(append([]string{"submit", "--program", f.oneiro, "--"}, append(args, "-o", "got.png")...)...)
	for i, how := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM} {
		w := f.worker(strconv.Itoa(i), "--checkpoint", "100ms")
		s := f.until("some steps", func(s *farm.Status) bool {
			return s.Total.Done == 1 || len(s.Running) == 1 && s.Running[0].Worker == strconv.Itoa(i) &&
				s.Running[0].Step > 12*(i+1)
		})
		if s.Total.Done == 1 {
			t.Fatal("it was done too soon")
		}
		f.signal(w, how)
	}
	f.worker("last")
	f.until("it is done", func(s *farm.Status) bool { return s.Total.Done == 1 })
	c, err := farm.Connect(f.Context(), farm.Server{URL: f.url()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	jobs, err := c.Every(f.Context())
	if err != nil || len(jobs) != 1 || jobs[0].Losses != 1 || jobs[0].HandedBack != 1 || jobs[0].Resumed < 12 {
		t.Errorf("%+v, %v", jobs[0], err)
	}
	f.must("fetch")
	a, _ := os.ReadFile(filepath.Join(f.dir, "alone.png"))
	b, _ := os.ReadFile(filepath.Join(f.dir, "got.png"))
	if len(a) == 0 || string(a) != string(b) {
		t.Error("the picture is another one")
	}
}

func (f *farmTest) url() string {
	text, err := os.ReadFile(filepath.Join(f.store, "url"))
	if err != nil {
		f.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// killsVariable is how many jobs TestKills has done while workers and the server are killed.
const killsVariable = "ONEIRO_FARM_KILLS"

// TestKills kills workers at random, and the server once, while jobs are done: each output is there once, with
// the bytes that the program gives it alone.
func TestKills(t *testing.T) {
	jobs := 8
	if text := os.Getenv(killsVariable); text != "" {
		jobs, _ = strconv.Atoi(text)
	} else if testing.Short() {
		t.Skip("kills workers for a while")
	}
	f := newFarmTest(t, "--lease", "2s")
	f.pictures((jobs+3)/4, 4)
	files := (jobs + 3) / 4 * 4
	f.oneiroRun(tiny("alone", "--quiet")...)
	f.must(append([]string{"submit", "--program", f.oneiro, "--"}, tiny("out")...)...)
	var workers [3]*exec.Cmd
	for i := range workers {
		workers[i] = f.worker("w" + strconv.Itoa(i))
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	killed, server := 0, false
	for {
		wait := 200 + random.IntN(600)
		if killed > 1 { // now and then, so that jobs are done in between
			wait *= 5
		}
		time.Sleep(time.Duration(wait) * time.Millisecond)
		if s := f.status(); s.Total.Done == files {
			break
		} else if !server && s.Total.Done > 0 {
			server = true
			stop(f.server)
			time.Sleep(time.Second)
			f.serve()
			continue
		}
		i := random.IntN(len(workers))
		stop(workers[i])
		killed++
		workers[i] = f.worker("w" + strconv.Itoa(i))
	}
	if t.Logf("%d jobs, %d workers killed, the server: %v", files, killed, server); killed == 0 || !server {
		t.Error("all was done before anything was killed")
	}
	f.must("fetch", "-o", "got")
	f.same("got/out", "alone", files)
	if s := f.until("the queue is empty", func(s *farm.Status) bool { return s.Queued == 0 }); s.Total.Done != files {
		t.Errorf("%+v", s.Total)
	}
}

// TestRefused submits and starts what a farm does not take.
func TestRefused(t *testing.T) {
	f := newFarmTest(t, "--max-jobs", "2")
	f.pictures(2, 2)
	one := func() map[string]any {
		return f.lines("style", "photos/p00.png", "paint/s00.png", "--size", "32", "--iterations", "1", "-o", "a.png")[0]
	}
	recipe := func(line map[string]any) map[string]any { return line["recipe"].(map[string]any) }
	input := func(line map[string]any) map[string]any { return recipe(line)["inputs"].([]any)[0].(map[string]any) }
	for what, c := range map[string]struct {
		change func(line map[string]any)
		want   string
	}{
		"path":     {func(l map[string]any) { input(l)["name"] = "../../etc/passwd" }, "leads elsewhere"},
		"option":   {func(l map[string]any) { recipe(l)["options"].(map[string]any)["init"] = "/etc/passwd" }, "--init leads elsewhere"},
		"hash":     {func(l map[string]any) { input(l)["sha256"] = strings.Repeat("0", 64) }, "has the SHA-256"},
		"no hash":  {func(l map[string]any) { delete(input(l), "sha256") }, "no SHA-256"},
		"no files": {func(l map[string]any) { delete(l, "files") }, "does not say where the files are"},
		"program":  {func(l map[string]any) { recipe(l)["program"] = "other" }, "another program"},
		"stdout":   {func(l map[string]any) { l["output"] = "-" }, "standard output"},
	} {
		line := one()
		c.change(line)
		if o := f.submitLine(line); o.code == exitDone || !strings.Contains(o.stderr, c.want) || strings.Count(o.stderr, "\n") > 2 {
			t.Errorf("%s: %d, %q", what, o.code, o.stderr)
		}
	}
	if s := f.status(); s.Total.Jobs != 0 {
		t.Errorf("%d jobs were taken", s.Total.Jobs)
	}
	refuses := func(what string, cmd *exec.Cmd, want string) {
		t.Helper()
		if o := f.finish(cmd); o.code == exitDone || !strings.Contains(o.stderr, want) {
			t.Errorf("%s: %d, %q", what, o.code, o.stderr)
		}
	}
	password := strings.Split(strings.Split(f.url(), "@")[0], ":")[2]
	wrong := strings.Replace(f.url(), password, "wrong", 1)
	refuses("password", f.process("status", "--url", wrong), "refuses the user or the password")
	refuses("password of a worker", f.process("work", "--program", f.oneiro, "--url", wrong), "refuses the user or the password")
	refuses("nobody there", f.process("status", "--url", "nats://a:secret@127.0.0.1:1"), "there is no farm at nats://127.0.0.1:1")
	batch := append([]string{"submit", "--program", f.oneiro, "--"}, tiny("out")...)
	refuses("full", f.process(batch...), "takes no more jobs")
	f.worker("worker")
	f.until("the rest is done", func(s *farm.Status) bool { return s.Total.Done >= 2 && s.Queued == 0 })
	f.run(batch...) // the two that are left
	s := f.until("all is done", func(s *farm.Status) bool { return s.Total.Done >= 4 })
	if s.Total.Failed > 0 {
		t.Errorf("%+v", s.Total)
	}
	other := filepath.Join(f.dir, "other-oneiro")
	script := "#!/bin/sh\n[ \"$1\" = version ] && { echo '{\"version\":\"v0\"}'; exit; }\nexec " + f.oneiro + " \"$@\"\n"
	if err := os.WriteFile(other, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	refuses("version", f.process("work", "--program", other), "and this machine has oneiro v0")
	refuses("version", f.process("submit", "--program", other, "--", "style", "--size", "32", "-o", "x.png"), "and this machine has oneiro v0")
}

// TestFullStore fills the store: what does not fit is refused, and nothing else is lost.
func TestFullStore(t *testing.T) {
	f := newFarmTest(t, "--max-store", "64KiB")
	big := make([]byte, 100<<10)
	for i := range big {
		big[i] = byte(rand.Uint32())
	}
	f.pictures(1, 1)
	f.must(append([]string{"submit", "--program", f.oneiro, "--"}, tiny("out")...)...)
	photo, err := os.ReadFile(filepath.Join(f.dir, "photos/p00.png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(f.dir, "big.png"), append(photo, big...), 0o666); err != nil {
		t.Fatal(err)
	}
	o := f.run("submit", "--program", f.oneiro, "--", "style", "big.png", "--size", "32", "--iterations", "1", "-o", "x.png")
	if o.code != exitFailed || !strings.Contains(o.stderr, "the farm is full and takes no more files") {
		t.Errorf("%d: %s", o.code, o.stderr)
	}
	f.worker("worker")
	f.until("the other job is done", func(s *farm.Status) bool { return s.Total.Done == 1 })
	f.must("fetch", "-o", "got")
}
