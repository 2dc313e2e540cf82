package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/cuda"
	"oneiro/internal/sample"
	"oneiro/render"
	"oneiro/simd"
)

// noDriver has the program find no library of a driver, whatever this machine has.
func noDriver(t *testing.T) { t.Setenv("ONEIRO_CUDA_LIB", filepath.Join(t.TempDir(), "none.so")) }

func TestDevices(t *testing.T) {
	noDriver(t)
	var list deviceList
	if err := json.Unmarshal([]byte(mustRun(t, t.TempDir(), "devices", "--json").stdout), &list); err != nil {
		t.Fatal(err)
	}
	p := list.Processor
	if p.Device != "cpu" || p.Name == "" || p.Threads < 1 || p.Kernels[0] != simd.Best().Name {
		t.Errorf("%+v", p)
	}
	if list.GPUs == nil || len(list.GPUs) != 0 || !strings.HasPrefix(list.Problem, "no CUDA device: ") ||
		list.Hint == "" {
		t.Errorf("%+v", list)
	}
	text := mustRun(t, t.TempDir(), "devices").stdout
	for _, want := range []string{"cpu ", simd.Best().Name, list.Problem + "\n", "hint: " + list.Hint + "\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestDescribeGPU(t *testing.T) {
	got := describeGPU(1, cuda.Info{
		Name: "NVIDIA GeForce RTX 3060", Major: 8, Minor: 6, Memory: 12 << 30, Processors: 28,
		Clock: 1777000, Driver: 12040,
	})
	want := gpuInfo{
		Device: "cuda:1", Name: "NVIDIA GeForce RTX 3060", Capability: "8.6", Memory: 12 << 30, Processors: 28,
		Clock: 1.777e9, Driver: "12.4", Peak: 12.739e12, // NVIDIA's whitepaper says 12.7
	}
	if d := got.Peak / want.Peak; !(d > 0.999 && d < 1.001) {
		t.Errorf("the peak is %g, want %g", got.Peak, want.Peak)
	}
	if got.Peak = want.Peak; got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestNoGPU wants the reason and what to do, and nothing left behind, from every command that takes a device.
func TestNoGPU(t *testing.T) {
	noDriver(t)
	dir := t.TempDir()
	in := put(t, dir, "in.png", sample.Landscape(48, 36, 1))
	for _, args := range [][]string{
		tiny("style"), tiny("dream"), {"vis", "--class", "eye"}, {"classify", in}, {"plan"},
		{"train"}, {"train", "score"},
		{"bench", "--compare", "cpu,cuda", "--workload", "conv1x1/*"},
	} {
		if args[0] != "bench" {
			args = append(args, "--device", "cuda")
		}
		o := run(t, dir, args...)
		if o.code != exitFailed || o.stdout != "" || !strings.HasPrefix(o.stderr, "oneiro: no CUDA device: ") ||
			!strings.Contains(o.stderr, "\nhint: ") {
			t.Errorf("%q: exit code %d\n%s%s", args, o.code, o.stdout, o.stderr)
		}
		if got := names(t, dir); !slices.Equal(got, []string{in}) {
			t.Errorf("%q: the folder has %q", args, got)
		}
	}
}

// failingJob is a job whose device fails after some steps.
type failingJob struct{ err error }

func (failingJob) Iterations(int) int                     { return 10 }
func (failingJob) Plans(*render.Engine) []render.SizePlan { return nil }
func (j failingJob) Run(context.Context, *render.Engine, render.Events) (*render.Result, error) {
	return &render.Result{Picture: sample.Landscape(48, 36, 1), Steps: 7}, &render.DeviceError{Err: j.err}
}

// TestDeviceFails wants the picture so far saved when the device fails, and the call and its hint told.
func TestDeviceFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.png")
	lost := &cuda.DriverError{Call: "cuLaunchKernel gemm", Code: 719, Name: "CUDA_ERROR_LAUNCH_FAILED"}
	var stdout, stderr bytes.Buffer
	j := job{
		jobOptions: jobOptions{JSON: true}, stdout: &stdout, stderr: &stderr, render: failingJob{lost},
		output: output{path: path, weightsHash: func() string { return "" }},
	}
	err := j.run(t.Context())
	if !errors.Is(err, lost) {
		t.Fatal(err)
	}
	if im := picture(t, path); im.W != 48 || im.H != 36 {
		t.Errorf("the picture has %dx%d pixels", im.W, im.H)
	}
	if end := events(t, stdout.String())[0]; end["event"] != "failed" || end["steps"] != 7.0 ||
		end["output"] != path {
		t.Errorf("the end is %v", end)
	}
	if code := reportError(&stderr, err); code != exitFailed {
		t.Errorf("the exit code is %d", code)
	}
	for _, want := range []string{
		"failed after step 7; the best picture so far is in " + path,
		"cuLaunchKernel gemm: CUDA_ERROR_LAUNCH_FAILED (719)", "hint: " + lost.Hint(),
	} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("no %q in\n%s", want, &stderr)
		}
	}
}

// TestMemoryHint checks that a run that does not fit is told what can be done about it.
func TestMemoryHint(t *testing.T) {
	for want, e := range map[string]render.MemoryError{
		"try --memory 2048MiB, ":       {Need: 3 << 30, Have: 2 << 30, W: 64},
		"or choose a smaller --size":   {Need: 100<<20 - 5, Have: 50 << 20, Budget: true, W: 64},
		"--memory 100MiB is the least": {Need: 100<<20 - 5, Have: 50 << 20, Budget: true},
		"or choose another network":    {Need: 100<<20 - 5, Have: 50 << 20, Budget: true},
		"or make the pictures smaller": {Need: 3 << 30, Have: 2 << 30, Budget: true, Reading: true, W: 64},
		"or --device cpu":              {Need: 3 << 30, Have: 2 << 30, GPU: true},
	} {
		var stderr strings.Builder
		if code := reportError(&stderr, &e); code != exitFailed || !strings.Contains(stderr.String(), want) {
			t.Errorf("%+v: exit code %d, want %q in\n%s", e, code, want, &stderr)
		}
	}
}
