package simd

import (
	"errors"
	"slices"
	"testing"
)

func TestBestIsTheFirstAvailableAndGenericTheLast(t *testing.T) {
	tiers := Available()
	if Best() != tiers[0] {
		t.Errorf("Best is %s, the first tier %s", Best().Name, tiers[0].Name)
	}
	if last := tiers[len(tiers)-1]; last != &genericKernels {
		t.Errorf("the last tier is %s", last.Name)
	}
	for i, k := range tiers {
		if !slices.Contains(tierNames, k.Name) {
			t.Errorf("no tier should be called %q", k.Name)
		}
		for _, other := range tiers[:i] {
			if other.Name == k.Name {
				t.Errorf("two tiers called %s", k.Name)
			}
		}
	}
	tiers[0] = nil
	if Best() == nil || Available()[0] == nil {
		t.Error("the caller of Available can change it")
	}
}

func TestLookupFindsEveryAvailableTier(t *testing.T) {
	for _, k := range Available() {
		if got, err := Lookup(k.Name); got != k || err != nil {
			t.Errorf("Lookup(%q) = %v, %v", k.Name, got, err)
		}
	}
}

func TestLookupSaysWhatIsWrong(t *testing.T) {
	_, err := Lookup("mmx")
	var tier *TierError
	if !errors.As(err, &tier) || tier.Known || tier.Name != "mmx" {
		t.Fatalf("Lookup of nonsense: %#v", err)
	}
	if want := `there are no kernels called "mmx"`; err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
	for _, k := range Available() {
		if !slices.Contains(tier.Available, k.Name) {
			t.Errorf("%v does not name %s", tier.Available, k.Name)
		}
	}
	missing := 0
	for _, name := range tierNames {
		if slices.ContainsFunc(Available(), func(k *Kernels) bool { return k.Name == name }) {
			continue
		}
		missing++
		if _, err := Lookup(name); !errors.As(err, &tier) || !tier.Known {
			t.Errorf("Lookup(%q), which this machine lacks: %#v", name, err)
		}
	}
	if missing == 0 {
		t.Error("no machine has both AVX-512 and NEON")
	}
	e := &TierError{Name: "neon", Known: true, Available: []string{"avx2", "generic"}}
	if got, want := e.Error(), "this machine cannot run the neon kernels"; got != want {
		t.Errorf("error %q, want %q", got, want)
	}
	if got, want := e.Hint(), "available here: avx2, generic"; got != want {
		t.Errorf("hint %q, want %q", got, want)
	}
}
