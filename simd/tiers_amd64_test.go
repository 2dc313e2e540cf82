package simd

import (
	"slices"
	"testing"

	"golang.org/x/sys/cpu"
)

// Another reader of the processor's flags says which tiers must be there, so that a tier that is not
// chosen, and hence not tested, is a failure.
func TestTiersAreThoseOfTheProcessor(t *testing.T) {
	want := []string{"generic"}
	x := &cpu.X86
	avx2 := x.HasAVX2 && x.HasFMA && x.HasBMI2
	if avx2 {
		want = slices.Insert(want, 0, "avx2")
	}
	if avx2 && x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512BW && x.HasAVX512VL {
		want = slices.Insert(want, 0, "avx512")
	}
	var got []string
	for _, k := range Available() {
		got = append(got, k.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("tiers %v, want %v", got, want)
	}
}
