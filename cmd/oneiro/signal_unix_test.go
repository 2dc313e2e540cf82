//go:build unix

package main

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestInterrupt ends a long run by a signal: the best picture so far has to be there.
func TestInterrupt(t *testing.T) {
	height := map[string]int{"style": 36, "dream": 36, "vis": 48}
	for _, name := range []string{"style", "dream", "vis"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			cmd := command(t, dir, tiny(name, "--iterations", "1000000", "--json", "--print-every", "1", "-o", "out.png")...)
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
			var last string
			for lines, n := bufio.NewScanner(stdout), 0; lines.Scan(); n++ {
				if last = lines.Text(); n == 3 {
					cmd.Process.Signal(os.Interrupt)
				}
			}
			cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
				t.Errorf("the exit code is %d\n%s", code, stderr.String())
			}
			e := events(t, last)[0]
			if e["event"] != "interrupted" || e["output"] != "out.png" || !(e["steps"].(float64) >= 3) {
				t.Errorf("the last event is %v", e)
			}
			if !strings.Contains(stderr.String(), "the best picture so far is in out.png") {
				t.Errorf("stderr:\n%s", stderr.String())
			}
			if im := picture(t, filepath.Join(dir, "out.png")); im.W != 48 || im.H != height[name] {
				t.Errorf("the picture has %dx%d pixels", im.W, im.H)
			}
			if got := names(t, dir); len(got) != 1 {
				t.Errorf("the folder has %q", got)
			}
		})
	}
}
