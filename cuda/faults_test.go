//go:build cuda

package cuda

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"oneiro/autodiff"
)

// scenario is a plan of one addition, from opening the GPU to closing it.
type scenario struct {
	opened, loaded bool
	sum            []float32
	err            error // the first
}

// play runs the scenario with calls of the driver that fail, as SIMT_FAIL has them.
func play(t *testing.T, faults string) (s scenario) {
	t.Helper()
	t.Setenv("SIMT_FAIL", faults)
	note := func(err error) {
		if s.err == nil {
			s.err = err
		}
	}
	d, err := Open(Options{})
	if note(err); err != nil {
		return s
	}
	s.opened = true
	defer d.Close()
	g := autodiff.NewGraph()
	x := g.Input("x", autodiff.Shape{N: 1, H: 1, W: 1, C: 3})
	sum := autodiff.Add(x, g.Const(&autodiff.Tensor{Name: "c", Shape: x.Shape, Data: []float32{10, 20, 30}}))
	p, err := d.Load(autodiff.Compile(d, sum), 0)
	if note(err); err != nil {
		return s
	}
	s.loaded = true
	defer func() { note(p.Close()) }()
	for range 2 { // what fails in Write and Read is told by the next Run
		p.Write(x, []float32{1, 2, 3})
		note(p.Run(context.Background()))
		s.sum = make([]float32, 3)
		p.Read(sum, s.sum)
	}
	note(p.Run(context.Background()))
	return s
}

// onStandin has a test run on the stand-in alone.
func onStandin(t *testing.T) {
	t.Helper()
	if !gpu(t) {
		t.Skip("only the stand-in can be told to fail")
	}
}

// TestFaults is of calls that fail, each at the first time that it is made, and what is said of it.
func TestFaults(t *testing.T) {
	onStandin(t)
	tests := []struct {
		faults         string
		opened, loaded bool
		want           string // of the error
	}{
		{"", true, true, ""},
		{"cuInit:1:100", false, false, "no CUDA device: cuInit: CUDA_ERROR_NO_DEVICE (100)"},
		{"cuDevicePrimaryCtxRetain:1:2", false, false, "cuDevicePrimaryCtxRetain: CUDA_ERROR_OUT_OF_MEMORY (2)"},
		{"cuModuleLoadData:1:218", false, false, "cuModuleLoadData: CUDA_ERROR_INVALID_PTX (218)"},
		{"cuMemAlloc_v2:1:2", true, false, "cuMemAlloc: CUDA_ERROR_OUT_OF_MEMORY (2) for 1 MiB"},
		{"cuMemAlloc_v2:2:2", true, false, "cuMemAlloc: CUDA_ERROR_OUT_OF_MEMORY (2) for 1 MiB"},
		{"cuModuleGetFunction:1:500", true, false, "cuModuleGetFunction add: CUDA_ERROR_NOT_FOUND (500)"},
		{"cuMemcpyHtoD_v2:1:719", true, false, "cuMemcpyHtoD: CUDA_ERROR_LAUNCH_FAILED (719)"},
		{"cuMemcpyHtoD_v2:2:1", true, true, "cuMemcpyHtoD: CUDA_ERROR_INVALID_VALUE (1)"},
		{"cuMemcpyDtoH_v2:1:700", true, true, "cuMemcpyDtoH: CUDA_ERROR_ILLEGAL_ADDRESS (700)"},
		{"cuLaunchKernel:1:701", true, true, "cuLaunchKernel add: CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES (701)"},
		{"cuLaunchKernel:1:719", true, true, "cuLaunchKernel add: CUDA_ERROR_LAUNCH_FAILED (719)"},
		{"cuCtxSynchronize:1:719", true, true, "cuCtxSynchronize: CUDA_ERROR_LAUNCH_FAILED (719)"},
		{"cuMemFree_v2:1:999", true, true, "cuMemFree: CUDA_ERROR_UNKNOWN (999)"},
	}
	for _, test := range tests {
		t.Run(test.faults, func(t *testing.T) {
			s := play(t, test.faults)
			got := ""
			if s.err != nil {
				got = s.err.Error()
			}
			if got != test.want || s.opened != test.opened || s.loaded != test.loaded {
				t.Errorf("opened %v, loaded %v, error %q; want %v, %v, %q",
					s.opened, s.loaded, got, test.opened, test.loaded, test.want)
			}
		})
	}
}

// functions returns the names of the driver's functions that are used.
func functions(t *testing.T) []string {
	t.Helper()
	header, err := os.ReadFile("driver.h")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range regexp.MustCompile(`X\((cu\w+),`).FindAllStringSubmatch(string(header), -1) {
		names = append(names, m[1])
	}
	return names
}

// TestEveryFault has each call of each function fail in turn, with an error that the context outlives and
// one that it does not. Something has to be said of it, with a hint; nothing may hang or be left behind;
// and the next who opens the GPU finds it in order.
func TestEveryFault(t *testing.T) {
	onStandin(t)
	// Somebody else has the context too, and sees what memory is left.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	calm := func() *driver { // from here on nothing fails, until play
		t.Setenv("SIMT_FAIL", "")
		d, err := openDriver()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	free := func() int64 {
		n, err := calm().freeMemory()
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	const refused, lost = 1, 719
	reached := map[string]bool{}
	for _, function := range functions(t) {
		for _, code := range []int{refused, lost} {
			for time := range 6 { // the scenario makes no call more often
				fault := fmt.Sprintf("%s:%d:%d", function, time+1, code)
				var s scenario
				if code == lost { // and whatever was allocated
					s = play(t, fault)
				} else {
					observer := calm()
					if err := observer.use(0); err != nil {
						t.Fatal(err)
					}
					before := free()
					s = play(t, fault)
					if left := before - free(); left != 0 && function != "cuMemFree_v2" {
						t.Errorf("%s leaves %d bytes allocated", fault, left)
					}
					observer.release()
				}
				if s.err == nil {
					if !slices.Equal(s.sum, []float32{11, 22, 33}) {
						t.Errorf("%s: the sum is %v, and no error", fault, s.sum)
					}
					continue
				}
				reached[function] = true
				var hinter interface{ Hint() string }
				if !errors.As(s.err, &hinter) || hinter.Hint() == "" {
					t.Errorf("%s: %q says not what to do", fault, s.err)
				}
				if !strings.Contains(s.err.Error(), strings.TrimSuffix(function, "_v2")) {
					t.Errorf("%s: the error is %q", fault, s.err)
				}
			}
		}
		if s := play(t, ""); s.err != nil || !slices.Equal(s.sum, []float32{11, 22, 33}) {
			t.Fatalf("after failures of %s: %v, %v", function, s.sum, s.err)
		}
	}
	for _, function := range []string{"cuInit", "cuModuleLoadData", "cuMemAlloc_v2",
		"cuMemcpyHtoD_v2", "cuMemcpyDtoH_v2", "cuLaunchKernel", "cuCtxSynchronize"} {
		if !reached[function] {
			t.Errorf("no call of %s failed", function)
		}
	}
}

// TestNoLibrary is of machines without a driver, and with one that is too old.
func TestNoLibrary(t *testing.T) {
	for name, want := range map[string]string{
		"no-such-library.so": "no-such-library.so",
		"libm.so.6":          "too old",
	} {
		t.Setenv(libraryVariable, name)
		_, err := Open(Options{})
		var e *UnavailableError
		if !errors.As(err, &e) || !strings.Contains(e.Reason, want) || e.Hint() == "" {
			t.Errorf("%s: the error is %v", name, err)
		}
		if _, err := List(); !errors.As(err, &e) {
			t.Errorf("%s: List returns %v", name, err)
		}
	}
}
