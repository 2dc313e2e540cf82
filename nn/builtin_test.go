package nn

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func builtinWeight(t *testing.T, spec TensorSpec) []float32 {
	t.Helper()
	w, err := BuiltinParams().Tensor(spec.Name, spec.Shape...)
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(w)) != spec.Len() {
		t.Fatalf("%s: %d numbers", spec.Name, len(w))
	}
	return w
}

func builtinSpecs(t *testing.T) []TensorSpec {
	t.Helper()
	specs, err := Builtin().Tensors()
	if err != nil {
		t.Fatal(err)
	}
	return specs
}

// The sum of all parameters' bytes is the same on every machine, and changes only on purpose.
func TestBuiltinParamsAreTheSameEverywhere(t *testing.T) {
	h := sha256.New()
	for _, spec := range builtinSpecs(t) {
		binary.Write(h, binary.LittleEndian, builtinWeight(t, spec))
	}
	const want = "67da63186812197afb43235e6bf98a68b4085094bfe348dca81752e69778552b"
	if got := fmt.Sprintf("%x", h.Sum(nil)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestBuiltinFiltersAreOrthogonal(t *testing.T) {
	for _, spec := range builtinSpecs(t) {
		w := builtinWeight(t, spec)
		if len(spec.Shape) == 1 {
			for _, b := range w {
				if b != 0 {
					t.Fatalf("%s is not zero", spec.Name)
				}
			}
			continue
		}
		gain := builtinGain[spec.Layer]
		reads, out := len(w)/spec.Shape[3], spec.Shape[3]
		along, across, step, stride := reads, out, out, 1 // pairs of filters
		if out > reads {
			along, across, step, stride = out, reads, 1, out // pairs of weights
		}
		for a := range across {
			for b := range a + 1 {
				var dot float64
				for i := range along {
					dot += float64(w[i*step+a*stride]) * float64(w[i*step+b*stride])
				}
				want := 0.0
				if a == b {
					want = gain * gain
				}
				if !(math.Abs(dot-want) <= 1e-6*gain*gain) {
					t.Fatalf("%s: the product of %d and %d is %g, want %g", spec.Name, a, b, dot, want)
				}
			}
		}
		if spec.Layer == "conv1_1" {
			continue
		}
		for o := range out {
			var total float64
			for i := range reads {
				total += float64(w[i*out+o])
			}
			if !(math.Abs(total) <= 1e-6*gain) {
				t.Fatalf("%s: filter %d adds up to %g", spec.Name, o, total)
			}
		}
	}
}

func TestBuiltinParamsRefuse(t *testing.T) {
	var wrong *DescriptionError
	if _, err := BuiltinParams().Tensor("conv9_9.weight", 3, 3, 3, 32); !errors.As(err, &wrong) {
		t.Error(err)
	}
	if _, err := BuiltinParams().Tensor("conv1_1.weight", 3, 3, 3, 64); !errors.As(err, &wrong) {
		t.Error(err)
	}
}

// The built-in network is there to be tried: a picture of 512x384 has to cost less than 25 GFLOPs.
func TestBuiltinIsCheap(t *testing.T) {
	infos, err := Builtin().Shapes(384, 512, 3)
	if err != nil {
		t.Fatal(err)
	}
	var flops float64
	for _, i := range infos {
		flops += i.FLOPs
	}
	if flops > 25e9 {
		t.Errorf("%.3g FLOPs", flops)
	}
}

// bell has mean 0 and the variance of 12 uniform numbers.
func TestBell(t *testing.T) {
	const n = 1 << 16
	var sum, squares float64
	for _, row := range rawBells(n) {
		sum += row
		squares += row * row
	}
	deviation := 65535.5 // sqrt(12 · 65536²/12)
	if mean := sum / n; !(math.Abs(mean) < 4*deviation/math.Sqrt(n)) {
		t.Errorf("mean %g", mean)
	}
	if got := math.Sqrt(squares / n); !(math.Abs(got/deviation-1) < 0.01) {
		t.Errorf("deviation %g, want %g", got, deviation)
	}
}

func rawBells(n int) []float64 {
	random := rand.NewPCG(1, 2)
	out := make([]float64, n)
	for i := range out {
		out[i] = bell(random)
	}
	return out
}
