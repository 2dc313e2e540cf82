//go:build race

package simd

import (
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"
)

var raceOnPurpose = flag.String("race-on-purpose", "",
	"run this kernel of the best tier against a write to the end of its first vector")

// The detector must see what assembly does; it ends the process in which it saw a race, so each
// kernel races in a process of its own.
func TestRaceDetectorSeesKernels(t *testing.T) {
	if *raceOnPurpose != "" {
		race(*raceOnPurpose)
		return
	}
	for name := range calls {
		racing := exec.Command(os.Args[0], "-test.run=^TestRaceDetectorSeesKernels$", "-race-on-purpose="+name)
		out, err := racing.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "DATA RACE") {
			t.Errorf("a race with %s goes unnoticed: %v\n%s", name, err, out)
		}
	}
}

func race(name string) {
	var vectors [][]float32
	run := calls[name](Best(), 67, func(n int) []float32 {
		vectors = append(vectors, make([]float32, n))
		return vectors[len(vectors)-1]
	})
	done := make(chan bool)
	go func() {
		vectors[0][len(vectors[0])-1] = 1
		done <- true
	}()
	run()
	<-done
}

// Two panels of one matrix may be computed at the same time.
func TestNeighbouringColumnsDoNotRace(t *testing.T) {
	k := Best()
	a, b := make([]float32, 5), make([]float32, k.PackedSize(1, 40))
	c := make([]float32, 5*40)
	done := make(chan bool)
	go func() {
		k.Gemm(Gemm{M: 5, N: 20, K: 1, A: a, ARowStride: 1, AColStride: 1, B: b, C: c[20:], LDC: 40})
		done <- true
	}()
	k.Gemm(Gemm{M: 5, N: 20, K: 1, A: a, ARowStride: 1, AColStride: 1, B: b, C: c, LDC: 40})
	<-done
}
