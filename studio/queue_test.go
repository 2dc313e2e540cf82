package studio

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ran returns what the fake program did, in order.
func ran(t testing.TB, dir string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

func (v *site) order() (ids []int) {
	for _, j := range call[struct{ Jobs []*Job }](v, 200, "GET", "/api/jobs", nil).Jobs {
		ids = append(ids, j.ID)
	}
	return ids
}

// TestOrder moves jobs that wait, and checks that they run in the order that is shown.
func TestOrder(t *testing.T) {
	dir := t.TempDir()
	v := openSite(t, configOf(dir))
	v.run(1000, "10ms")
	v.wait(1, "at step 1", func(j *Job) bool { return j.Step >= 1 })
	for range 4 {
		v.run(1, "")
	}
	call[*Job](v, 200, "POST", "/api/jobs/4/top", nil)             // 4 2 3 5
	call[*Job](v, 200, "PATCH", "/api/jobs/2", `{"after": 5}`)     // 4 3 5 2
	call[*Job](v, 200, "PATCH", "/api/jobs/5", `{"after": null}`)  // 5 4 3 2
	call[*Job](v, 200, "PATCH", "/api/jobs/3", `{"after": 1}`)     // behind the one that runs: 3 5 4 2
	call[Error](v, 409, "PATCH", "/api/jobs/1", `{"after": null}`) // it runs
	call[Error](v, 409, "PATCH", "/api/jobs/2", `{"after": 99}`)   // which is not there
	call[Error](v, 404, "PATCH", "/api/jobs/99", `{"after": null}`)
	if got := v.order(); !slices.Equal(got, []int{1, 3, 5, 4, 2}) {
		t.Fatalf("the order is %v", got)
	}
	call[*Job](v, 200, "POST", "/api/jobs/1/stop", nil)
	for _, id := range []int{3, 5, 4, 2} {
		v.waitFor(id, Done)
	}
	var got []string
	for _, text := range ran(t, dir) {
		got = append(got, strings.TrimSuffix(strings.TrimPrefix(text, "out/000"), "-style.png from 0"))
	}
	if want := []string{"1", "3", "5", "4", "2"}; !slices.Equal(got, want) {
		t.Errorf("they ran in the order %v, want %v", got, want)
	}
}

// TestStopAndResume stops a job, which keeps its picture and goes on from where it was.
func TestStopAndResume(t *testing.T) {
	dir := t.TempDir()
	v := openSite(t, configOf(dir))
	v.run(30, "10ms")
	v.wait(1, "at step 3", func(j *Job) bool { return j.Step >= 3 })
	call[*Job](v, 200, "POST", "/api/jobs/1/stop", nil)
	j := v.waitFor(1, Stopped)
	if !j.Checkpoint || j.Output == nil || j.Ended == nil || j.Step < 3 || j.Step >= 30 {
		t.Errorf("it is %+v", j)
	}
	call[*Job](v, 200, "POST", "/api/jobs/1/resume", nil)
	j = v.waitFor(1, Done)
	if j.Step != 30 || j.Checkpoint || len(j.Curve.points) < 25 {
		t.Errorf("in the end it is %+v with %d points", j, len(j.Curve.points))
	}
	if log := ran(t, dir); len(log) != 2 || strings.HasSuffix(log[1], "from 0") {
		t.Errorf("it ran %v", log)
	}
	call[Error](v, 409, "POST", "/api/jobs/1/resume", nil)
	call[Error](v, 409, "POST", "/api/jobs/1/stop", nil)
	call[Error](v, 404, "POST", "/api/jobs/1/dance", nil)
	// One that waits is stopped without ever running, and may be let go.
	v.run(1000, "10ms")
	v.run(1, "")
	call[*Job](v, 200, "POST", "/api/jobs/3/stop", nil)
	v.waitFor(3, Stopped)
	v.wait(2, "at step 1", func(j *Job) bool { return j.Step >= 1 })
	call[*Job](v, 200, "POST", "/api/jobs/2/stop", nil)
	v.waitFor(2, Stopped)
	call[*Job](v, 200, "POST", "/api/jobs/3/resume", nil)
	v.waitFor(3, Done)
}

// TestCancel ends jobs so that nothing of them stays.
func TestCancel(t *testing.T) {
	v := openSite(t, configOf(t.TempDir()))
	v.run(1000, "10ms")
	v.run(1000, "10ms")
	v.wait(1, "at step 2", func(j *Job) bool { return j.Step >= 2 })
	call[*Job](v, 200, "POST", "/api/jobs/1/cancel", nil)
	v.wait(2, "at step 2", func(j *Job) bool { return j.Step >= 2 })
	call[Error](v, 404, "GET", "/api/jobs/1", nil)
	call[Error](v, 409, "DELETE", "/api/jobs/2", nil)
	call[*Job](v, 200, "POST", "/api/jobs/2/stop", nil)
	v.waitFor(2, Stopped)
	call[*Job](v, 200, "POST", "/api/jobs/2/cancel", nil)
	j := v.run(1, "")
	v.waitFor(j.ID, Done)
	call[Error](v, 409, "POST", fmt.Sprint("/api/jobs/", j.ID, "/cancel"), nil)
	call[*Job](v, 200, "DELETE", fmt.Sprint("/api/jobs/", j.ID), nil)
	if jobs := v.order(); len(jobs) > 0 {
		t.Errorf("there are still %v", jobs)
	}
	// The picture that was kept when job 2 was stopped, and that of the last one, are there.
	var left []string
	for _, folder := range []string{"out", hidden + "/previews"} {
		entries, _ := os.ReadDir(filepath.Join(v.s.dir, folder))
		for _, e := range entries {
			left = append(left, e.Name())
		}
	}
	if want := []string{"0002-style.png", "0003-style.png"}; !slices.Equal(left, want) {
		t.Errorf("what is left is %v, want %v", left, want)
	}
}

// TestRestart closes a studio in the middle of a job and opens it again: the job goes on from its checkpoint,
// and those behind it run after it.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	v := openSite(t, configOf(dir))
	v.run(40, "10ms")
	v.run(1, "")
	v.run(1, "")
	call[*Job](v, 200, "POST", "/api/jobs/3/top", nil)
	v.wait(1, "at step 3", func(j *Job) bool { return j.Step >= 3 })
	v.end()
	v = openSite(t, configOf(dir))
	j := v.waitFor(1, Done)
	if j.Step != 40 || j.Created.IsZero() {
		t.Errorf("it is %+v", j)
	}
	v.waitFor(2, Done)
	log := ran(t, dir)
	if len(log) != 4 || !strings.HasPrefix(log[1], "out/0001") || strings.HasSuffix(log[1], "from 0") ||
		!strings.HasPrefix(log[2], "out/0003") || !strings.HasPrefix(log[3], "out/0002") {
		t.Errorf("it ran %v", log)
	}
	if next := v.run(1, ""); next.ID != 4 {
		t.Errorf("the next job is %d", next.ID)
	}
}

// TestToken checks that the token of a folder stays the same, that only its owner can read it, and that it can
// be replaced.
func TestToken(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, hidden, "token")
	token := func(anew bool) string {
		t.Helper()
		config := configOf(dir)
		config.NewToken = anew
		s, err := Open(config)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		text, err := os.ReadFile(file)
		if info, statErr := os.Stat(file); err != nil || statErr != nil || strings.TrimSpace(string(text)) != s.token ||
			runtime.GOOS != "windows" && info.Mode() != 0o600 {
			t.Errorf("the file has %q and the mode %v, the token is %q", text, info.Mode(), s.token)
		}
		return s.token
	}
	first := token(false)
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if again := token(false); again != first || len(first) < 26 {
		t.Errorf("after a restart the token is %q, not %q", again, first)
	}
	last := token(true)
	if last == first {
		t.Error("a new token is the old one")
	}
	for _, damaged := range []string{"", "short", "\x00\x00", last[:20], strings.ToLower(last), last + last + last} {
		if err := os.WriteFile(file, []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := token(false); got == strings.TrimSpace(damaged) || got == last {
			t.Errorf("%q becomes %q", damaged, got)
		}
	}
}

// serveUntilKilled is a studio in a process of its own. It prints its link.
func serveUntilKilled(dir string) int {
	config := configOf(dir)
	config.Env = append(config.Env, "STUDIO_SERVER=", "STUDIO_HOLD=5", "STUDIO_CHILD="+filepath.Join(dir, "pid"))
	s, err := Open(config)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	for i := range 3 {
		options := map[string]string{"iterations": "60", "delay": "10ms"}
		if i > 0 {
			options = map[string]string{"iterations": "1"}
		}
		if _, err := s.queue.add(&s.config.Commands[0], []Spec{{Command: "style", Options: options}}, false); err != nil {
			fmt.Println(err)
		}
	}
	s.Serve(context.Background(), l)
	return 0
}

// TestKill kills a studio in the middle of a job. The next one has all its jobs, and goes on with that one
// where it was; no process is left behind.
func TestKill(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere the child notices later")
	}
	dir := t.TempDir()
	server := exec.Command(os.Args[0])
	server.Env = append(os.Environ(), "STUDIO_SERVER="+dir)
	server.Stdout, server.Stderr = os.Stderr, os.Stderr
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	// The job is in the middle of its steps, and the journal has its process: the child holds after its fifth
	// step.
	journal := filepath.Join(dir, hidden, "journal.jsonl")
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		preview, _ := os.ReadFile(filepath.Join(dir, hidden, "previews", "1.jpg"))
		told, _ := os.ReadFile(journal)
		if len(preview) > 0 && strings.Contains(string(told), `"state":"running"`) {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the job does not begin")
		}
	}
	if err := server.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	server.Wait()
	// As a crash leaves it: the last line is cut short.
	f, err := os.OpenFile(journal, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString(`{"job":{"id":3,"command":"sty`)
	f.Close()

	v := openSite(t, configOf(dir))
	j := v.waitFor(1, Done)
	if j.Step != 60 {
		t.Errorf("it is %+v", j)
	}
	v.waitFor(2, Done)
	v.waitFor(3, Done)
	log := ran(t, dir)
	if len(log) != 4 || strings.HasSuffix(log[1], "from 0") || !strings.HasPrefix(log[1], "out/0001") {
		t.Errorf("it ran %v", log)
	}
	text, err := os.ReadFile(filepath.Join(dir, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, _ := strconv.Atoi(string(text))
	if p, err := os.FindProcess(pid); pid == 0 || err == nil && p.Signal(syscall.Signal(0)) == nil {
		t.Errorf("the child of the studio that was killed, process %q, is left", text)
	}
}

// TestJournal damages the journal in several ways. What can be read is there again.
func TestJournal(t *testing.T) {
	dir := t.TempDir()
	v := openSite(t, configOf(dir))
	v.run(1000, "10ms")
	for range 5 {
		v.run(1, "")
	}
	call[*Job](v, 200, "POST", "/api/jobs/6/top", nil)
	call[*Job](v, 200, "DELETE", "/api/jobs/3", nil)
	v.wait(1, "at step 2", func(j *Job) bool { return j.Step >= 2 })
	v.end()
	journal := filepath.Join(dir, hidden, "journal.jsonl")
	whole, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(whole), "\n")
	if len(lines) < 8 {
		t.Fatalf("the journal has %d lines", len(lines))
	}
	for name, text := range map[string]string{
		"cut":      string(whole) + `{"job":{"id":2,`,
		"zeros":    string(whole) + strings.Repeat("\x00", 4096),
		"rubbish":  strings.Join(slices.Insert(slices.Clone(lines), 3, "rubbish\n", "{\"order\": \"x\"}\n", "[]\n", "{}}\n"), ""),
		"as it is": string(whole),
	} {
		if err := os.WriteFile(journal, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(configOf(dir))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got []int
		for _, j := range s.queue.all() {
			got = append(got, j.ID)
		}
		if want := []int{1, 6, 2, 4, 5}; !slices.Equal(got, want) || s.queue.last != 6 {
			t.Errorf("%s: the jobs are %v, want %v; the last was %d", name, got, want, s.queue.last)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, text := range []string{"", "\n\n", "\x00"} {
		os.WriteFile(journal, []byte(text), 0o600)
		s, err := Open(configOf(dir))
		if err != nil {
			t.Fatal(err)
		}
		if n := len(s.queue.all()); n != 0 {
			t.Errorf("%q has %d jobs", text, n)
		}
		s.Close()
	}
}

// TestJournalFails has a journal that cannot be written any more: jobs are refused, none is half there, and the
// one that runs comes to its end.
func TestJournalFails(t *testing.T) {
	v := openSite(t, configOf(t.TempDir()))
	v.run(30, "10ms")
	v.wait(1, "at step 1", func(j *Job) bool { return j.Step >= 1 })
	v.s.queue.mu.Lock()
	v.s.queue.journal.file.Close()
	v.s.queue.mu.Unlock()
	for range 2 {
		e := call[Error](v, 507, "POST", "/api/jobs", `{"command": "style"}`)
		if !strings.HasPrefix(e.Text, "the queue cannot be written to the disk: ") || e.Hint == "" ||
			strings.Contains(e.Text, v.s.dir) {
			t.Errorf("the error is %+v", e)
		}
	}
	v.waitFor(1, Done)
	if got := v.order(); !slices.Equal(got, []int{1}) {
		t.Errorf("the jobs are %v", got)
	}
	v.s.queue.mu.Lock()
	defer v.s.queue.mu.Unlock()
	v.s.queue.journal.file, _ = os.OpenFile(os.DevNull, os.O_WRONLY, 0) // which can be closed
}

// TestFolderInUse opens a folder twice.
func TestFolderInUse(t *testing.T) {
	dir := t.TempDir()
	openSite(t, configOf(dir))
	if s, err := Open(configOf(dir)); err == nil {
		s.Close()
		t.Error("two studios are open on one folder")
	} else if e := asError(err); !strings.Contains(e.Text, "another studio is open on") || e.Hint == "" {
		t.Errorf("the error is %v", err)
	}
}

// TestSoak runs 500 jobs in a row: no goroutine, file, process or memory is left.
func TestSoak(t *testing.T) {
	jobs := 500
	if testing.Short() {
		jobs = 50
	}
	v := openSite(t, configOf(t.TempDir()))
	events := v.listen("")
	events.next()
	runJobs := func(n int) {
		t.Helper()
		last := 0
		for range n {
			last = v.run(2, "").ID
		}
		for e := range events.until("never") {
			if e.kind == "reset" {
				t.Fatal("events were lost")
			}
			if e.kind == "job" && strings.HasPrefix(e.data, fmt.Sprintf(`{"id":%d,`, last)) && strings.Contains(e.data, `"state":"done"`) {
				break
			}
		}
		v.client.CloseIdleConnections()
		http.DefaultClient.CloseIdleConnections()
		time.Sleep(50 * time.Millisecond)
	}
	runJobs(10)
	goroutines, files, memory := runtime.NumGoroutine(), openFiles(), heap()
	runJobs(jobs)
	if n := runtime.NumGoroutine(); n > goroutines+2 {
		buf := make([]byte, 1<<16)
		t.Errorf("%d goroutines instead of %d:\n%s", n, goroutines, buf[:runtime.Stack(buf, true)])
	}
	if n := openFiles(); n > files+2 {
		t.Errorf("%d open files instead of %d", n, files)
	}
	// A job that has ended is remembered, without its curve.
	if grown := int64(heap()) - int64(memory); grown > int64(jobs)*4<<10+2<<20 {
		t.Errorf("memory has grown by %d KiB", grown>>10)
	}
	done := 0
	for _, j := range v.s.queue.all() {
		if j.State == Done {
			done++
		}
	}
	if done != min(jobs+10, maxEnded) {
		t.Errorf("%d jobs are done", done)
	}
	if left, _ := os.ReadDir(filepath.Join(v.s.dir, "out")); len(left) != jobs+10 {
		t.Errorf("there are %d pictures", len(left))
	}
	if previews, _ := os.ReadDir(filepath.Join(v.s.dir, hidden, "previews")); len(previews) > maxEnded {
		t.Errorf("there are %d previews", len(previews))
	}
}

// openFiles returns how many files the process has open, 0 where nobody knows.
func openFiles() int {
	all, _ := os.ReadDir("/proc/self/fd")
	return len(all)
}
