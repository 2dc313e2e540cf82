//go:build unix

package main

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// endWhen sends a signal to a command when a file is there, and waits for its end.
func endWhen(t *testing.T, dir, file string, signal os.Signal, args []string) (code int, stderr string) {
	t.Helper()
	cmd := command(t, dir, args...)
	var messages bytes.Buffer
	cmd.Stderr = &messages
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for !exists(filepath.Join(dir, file)) {
		select {
		case err := <-ended:
			t.Fatalf("it ended by itself: %v\n%s", err, messages.String())
		case <-time.After(time.Millisecond):
		}
	}
	if err := cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	<-ended
	return cmd.ProcessState.ExitCode(), messages.String()
}

// TestBatchEnds kills a batch, and interrupts another: the same command with --skip-existing has to end with
// the pictures of one that nobody disturbed, and nothing else.
func TestBatchEnds(t *testing.T) {
	for name, signal := range map[string]syscall.Signal{"killed": syscall.SIGKILL, "interrupted": syscall.SIGINT} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := batchFolder(t)
			args := batchArgs("--iterations", "40", "--jobs", "2")
			mustRun(t, dir, args...)
			out := filepath.Join(dir, "out")
			want := files(t, out)
			if err := os.RemoveAll(out); err != nil {
				t.Fatal(err)
			}
			code, stderr := endWhen(t, dir, "out/a-x.png", signal, args)
			if signal == syscall.SIGINT && (code != exitInterrupted || !strings.Contains(stderr, "left: the same command with --skip-existing goes on")) {
				t.Errorf("exit code %d\n%s", code, stderr)
			}
			some := files(t, out)
			if maps.Equal(some, want) {
				t.Error("it ended too late: all pictures are there")
			}
			mustRun(t, dir, append(args, "--skip-existing")...)
			if got := files(t, out); !maps.Equal(got, want) {
				t.Errorf("the pictures are not those of a batch that nobody disturbed: %q", slices.Sorted(maps.Keys(got)))
			}
		})
	}
}
