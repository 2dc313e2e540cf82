package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"oneiro/internal/sample"
	"oneiro/studio"
)

// soaked is what the system says of a process.
type soaked struct{ kib, threads, files int }

// soakOf reads it.
func soakOf(t *testing.T, pid int) (s soaked) {
	t.Helper()
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	for line := range strings.Lines(string(readFile(t, filepath.Join(proc, "status")))) {
		fmt.Sscanf(line, "VmRSS: %d", &s.kib)
		fmt.Sscanf(line, "Threads: %d", &s.threads)
	}
	files, err := os.ReadDir(filepath.Join(proc, "fd"))
	if err != nil {
		t.Fatal(err)
	}
	s.files = len(files)
	return s
}

// TestStudioSoak runs as many small dreams in a row as ONEIRO_SOAK says, such as 500, while a page listens to
// all events and looks at the gallery: memory, threads, goroutines and open files of the studio do not grow.
func TestStudioSoak(t *testing.T) {
	jobs, _ := strconv.Atoi(os.Getenv("ONEIRO_SOAK"))
	if jobs == 0 {
		t.Skip("ONEIRO_SOAK does not say how many jobs")
	}
	dir := t.TempDir()
	var stderr bytes.Buffer
	p := openPageTo(t, dir, &stderr)
	put(t, dir, "st/in/photo.png", sample.Landscape(60, 45, 1))
	stream, err := p.client.Get(p.base + "/api/events")
	if err != nil {
		t.Fatal(err)
	}
	events := make(chan int, 1)
	go func() {
		n := 0
		lines := bufio.NewScanner(stream.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "event: ") {
				n++
			}
		}
		events <- n
	}()

	const batch = 25
	var all []soaked
	begun := time.Now()
	for done := 0; done < jobs; {
		var last studio.Job
		for range batch {
			done++
			p.ask("POST", "/api/jobs", map[string]any{"command": "dream", "inputs": map[string]any{"image": "in/photo.png"},
				"options": map[string]string{"size": strconv.Itoa(32 + done%17), "iterations": "3", "seed": strconv.Itoa(done)}}, &last)
		}
		p.wait(last.ID, func(j *studio.Job) bool { return j.State == studio.Done })
		for _, path := range []string{"/api/gallery", "/api/jobs", "/thumb/" + last.Target} {
			r, err := p.client.Get(p.base + path)
			if err != nil || r.StatusCode != http.StatusOK {
				t.Fatalf("%s: %v, %v", path, r, err)
			}
			io.Copy(io.Discard, r.Body)
			r.Body.Close()
		}
		now := soakOf(t, p.cmd.Process.Pid)
		all = append(all, now)
		t.Logf("%4d jobs, %4.0f s: %d KiB, %d threads, %d files", done, time.Since(begun).Seconds(), now.kib, now.threads, now.files)
	}
	made, _ := filepath.Glob(filepath.Join(dir, "st", "out", "*.png"))
	if len(made) < jobs {
		t.Errorf("there are %d pictures after %d jobs", len(made), jobs)
	}

	// The first jobs fill caches. 500 jobs that have ended are remembered with their curves, and what the recipes
	// of pictures say: about 20 KiB for each job.
	early, late := all[min(3, len(all)-1)], all[len(all)-1]
	if late.kib > early.kib+16<<10 || late.threads > early.threads+4 || late.files > early.files+2 {
		t.Errorf("in the end the studio has %+v, and after %d jobs %+v", late, 4*batch, early)
	}
	p.cmd.Process.Signal(syscall.SIGQUIT) // has the runtime print all goroutines
	p.cmd.Wait()
	if n := strings.Count(stderr.String(), "\ngoroutine "); n == 0 || n > 30 {
		t.Errorf("%d goroutines are left:\n%.5000s", n, stderr.String())
	} else {
		t.Logf("%d goroutines, %d events", n, <-events)
	}
}
