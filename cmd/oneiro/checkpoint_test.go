package main

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"oneiro/internal/sample"
)

// saving are the flags of a run that writes a checkpoint after every step.
var saving = []string{"--checkpoint", "0s", "-o", "out.png"}

// startAndKill starts the program and kills it after a time. It returns whether the program had come to its end
// by itself.
func startAndKill(t *testing.T, dir string, after time.Duration, args ...string) (ended bool) {
	t.Helper()
	cmd := command(t, dir, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	killer := time.AfterFunc(after, func() { cmd.Process.Kill() })
	cmd.Wait()
	killer.Stop()
	if code := cmd.ProcessState.ExitCode(); code >= 0 && code != exitDone {
		t.Fatalf("oneiro %q: exit code %d\n%s", args, code, stderr.String())
	}
	return cmd.ProcessState.Success()
}

// atStep starts the program, calls do with its process once so many steps are taken, and waits for its end.
func atStep(t *testing.T, dir string, steps int, do func(*os.Process), args ...string) outcome {
	t.Helper()
	cmd := command(t, dir, append(args, "--json", "--print-every", "1")...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer time.AfterFunc(time.Minute, func() { cmd.Process.Kill() }).Stop()
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if strings.Contains(lines.Text(), `"event":"step","step":`+strconv.Itoa(steps)+",") {
			do(cmd.Process)
		}
	}
	cmd.Wait()
	return outcome{code: cmd.ProcessState.ExitCode(), stderr: stderr.String()}
}

// startAndStop starts the program and has it stop, as by Ctrl-C, once so many steps are taken.
func startAndStop(t *testing.T, dir string, steps int, args ...string) {
	t.Helper()
	o := atStep(t, dir, steps, func(p *os.Process) { p.Signal(os.Interrupt) }, args...)
	if o.code != exitInterrupted {
		t.Fatalf("oneiro %q: exit code %d\n%s", args, o.code, o.stderr)
	}
}

// kills is how many runs TestKill kills: what ONEIRO_KILLS says, or a few.
func kills(t *testing.T) int {
	text := os.Getenv("ONEIRO_KILLS")
	if text == "" {
		return 8
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// killsOf returns how many of them are those of one of several runs.
func killsOf(t *testing.T, run, runs int) int {
	n := kills(t)
	count := n / runs
	if run < n%runs {
		count++
	}
	return count
}

// killed are the runs that TestKill kills, beside a batch.
var killed = [][]string{
	{"style"}, {"style", "--optimizer", "adam", "--colors", "luminance"}, {"style", "--optimizer", "lbfgs-wolfe", "--until-change", "1e-3"},
	{"style", "--optimizer", "gd", "--save-every", "7"}, {"dream"}, {"texture"},
	{"style", "--method", "nnst"},
	{"vis", "--layer", "relu2_1", "--channels", "0-2"},
}

// TestKill kills runs at random moments and has them go on until they end: the picture has to have the same
// bytes as that of a run that was left alone, and there must be no other file.
func TestKill(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("random numbers from %d", seed)
	for i, line := range killed {
		count := killsOf(t, i+1, len(killed)+1)
		if count == 0 {
			continue
		}
		t.Run(strings.Join(line, " "), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, uint64(i)))
			line := append(tiny(line[0], "--iterations", "15"), line[1:]...)
			alone, dir := t.TempDir(), t.TempDir()
			start := time.Now()
			mustRun(t, alone, append(line, saving...)...)
			took := time.Since(start)
			want := readFile(t, filepath.Join(alone, "out.png"))
			ended := false
			for range count {
				args := append(slices.Clone(line), append(saving, "--resume")...)
				if exists(filepath.Join(dir, "out.png"+checkpointEnding)) && random.IntN(2) == 0 {
					args = []string{"resume", "out.png" + checkpointEnding}
				}
				ended = startAndKill(t, dir, time.Duration(random.Int64N(int64(took))), args...)
			}
			if !ended {
				mustRun(t, dir, append(append(slices.Clone(line), saving...), "--resume")...)
			}
			if !bytes.Equal(readFile(t, filepath.Join(dir, "out.png")), want) {
				t.Error("the picture differs from that of a run that was left alone")
			}
			if got := names(t, dir); !slices.Equal(got, names(t, alone)) {
				t.Errorf("the folder has %q", got)
			}
		})
	}
}

// TestKillBatch kills a batch at random moments, as TestKill kills other runs, and has the same command go
// on: with --skip-existing it leaves out pictures that are there and goes on with the one that is not.
func TestKillBatch(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("random numbers from %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir := batchFolder(t)
	out := filepath.Join(dir, "out")
	args := batchArgs("--iterations", "8", "--checkpoint", "0s", "--skip-existing")
	start := time.Now()
	mustRun(t, dir, args...)
	took := time.Since(start)
	want := files(t, out)
	if err := os.RemoveAll(out); err != nil {
		t.Fatal(err)
	}
	ended := false
	for range killsOf(t, 0, len(killed)+1) {
		more := slices.Clone(args)
		if random.IntN(2) == 0 {
			more = append(more, "--jobs", "2")
		}
		ended = startAndKill(t, dir, time.Duration(random.Int64N(int64(took))), more...)
	}
	if !ended {
		mustRun(t, dir, args...)
	}
	got := files(t, out)
	for name, data := range want {
		if got[name] != data {
			t.Errorf("%s differs from that of a batch that was left alone", name)
		}
	}
	if len(got) != len(want) {
		t.Errorf("the folder has %q", slices.Sorted(maps.Keys(got)))
	}
}

// TestKillTrain kills a training at random moments, as TestKill kills other runs.
func TestKillTrain(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("random numbers from %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	alone, dir := t.TempDir(), t.TempDir()
	args := tinyTrain("--iterations", "8", "--checkpoint", "0s")
	start := time.Now()
	mustRun(t, alone, args...)
	took := time.Since(start)
	for range max(kills(t)/10, 1) {
		startAndKill(t, dir, time.Duration(random.Int64N(int64(took))), args...)
	}
	mustRun(t, dir, args...)
	if !bytes.Equal(readFile(t, filepath.Join(dir, "net.safetensors")), readFile(t, filepath.Join(alone, "net.safetensors"))) {
		t.Error("the network differs from that of a training that was left alone")
	}
	if got := names(t, dir); !slices.Equal(got, trained) {
		t.Errorf("the folder has %q", got)
	}
}

// TestResumeElsewhere goes on with a run in another folder and with other options of the computer: the
// checkpoint knows where everything lies.
func TestResumeElsewhere(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	put(t, dir, "a.png", sample.Landscape(60, 45, 1))
	put(t, dir, "b.png", sample.Painting(40, 50, 2))
	args := tiny("style", "a.png", "b.png", "--init", "b.png", "--iterations", "12",
		"--jpeg-quality", "70", "--memory", "200MiB", "--score")
	mustRun(t, dir, append(args, "-o", "whole.jpg")...)
	startAndStop(t, dir, 5, append(args, "-o", "out.jpg")...)
	o := mustRun(t, other, "resume", filepath.Join(dir, "out.jpg.checkpoint"), "--threads", "1", "--json",
		"--print-every", "1")
	e := events(t, o.stdout)
	resumed, _ := e[0]["resumed"].(float64) // after step 5, or one or two that it took meanwhile
	if resumed < 5 || eventsOf(t, o.stdout, "step")[0]["step"] != resumed+1 {
		t.Errorf("the events are %v", e)
	}
	if !strings.Contains(o.stderr, fmt.Sprintf("after step %v, from ", resumed)) {
		t.Errorf("stderr:\n%s", o.stderr)
	}
	if !bytes.Equal(readFile(t, filepath.Join(dir, "out.jpg")), readFile(t, filepath.Join(dir, "whole.jpg"))) {
		t.Error("the pictures differ")
	}
	if got := names(t, dir); !slices.Equal(got, []string{"a.png", "b.png", "out.jpg", "whole.jpg"}) {
		t.Errorf("the folder has %q", got)
	}
}

// TestResumeMoved goes on with a run whose folder was moved, with the pictures that it reads, and with one
// whose folder was copied: the picture appears where the checkpoint is, and nothing where it was.
func TestResumeMoved(t *testing.T) {
	dir := t.TempDir()
	old, copied := filepath.Join(dir, "old"), filepath.Join(dir, "a", "copied")
	for _, folder := range []string{"in", "out"} {
		if err := os.MkdirAll(filepath.Join(old, folder), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	put(t, dir, "b.png", sample.Painting(40, 50, 2)) // is not moved
	put(t, old, "in/a.png", sample.Landscape(60, 45, 1))
	args := tiny("style", "in/a.png", filepath.Join(dir, "b.png"), "--iterations", "12")
	mustRun(t, old, append(args, "-o", "whole.png")...)
	startAndStop(t, old, 5, append(args, "-o", "out/out.png")...)
	whole := readFile(t, filepath.Join(old, "whole.png"))
	before := names(t, filepath.Join(old, "out"))
	if err := os.CopyFS(copied, os.DirFS(old)); err != nil {
		t.Fatal(err)
	}
	mustRun(t, dir, "resume", "a/copied/out/out.png.checkpoint")
	if !bytes.Equal(readFile(t, filepath.Join(copied, "out", "out.png")), whole) {
		t.Error("the picture in the copied folder is another one")
	}
	if got := names(t, filepath.Join(old, "out")); !slices.Equal(got, before) {
		t.Errorf("the folder that was copied has %q, and had %q", got, before)
	}
	next := filepath.Join(dir, "new")
	if err := os.Rename(old, next); err != nil {
		t.Fatal(err)
	}
	mustRun(t, next, "resume", "out/out.png.checkpoint")
	if !bytes.Equal(readFile(t, filepath.Join(next, "out", "out.png")), whole) {
		t.Error("the picture in the moved folder is another one")
	}
	if got := names(t, filepath.Join(next, "out")); !slices.Equal(got, []string{"out.png"}) || exists(old) {
		t.Errorf("the folder has %q", got)
	}
}

// TestResumeRefuses tries to go on with what is not the same run, or cannot be read.
func TestResumeRefuses(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	write := func(name string, data []byte) {
		if err := os.WriteFile(path(name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	put(t, dir, "a.png", sample.Landscape(60, 45, 1))
	put(t, dir, "b.png", sample.Painting(40, 50, 2))
	startAndStop(t, dir, 2, tiny("style", "a.png", "b.png", "--iterations", "1000", "-o", "out.png")...)
	whole := readFile(t, path("out.png.checkpoint"))
	write("cut.checkpoint", whole[:len(whole)/2])
	write("bad.checkpoint", append(append(bytes.Clone(whole[:9999]), whole[9999]^1), whole[10000:]...))
	write("next.checkpoint", bytes.Replace(whole, []byte("oneiro checkpoint 2\n"), []byte("oneiro checkpoint 9\n"), 1))
	args := "style --size 48 --iterations 1000 --threads 2 --resume -o out.png "
	refuses(t, dir, []refusal{
		{args + "a.png b.png --seed 3", exitUsage, "out.png.checkpoint is from another run: --seed was 0 and is 3"},
		{args + "a.png b.png --history 3", exitUsage, "--history was not given and is 3"},
		{args + "a.png b.png --kernels generic", exitUsage, " and is generic"},
		{args + "a.png b.png --winograd 4", exitUsage, `--winograd was builtin and is {"tile":4}`},
		{args + "b.png b.png", exitUsage, "the picture 1 (content) was a.png with SHA-256 "},
		{args + "a.png", exitUsage, "the picture 2 (style) was b.png with SHA-256 "},
		{"texture -o out.png --resume", exitUsage, "the command was style and is texture"},
		{"style -o - --resume", exitUsage, "--resume needs a file"},
		{"vis --filters conv1_1 --resume", exitUsage, "--resume cannot be combined with --filters"},
		{"resume", exitUsage, "resume takes one checkpoint"},
		{"resume none.checkpoint", exitUsage, `there is no checkpoint "none.checkpoint"`},
		{"resume a.png", exitFailed, "a.png is not a checkpoint of oneiro"},
		{"resume cut.checkpoint", exitFailed, "cut.checkpoint is damaged: it is cut short"},
		{"resume bad.checkpoint", exitFailed, "bad.checkpoint is damaged: its checksum is wrong"},
		{"resume next.checkpoint", exitFailed,
			"next.checkpoint is a checkpoint of version 9, and this program reads version 2"},
		{"style --checkpoint 5", exitUsage, `--checkpoint must be a time such as 90s or 5m, or off, not "5"`},
		{"style --checkpoint -5m", exitUsage, `not "-5m"`},
	})
	t.Run("changed", func(t *testing.T) {
		dir := t.TempDir()
		put(t, dir, "a.png", sample.Landscape(60, 45, 1))
		startAndStop(t, dir, 2, tiny("dream", "a.png", "--iterations", "1000", "-o", "out.png")...)
		put(t, dir, "a.png", sample.Landscape(60, 45, 2))
		refused(t, run(t, dir, "resume", "out.png.checkpoint"), exitUsage, "the picture 1 (image) was a.png with SHA-256 ")
		if err := os.Remove(filepath.Join(dir, "a.png")); err != nil {
			t.Fatal(err)
		}
		refused(t, run(t, dir, "resume", "out.png.checkpoint"), exitFailed, "a.png: there is no such file")
	})
}

// TestCheckpointOfAnotherRun starts anew where a checkpoint lies: a warning says so, and the checkpoint stays
// until the new run writes its own.
func TestCheckpointOfAnotherRun(t *testing.T) {
	dir := t.TempDir()
	checkpoint := filepath.Join(dir, "out.png.checkpoint")
	args := tiny("style", "--iterations", "20", "-o", "out.png")
	startAndStop(t, dir, 5, args...)
	before := readFile(t, checkpoint)
	for _, more := range []string{"--checkpoint=1h", "--checkpoint=off"} {
		o := mustRun(t, dir, append(args, more)...)
		if want := "warning: out.png.checkpoint is of another run"; !strings.Contains(o.stderr, want) {
			t.Errorf("want %q:\n%s", want, o.stderr)
		}
		if !bytes.Equal(before, readFile(t, checkpoint)) {
			t.Errorf("%s: the checkpoint was changed", more)
		}
	}
	o := mustRun(t, dir, append(args, "--checkpoint=0s", "--json")...)
	if got := names(t, dir); !slices.Equal(got, []string{"out.png"}) {
		t.Errorf("the folder has %q", got)
	}
	got := eventsOf(t, o.stdout, "checkpoint")
	if len(got) < 15 || got[0]["file"] != "out.png.checkpoint" || got[0]["step"] != 1.0 {
		t.Errorf("the events are %v", got)
	}
	if o = mustRun(t, dir, append(args, "--resume")...); !strings.Contains(o.stderr, "there is no out.png.checkpoint") {
		t.Errorf("stderr:\n%s", o.stderr)
	}
}

// TestNoCheckpoint runs where there can be no checkpoint: the name of its file is too long. A warning says so.
func TestNoCheckpoint(t *testing.T) {
	dir, name := t.TempDir(), strings.Repeat("a", 245)+".png"
	o := mustRun(t, dir, tiny("style", "--checkpoint", "0s", "-o", name)...)
	if !strings.Contains(o.stderr, "warning: the run is without checkpoints: cannot write ") {
		t.Errorf("stderr:\n%s", o.stderr)
	}
	if got := names(t, dir); !slices.Equal(got, []string{name}) {
		t.Errorf("the folder has %q", got)
	}
}

// TestResumeDefaultOutput goes on with runs whose output was not named: they replace the picture that they
// left, and nothing else.
func TestResumeDefaultOutput(t *testing.T) {
	dir := t.TempDir()
	args := tiny("style", "--iterations", "20")
	startAndStop(t, dir, 5, args...)
	mustRun(t, dir, args...) // another one
	want := []string{"oneiro-style-2.png", "oneiro-style.png", "oneiro-style.png.checkpoint"}
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Fatalf("the folder has %q", got)
	}
	mustRun(t, dir, append(args, "--resume")...)
	if got := names(t, dir); !slices.Equal(got, want[:2]) {
		t.Errorf("the folder has %q", got)
	}
	whole := readFile(t, filepath.Join(dir, want[0]))
	if !bytes.Equal(whole, readFile(t, filepath.Join(dir, want[1]))) {
		t.Error("the pictures differ")
	}
	// Somebody else has put a picture there.
	if err := os.Remove(filepath.Join(dir, want[1])); err != nil {
		t.Fatal(err)
	}
	startAndStop(t, dir, 5, args...)
	put(t, dir, "oneiro-style.png", sample.Landscape(8, 8, 1))
	theirs := readFile(t, filepath.Join(dir, "oneiro-style.png"))
	mustRun(t, dir, "resume", "oneiro-style.png.checkpoint")
	if !bytes.Equal(theirs, readFile(t, filepath.Join(dir, "oneiro-style.png"))) {
		t.Error("somebody else's picture was replaced")
	}
	if !bytes.Equal(whole, readFile(t, filepath.Join(dir, "oneiro-style-3.png"))) {
		t.Error("the pictures differ")
	}
}

// TestResumeWhenPictureCannotBeWritten has something in the place of the picture when a run ends: the
// checkpoint has the result.
func TestResumeWhenPictureCannotBeWritten(t *testing.T) {
	for _, name := range []string{"style", "vis"} {
		dir := t.TempDir()
		path := filepath.Join(dir, "out.png")
		failed := atStep(t, dir, 3, func(*os.Process) {
			if err := os.Mkdir(path, 0o777); err != nil {
				t.Error(err)
			}
		}, tiny(name, "--iterations", "20", "-o", "out.png")...)
		if failed.code != exitFailed || !strings.Contains(failed.stderr, "resume with: oneiro resume out.png.checkpoint") {
			t.Fatalf("exit code %d\n%s", failed.code, failed.stderr)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		o := mustRun(t, dir, "resume", "out.png.checkpoint", "--json")
		if n := len(eventsOf(t, o.stdout, "step")); n > 0 {
			t.Errorf("%d more steps", n)
		}
		mustRun(t, dir, tiny(name, "--iterations", "20", "-o", "whole.png")...)
		if !bytes.Equal(readFile(t, path), readFile(t, filepath.Join(dir, "whole.png"))) {
			t.Error("the pictures differ")
		}
	}
}

// TestResumeStandardInput goes on with a run whose picture came from the standard input, if it comes again.
func TestResumeStandardInput(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a.png", sample.Landscape(60, 45, 1))
	data := readFile(t, filepath.Join(dir, "a.png"))
	fed := func(steps string, more ...string) outcome {
		cmd := command(t, dir, append(tiny("dream", "-", "-o", "out.png", "--iterations", steps), more...)...)
		var stderr bytes.Buffer
		cmd.Stdin, cmd.Stderr = bytes.NewReader(data), &stderr
		cmd.Run()
		return outcome{code: cmd.ProcessState.ExitCode(), stderr: stderr.String()}
	}
	if o := fed("20"); o.code != exitDone {
		t.Fatal(o.stderr)
	}
	want := readFile(t, filepath.Join(dir, "out.png"))
	for !exists(filepath.Join(dir, "out.png.checkpoint")) {
		cmd := command(t, dir, tiny("dream", "-", "-o", "out.png", "--iterations", "20", "--checkpoint", "0s")...)
		cmd.Stdin = bytes.NewReader(data)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for cmd.ProcessState == nil && !exists(filepath.Join(dir, "out.png.checkpoint")) {
			time.Sleep(time.Millisecond)
		}
		cmd.Process.Kill()
		cmd.Wait()
	}
	refused(t, run(t, dir, "resume", "out.png.checkpoint"), exitUsage, "came from the standard input")
	if o := fed("20", "--resume"); o.code != exitDone || !strings.Contains(o.stderr, "resumed") {
		t.Fatal(o.stderr)
	}
	if !bytes.Equal(want, readFile(t, filepath.Join(dir, "out.png"))) {
		t.Error("the pictures differ")
	}
}

func TestInterval(t *testing.T) {
	for text, want := range map[string]string{
		"60s": "1m", "5m": "5m", "90s": "1m30s", "1h": "1h", "1h30m": "1h30m", "0": "0s", "0s": "0s", "off": "off",
		"10m": "10m",
	} {
		var i interval
		err := i.UnmarshalText([]byte(text))
		if got, _ := i.MarshalText(); err != nil || string(got) != want {
			t.Errorf("%s becomes %s, %v", text, got, err)
		}
	}
}
