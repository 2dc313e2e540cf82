//go:build cuda

package cuda

import (
	"fmt"
	"os"
	"testing"

	"oneiro/autodiff/autodifftest"
	"oneiro/cuda/internal/simt"
)

// card makes Open find the driver that tests are for, and reports whether that is the stand-in:
// ONEIRO_CUDA=real stands for the machine's own, and ONEIRO_CUDA_LIB for the library of that name.
func card(t *testing.T) (standin bool) {
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

// TestConformance runs every case of every operation: with ONEIRO_CUDA=real on the machine's card, else on
// an old and a new card that the stand-in plays, whose blocks and threads run in one order and another.
func TestConformance(t *testing.T) {
	if !card(t) {
		autodifftest.RunDevice(t, open(t))
		return
	}
	for _, major := range []string{"5", "8"} {
		for _, schedule := range schedules() {
			t.Run(fmt.Sprintf("sm%s0/schedule%s", major, schedule), func(t *testing.T) {
				t.Setenv("SIMT_MAJOR", major)
				t.Setenv("SIMT_SCHEDULE", schedule)
				autodifftest.RunDevice(t, open(t))
			})
		}
	}
}

// schedules are forward, backward and shuffled.
func schedules() []string {
	if testing.Short() {
		return []string{"2"}
	}
	return []string{"0", "1", "2"}
}
