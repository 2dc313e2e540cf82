package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestReportsToFullDevice reports to a device that is full: the picture has to be there, and the run to end at
// once.
func TestReportsToFullDevice(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	dir := t.TempDir()
	cmd := command(t, dir, tiny("style", "--iterations", "1000000", "--json", "--print-every", "1", "-o", "out.png")...)
	var stderr strings.Builder
	cmd.Stdout, cmd.Stderr = full, &stderr
	defer time.AfterFunc(time.Minute, func() { cmd.Process.Kill() }).Stop()
	cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != exitFailed ||
		!strings.Contains(stderr.String(), "cannot write to the standard output") {
		t.Errorf("the exit code is %d\n%s", code, stderr.String())
	}
	picture(t, filepath.Join(dir, "out.png"))
}

// TestFullDisk has the system refuse to write more than a kilobyte per file, which looks like a full
// disk to a program.
func TestFullDisk(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh")
	}
	for _, more := range []string{"", "--save-every=1"} {
		dir := t.TempDir()
		cmd := command(t, dir, tiny("style", "-o", "out.png", "--print-every=0")...)
		if more != "" {
			cmd.Args = append(cmd.Args, more)
		}
		exe := cmd.Path
		cmd.Path = shell
		cmd.Args = append([]string{"sh", "-c", `trap '' XFSZ; ulimit -f 1; exec "$0" "$@"`, exe}, cmd.Args[1:]...)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		cmd.Run()
		if code := cmd.ProcessState.ExitCode(); code != exitFailed {
			t.Errorf("the exit code is %d", code)
		}
		if s := stderr.String(); !strings.Contains(s, "cannot write out") ||
			!strings.Contains(s, "hint: the system limits the size of files") ||
			strings.Contains(s, "goroutine") {
			t.Errorf("stderr:\n%s", s)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
			t.Errorf("left behind: %q", left)
		}
	}
}
