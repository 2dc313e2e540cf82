package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oneiro/internal/filelock"
	"oneiro/render"
	"oneiro/train"
	"oneiro/weights"
)

// TestTrainLock refuses to train to the output of another training, which goes on undisturbed.
func TestTrainLock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	release, err := filelock.Take(filepath.Join(dir, "net.lock"))
	if err != nil {
		t.Fatal(err)
	}
	o := run(t, dir, tinyTrain()...)
	if o.code != exitFailed || !strings.Contains(o.stderr, "is at work on these files") ||
		!strings.Contains(o.stderr, "--output") {
		t.Errorf("exit code %d\n%s", o.code, o.stderr)
	}
	if got := names(t, dir); len(got) != 1 {
		t.Errorf("the folder has %q", got)
	}
	release()
	mustRun(t, dir, tinyTrain()...)
}

// TestTrainFrom starts from the built-in network, and from what that made.
func TestTrainFrom(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := mustRun(t, dir, tinyTrain("--from", "builtin")...)
	if !strings.Contains(o.stderr, "20 new drawings recognised") {
		t.Errorf("stderr:\n%s", o.stderr)
	}
	info := decoded[fileInfo](t, mustRun(t, dir, "weights", "info", "net.safetensors", "--json").stdout)
	if training := info.Notes[weights.KeyTraining]; info.Notes[weights.KeyStart] != "builtin" ||
		!strings.Contains(training, `"body_rate":`) || strings.Contains(training, `"body_rate":1,`) {
		t.Errorf("%v", info.Notes)
	}
	if out := mustRun(t, dir, "weights", "info", "net.safetensors").stdout; !strings.Contains(out, "from builtin") {
		t.Errorf("weights info:\n%s", out)
	}
	mustRun(t, dir, tinyTrain("--from", "net.safetensors", "-o", "again.safetensors")...)
	for args, want := range map[string]string{
		strings.Join(tinyTrain(), " "):                                           "it started from builtin, not random numbers",
		strings.Join(tinyTrain("--from", "nowhere", "-o", "x.safetensors"), " "): "nowhere",
		strings.Join(tinyTrain("--from", "again.safetensors", "-o", "again.safetensors"),
			" "): "would replace the input",
	} {
		if o := run(t, dir, strings.Fields(args)...); o.code == exitDone || !strings.Contains(o.stderr, want) {
			t.Errorf("%s: exit code %d\n%s", args, o.code, o.stderr)
		}
	}
}

// TestTrainMinutes ends by the clock, and says so.
func TestTrainMinutes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	args := tinyTrain("--iterations", "1000000", "--minutes", "0.01")
	if o := mustRun(t, dir, args...); !strings.Contains(o.stderr, " in ") ||
		strings.Contains(o.stderr, "of 1000000 steps") {
		t.Errorf("stderr:\n%s", o.stderr)
	}
	if rate := lastRate(t, filepath.Join(dir, "net.log.jsonl")); !(rate < 1e-3) {
		t.Errorf("the last learning rate is %g", rate)
	}
	before := readFile(t, filepath.Join(dir, "net.checkpoint.safetensors"))
	if o := mustRun(t, dir, args...); !strings.Contains(o.stderr, "resuming") { // there is no time left
		t.Errorf("stderr:\n%s", o.stderr)
	}
	if after := readFile(t, filepath.Join(dir, "net.checkpoint.safetensors")); string(before) != string(after) {
		t.Error("the training went on after its end")
	}
}

// lastRate returns the learning rate of the last step in a log.
func lastRate(t *testing.T, path string) (rate float64) {
	t.Helper()
	for _, e := range events(t, string(readFile(t, path))) {
		if r, ok := e["rate"].(float64); ok {
			rate = r
		}
	}
	return rate
}

// TestTrainSaves writes a checkpoint when it is due, although nothing is reported for a long time.
func TestTrainSaves(t *testing.T) {
	t.Parallel()
	engine, err := render.NewEngine(render.EngineOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	s := &session{stderr: io.Discard} // which has saved nothing yet
	s.Output = filepath.Join(t.TempDir(), "net.safetensors")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := train.Options{
		Source: train.Motifs{Seed: 1}, Device: engine.Device, Backend: engine.Host(), Pool: engine.Pool,
		Settings: train.DefaultSettings(), OnEvent: s.event, EventEvery: 1_000_000,
		OnStep: func() error { defer cancel(); return s.stepped() },
	}
	o.Batch, o.Size = 2, 32
	if s.trainer, err = train.New(ctx, o); err != nil {
		t.Fatal(err)
	}
	defer s.trainer.Close()
	if err := s.trainer.Run(ctx); !errors.Is(err, context.Canceled) || s.trainer.Step() != 1 {
		t.Fatalf("step %d: %v", s.trainer.Step(), err)
	}
	if _, err := os.Stat(s.beside(trainCheckpointEnding)); err != nil {
		t.Error(err)
	}
	s.failure = io.ErrShortWrite
	if err := s.stepped(); err != io.ErrShortWrite {
		t.Errorf("a log that cannot be written: %v", err)
	}
}
