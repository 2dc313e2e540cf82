package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"oneiro/farm"
	"oneiro/internal/imageio"
	"oneiro/internal/sample"
)

// asFarm has the test's own program be oneiro-farm.
const asFarm = "ONEIRO_FARM_TEST_RUN"

func TestMain(m *testing.M) {
	if os.Getenv(asFarm) != "" {
		os.Exit(execute(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// program builds the program oneiro once, with a version.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "oneiro-farm-test-*")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "oneiro")
	cmd := exec.Command("go", "build", "-o", path, "./cmd/oneiro")
	cmd.Dir = "../../.."
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

// farmTest is a farm with its processes.
type farmTest struct {
	*testing.T
	dir, store, oneiro string
	port               string
	serveArgs          []string
	server             *exec.Cmd
}

// outcome is how a command ended.
type outcome struct {
	code           int
	stdout, stderr string
}

func newFarmTest(t *testing.T, serveArgs ...string) *farmTest {
	t.Helper()
	oneiro, err := program()
	if err != nil {
		t.Fatal(err)
	}
	f := &farmTest{T: t, dir: t.TempDir(), oneiro: oneiro, port: "0", serveArgs: serveArgs}
	f.store = filepath.Join(f.dir, "store")
	f.serve()
	return f
}

// process returns a command of oneiro-farm, not started yet.
func (f *farmTest) process(args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		f.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Dir = f.dir
	cmd.Env = append(os.Environ(), asFarm+"=1", urlVariable+"="+filepath.Join(f.store, "url"))
	return cmd
}

// run runs a command of oneiro-farm to its end.
func (f *farmTest) run(args ...string) outcome {
	f.Helper()
	return f.finish(f.process(args...))
}

func (f *farmTest) finish(cmd *exec.Cmd) outcome {
	f.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		f.Fatal(err)
	}
	return outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// must is run for a command that has to work.
func (f *farmTest) must(args ...string) string {
	f.Helper()
	o := f.run(args...)
	if o.code != exitDone {
		f.Fatalf("%v: %d\n%s%s", args, o.code, o.stdout, o.stderr)
	}
	return strings.TrimSpace(o.stdout)
}

// serve starts the server, at the same port as before.
func (f *farmTest) serve() {
	f.Helper()
	urlFile := filepath.Join(f.store, "url")
	os.Remove(urlFile)
	f.server = f.process(append([]string{"serve", "--store", f.store, "--listen", "127.0.0.1:" + f.port}, f.serveArgs...)...)
	f.server.Stderr = os.Stderr
	if err := f.server.Start(); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { stop(f.server) })
	for range 600 {
		text, err := os.ReadFile(urlFile)
		if err == nil {
			at := strings.LastIndex(strings.TrimSpace(string(text)), ":")
			f.port = strings.TrimSpace(string(text))[at+1:]
			c, err := farm.Connect(f.Context(), farm.Server{URL: strings.TrimSpace(string(text))})
			if err == nil {
				c.Close()
				return
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	f.Fatal("the server does not come up")
}

// stop kills a process and waits for its end.
func stop(cmd *exec.Cmd) {
	if cmd.ProcessState == nil {
		cmd.Process.Kill()
		cmd.Wait()
	}
}

// worker starts a worker with one thread.
func (f *farmTest) worker(name string, args ...string) *exec.Cmd {
	f.Helper()
	cmd := f.process(append([]string{"work", "--program", f.oneiro, "--name", name, "--dir", filepath.Join(f.dir, name),
		"--threads", "1"}, args...)...)
	cmd.Stderr = &heard{t: f.T}
	if err := cmd.Start(); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { stop(cmd) })
	return cmd
}

// heard gives the test's log what a process prints.
type heard struct {
	t    *testing.T
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *heard) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(p)
	if testing.Verbose() {
		os.Stderr.Write(p)
	}
	return len(p), nil
}

// oneiroRun runs the program oneiro.
func (f *farmTest) oneiroRun(args ...string) string {
	f.Helper()
	cmd := exec.Command(f.oneiro, args...)
	cmd.Dir = f.dir
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			f.Fatalf("oneiro %v: %s", args, exit.Stderr)
		}
		f.Fatal(err)
	}
	return string(out)
}

// status asks for the state of the farm.
func (f *farmTest) status() *farm.Status {
	f.Helper()
	o := f.run("status", "--json")
	if o.code != exitDone && o.code != exitPartly {
		f.Fatal(o.stderr)
	}
	s := new(farm.Status)
	if err := json.Unmarshal([]byte(o.stdout), s); err != nil {
		f.Fatal(err)
	}
	return s
}

// until waits for something to become true of the farm.
func (f *farmTest) until(what string, is func(s *farm.Status) bool) *farm.Status {
	f.Helper()
	ctx, cancel := context.WithTimeout(f.Context(), 5*time.Minute)
	defer cancel()
	for {
		s := f.status()
		if is(s) {
			return s
		}
		select {
		case <-ctx.Done():
			f.Fatalf("%s: %+v", what, s.Total)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// pictures puts photographs and paintings into the folder of the test.
func (f *farmTest) pictures(photos, paintings int) {
	f.Helper()
	for i := range photos {
		f.put(fmt.Sprintf("photos/p%02d.png", i), sample.Landscape(40, 30, uint64(i+1)))
	}
	for i := range paintings {
		f.put(fmt.Sprintf("paint/s%02d.png", i), sample.Painting(36, 40, uint64(i+1)))
	}
}

func (f *farmTest) put(name string, im *imageio.Image) {
	f.Helper()
	path := filepath.Join(f.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		f.Fatal(err)
	}
	if err := imageio.Write(path, im, imageio.Meta{}); err != nil {
		f.Fatal(err)
	}
}

// tiny are options of a batch of small pictures.
func tiny(output string, more ...string) []string {
	return append([]string{"batch", "style", "photos", "--styles", "paint", "--size", "32", "--iterations", "2", "--seed", "7",
		"-o", output + "/{content}-{style}.png"}, more...)
}

// same compares two folders of the test, file by file.
func (f *farmTest) same(got, want string, files int) {
	f.Helper()
	all, err := filepath.Glob(filepath.Join(f.dir, want, "*"))
	if err != nil {
		f.Fatal(err)
	}
	if len(all) != files {
		f.Fatalf("%d files in %s, want %d", len(all), want, files)
	}
	for _, path := range all {
		a, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(f.dir, got, filepath.Base(path)))
		if err != nil || !bytes.Equal(a, b) {
			f.Errorf("%s is another file, or not there: %v", filepath.Base(path), err)
		}
	}
	if have, _ := filepath.Glob(filepath.Join(f.dir, got, "*")); len(have) != files {
		f.Errorf("%d files in %s, want %d", len(have), got, files)
	}
}

// signal sends a signal and returns the exit code.
func (f *farmTest) signal(cmd *exec.Cmd, s syscall.Signal) int {
	f.Helper()
	cmd.Process.Signal(s)
	cmd.Wait()
	return cmd.ProcessState.ExitCode()
}
