//go:build cuda

package cuda

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"oneiro/autodiff/conformance"
	"oneiro/cuda/internal/simt"
)

// gpu makes Open find the driver that tests are for, and reports whether that is the stand-in:
// ONEIRO_CUDA=real stands for the machine's own, and ONEIRO_CUDA_LIB for the library of that name.
func gpu(t *testing.T) (standin bool) {
	t.Helper()
	switch os.Getenv("ONEIRO_CUDA") {
	case "real":
		return false
	case "sanitized":
		t.Setenv(libraryVariable, simt.Library(t, simt.Options{Sanitize: true}))
		return true
	}
	if os.Getenv(libraryVariable) != "" {
		return false
	}
	t.Setenv(libraryVariable, simt.Library(t, simt.Options{}))
	return true
}

func open(t *testing.T) *device {
	t.Helper()
	d, err := Open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d.(*device)
}

// TestConformance runs every case of every operation: with ONEIRO_CUDA=real on the machine's GPU, else on
// an old and a new GPU that the stand-in plays, whose blocks and threads run in one order and another, and
// with sanitizers. The stand-in plays one GPU in a process, and GPUs are played side by side: each is this
// test again with SIMT_SCHEDULE in the environment, the orders.
func TestConformance(t *testing.T) {
	if orders := os.Getenv("SIMT_SCHEDULE"); orders != "" {
		gpu(t)
		for order := range strings.SplitSeq(orders, ",") {
			t.Run("schedule"+order, func(t *testing.T) {
				t.Setenv("SIMT_SCHEDULE", order)
				conformance.RunDevice(t, open(t))
			})
		}
		return
	}
	if os.Getenv("ONEIRO_CUDA") == "real" || os.Getenv(libraryVariable) != "" {
		conformance.RunDevice(t, open(t))
		return
	}
	play := func(name string, environment ...string) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := again(t, "^TestConformance$", environment...)
			if err == nil && strings.Contains(out, "--- PASS: TestConformance ") {
				return
			}
			t.Error(err)
			for line := range strings.Lines(out) {
				if !strings.Contains(line, "--- PASS") && !strings.HasPrefix(line, "=== ") {
					t.Log(strings.TrimRight(line, "\n"))
				}
			}
		})
	}
	simt.Library(t, simt.Options{}) // before several processes need it
	orders := "0,1"                 // each finds what the other lets pass; with sanitizers it is another one
	if testing.Short() {
		orders = "2"
	}
	for _, major := range []string{"8", "5"} {
		gpu := "SIMT_MAJOR=" + major
		play("sm"+major+"0", gpu, "SIMT_SCHEDULE="+orders)
		if !testing.Short() {
			play("sm"+major+"0/sanitized", append(sanitized(t), gpu, "SIMT_SCHEDULE=2")...)
		}
	}
}

// again runs tests of this package in another process, which has more in its environment.
func again(t *testing.T, tests string, environment ...string) (string, error) {
	t.Helper()
	if os.Getenv("ONEIRO_CUDA") != "" || os.Getenv(libraryVariable) != "" {
		t.Skip("this is not for the GPU that was chosen")
	}
	args := []string{"-test.run", tests, "-test.v"}
	if deadline, ok := t.Deadline(); ok { // it must not outlive this process
		args = append(args, "-test.timeout", time.Until(deadline).String())
	}
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), environment...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// sanitized returns the environment that the stand-in with sanitizers needs, whose runtime has to be in a
// process from the beginning.
func sanitized(t *testing.T) []string {
	t.Helper()
	simt.Library(t, simt.Options{Sanitize: true}) // before the other process needs it
	return append(simt.Environment(t), "ONEIRO_CUDA=sanitized")
}
