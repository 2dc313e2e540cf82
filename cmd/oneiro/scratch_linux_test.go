package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"oneiro/internal/sample"
)

// TestScratchHolds runs with an optimiser whose state is larger than what the process may take, in a folder:
// the process must not take more, by the system's own account, and the plan says how much is on the disk.
func TestScratchHolds(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "disk"), 0o777); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "photo.png", sample.Landscape(120, 90, 1))
	at := func(command string, more ...string) outcome {
		args := []string{command, "photo.png", "--size", "192", "--history", "300", "--threads", "2"}
		return run(t, dir, append(args, more...)...)
	}
	const state = (2*300 + 4) * 4 * 3 * 192 * 144
	tooLittle := at("style", "--memory", "1MiB", "--scratch", "disk", "-o", "out.png")
	m := leastMemory.FindStringSubmatch(tooLittle.stderr)
	if m == nil {
		t.Fatal(tooLittle.stderr)
	}
	least, _ := strconv.Atoi(m[1])
	if least<<20 >= state {
		t.Errorf("%d MiB are the least, and the state has %d", least, state>>20)
	}
	memory := []string{"--memory", m[1] + "MiB", "--scratch", "disk"}
	var plan []struct {
		Disk int64 `json:"disk_bytes"`
	}
	more := []string{"--memory", strconv.Itoa(least+8) + "MiB", "--scratch", "disk"} // for a square style
	o := at("plan", append(more, "--json")...)
	if err := json.Unmarshal([]byte(o.stdout), &plan); err != nil || plan[len(plan)-1].Disk < state {
		t.Errorf("%v, %s%s", err, o.stdout, o.stderr)
	}
	if o := at("plan", more...); !strings.Contains(o.stdout, "on disk") {
		t.Error(o.stdout)
	}
	o = at("style", append(memory, "--iterations", "5", "--json", "-o", "out.png")...)
	if o.code != exitDone {
		t.Fatal(o.stderr)
	}
	done := events(t, o.stdout)
	if disk := done[0]["expected_disk_bytes"].(float64); disk < state {
		t.Errorf("%v bytes are on the disk", disk)
	}
	if peak := done[len(done)-1]["peak_bytes"].(float64); !(peak > 0 && peak <= float64(least<<20)) {
		t.Errorf("it takes %.1f MiB, and %d are allowed", peak/(1<<20), least)
	}
	if left := names(t, filepath.Join(dir, "disk")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	missing := at("style", "--memory", m[1]+"MiB", "--scratch", "nowhere", "-o", "out2.png")
	refused(t, missing, exitFailed, "the folder nowhere cannot hold what does not fit into memory")
}

// TestScratchHoldsTiles does so with a picture of which not even the canvas fits: on tiles, all that has a
// value for each of its pixels is in the folder.
func TestScratchHoldsTiles(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "photo.png", sample.Landscape(800, 200, 1))
	args := tiny("style", "photo.png", "photo.png", "--size", "800", "--iterations", "2", "--scales", "1", "--history", "40",
		"--content-layers", "relu2_1", "--style-layers", "relu1_1,relu2_1", "--scratch", ".", "--json", "-o", "out.png")
	refused := run(t, dir, append(args, "--memory", "1MiB")...)
	m := leastMemory.FindStringSubmatch(refused.stderr)
	if m == nil {
		t.Fatal(refused.stderr)
	}
	least, _ := strconv.Atoi(m[1])
	o := mustRun(t, dir, append(args, "--memory", m[1]+"MiB")...)
	done := events(t, o.stdout)
	if disk := done[0]["expected_disk_bytes"].(float64); disk < (2*40+9)*4*3*800*200 || !strings.Contains(o.stderr, "tiles ") {
		t.Errorf("%v bytes are on the disk\n%s", disk, o.stderr)
	}
	if peak := done[len(done)-1]["peak_bytes"].(float64); !(peak > 0 && peak <= float64(least<<20)) {
		t.Errorf("it takes %.1f MiB, and %d are allowed", peak/(1<<20), least)
	}
}
