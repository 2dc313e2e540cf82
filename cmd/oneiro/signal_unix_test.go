//go:build unix

package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"oneiro/internal/sample"
)

// interrupt is endBy a Ctrl-C.
func interrupt(t *testing.T, dir string, after int, args ...string) (last string, o outcome) {
	t.Helper()
	return endBy(t, os.Interrupt, dir, after, args...)
}

// endBy starts the program, sends it a signal after so many lines of stdout, and waits for its end. It returns
// the last line.
func endBy(t *testing.T, signal os.Signal, dir string, after int, args ...string) (last string, o outcome) {
	t.Helper()
	cmd := command(t, dir, args...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer time.AfterFunc(time.Minute, func() { cmd.Process.Kill() }).Stop()
	for lines, n := bufio.NewScanner(stdout), 0; lines.Scan(); n++ {
		if last = lines.Text(); n == after {
			cmd.Process.Signal(signal)
		}
	}
	cmd.Wait()
	return last, outcome{code: cmd.ProcessState.ExitCode(), stderr: stderr.String()}
}

// TestInterrupt ends a long run by a signal: the best picture so far has to be there.
func TestInterrupt(t *testing.T) {
	height := map[string]int{"style": 36, "dream": 36, "vis": 48}
	for _, name := range []string{"style", "dream", "vis"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			last, o := interrupt(t, dir, 3, tiny(name, "--iterations", "1000000", "--json", "--print-every", "1", "-o", "out.png")...)
			if o.code != exitInterrupted {
				t.Errorf("the exit code is %d\n%s", o.code, o.stderr)
			}
			e := events(t, last)[0]
			if e["event"] != "interrupted" || e["output"] != "out.png" ||
				e["checkpoint"] != "out.png.checkpoint" || !(e["steps"].(float64) >= 3) {
				t.Errorf("the last event is %v", e)
			}
			for _, want := range []string{
				"the best picture so far is in out.png\n", "resume with: oneiro resume out.png.checkpoint\n",
			} {
				if !strings.Contains(o.stderr, want) {
					t.Errorf("want %q:\n%s", want, o.stderr)
				}
			}
			if im := picture(t, filepath.Join(dir, "out.png")); im.W != 48 || im.H != height[name] {
				t.Errorf("the picture has %dx%d pixels", im.W, im.H)
			}
			if got := names(t, dir); !slices.Equal(got, []string{"out.png", "out.png.checkpoint"}) {
				t.Errorf("the folder has %q", got)
			}
		})
	}
}

// TestEndings ends a long run by every signal: the best picture so far has to be there.
func TestEndings(t *testing.T) {
	for signal, code := range map[syscall.Signal]int{
		syscall.SIGINT: exitInterrupted, syscall.SIGTERM: exitTerminated, syscall.SIGHUP: exitHungUp,
		syscall.SIGPIPE: exitPipe,
	} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			_, o := endBy(t, signal, dir, 3,
				tiny("style", "--iterations", "1000000", "--json", "--print-every", "1", "-o", "out.png")...)
			if o.code != code || strings.Contains(o.stderr, "hint:") {
				t.Errorf("the exit code is %d, want %d\n%s", o.code, code, o.stderr)
			}
			picture(t, filepath.Join(dir, "out.png"))
			if got := names(t, dir); !slices.Equal(got, []string{"out.png", "out.png.checkpoint"}) {
				t.Errorf("the folder has %q", got)
			}
		})
	}
}

// TestNobodyReads closes the program's stdout after the first step, as head does, and its stderr, too.
func TestNobodyReads(t *testing.T) {
	for _, both := range []bool{false, true} {
		t.Run(fmt.Sprint("both ", both), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			cmd := command(t, dir,
				tiny("style", "--iterations", "1000000", "--json", "--print-every", "1", "-o", "out.png")...)
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			var stderr strings.Builder
			if cmd.Stdout, cmd.Stderr = w, &stderr; both {
				cmd.Stderr = w
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer time.AfterFunc(time.Minute, func() { cmd.Process.Kill() }).Stop()
			w.Close()
			for lines := bufio.NewReader(r); ; { // before the first step there is no picture
				line, err := lines.ReadString('\n')
				if strings.Contains(line, `"event":"step"`) || err != nil {
					break
				}
			}
			r.Close()
			cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != exitPipe || strings.Contains(stderr.String(), "oneiro:") {
				t.Errorf("the exit code is %d\n%s", code, stderr.String())
			}
			picture(t, filepath.Join(dir, "out.png"))
		})
	}
	if o := run(t, t.TempDir(), "nets"); o.code != exitDone {
		t.Errorf("%+v", o)
	}
}

// TestInterruptTrain ends a training by a signal: what it learnt is there, and it goes on from there.
func TestInterruptTrain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	last, o := interrupt(t, dir, 2, tinyTrain("--steps", "1000000", "--json")...)
	if o.code != exitInterrupted {
		t.Errorf("the exit code is %d\n%s", o.code, o.stderr)
	}
	if got := names(t, dir); !slices.Equal(got, trained) {
		t.Errorf("the folder has %q", got)
	}
	step := int(events(t, last)[0]["step"].(float64))
	if want := fmt.Sprintf("net.safetensors: %d of 1000000 steps", step); step < 3 || !strings.Contains(o.stderr, want) {
		t.Errorf("want %q:\n%s", want, o.stderr)
	}
	mustRun(t, dir, "classify", "--weights", "net.safetensors", put(t, dir, "in.png", sample.Landscape(48, 36, 1)))
	o = mustRun(t, dir, tinyTrain("--steps", "1000000", "--minutes", "1e-6")...)
	if want := fmt.Sprintf("resuming net.checkpoint.safetensors at step %d", step); !strings.Contains(o.stderr, want) {
		t.Errorf("want %q:\n%s", want, o.stderr)
	}
}
