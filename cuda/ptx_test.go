//go:build cuda

package cuda

import (
	"debug/elf"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// entries returns the kernels in PTX, without oneiro_.
func entries(ptx []byte) []string {
	var names []string
	for _, m := range regexp.MustCompile(`\.entry oneiro_(\w+)`).FindAllSubmatch(ptx, -1) {
		names = append(names, string(m[1]))
	}
	slices.Sort(names)
	return names
}

// TestKernelsAreWhatTheirSourceSays compares PTX with the kernels that a C++ compiler makes of the same
// source: all are there, and none that is not; the stand-in refuses those whose parameters differ.
func TestKernelsAreWhatTheirSourceSays(t *testing.T) {
	onStandin(t)
	library, err := elf.Open(os.Getenv(libraryVariable))
	if err != nil {
		t.Fatal(err)
	}
	defer library.Close()
	symbols, err := library.DynamicSymbols()
	if err != nil {
		t.Fatal(err)
	}
	var source []string
	for _, s := range symbols {
		if name, ok := strings.CutPrefix(s.Name, "oneiro_"); ok {
			source = append(source, name)
		}
	}
	slices.Sort(source)
	if len(source) == 0 {
		t.Fatal("the stand-in has no kernels")
	}
	new, old := entries(sm80), entries(sm50)
	if !slices.Equal(new, source) {
		t.Errorf("sm80.ptx has the kernels %v, their source has %v: go generate ./cuda", new, source)
	}
	for _, name := range old {
		if !slices.Contains(source, name) {
			t.Errorf("sm50.ptx has the kernel %s, which has no source: go generate ./cuda", name)
		}
	}
	for major, kernels := range map[string][]string{"5": old, "8": new} {
		t.Setenv("SIMT_MAJOR", major)
		d := open(t)
		for _, name := range kernels {
			if err := d.do(func() error { _, err := d.driver.function(d.module, name); return err }); err != nil {
				t.Errorf("sm_%s0: %v", major, err)
			}
		}
	}
}

// TestNewPTXOnAnOldCard is refused, as by a driver.
func TestNewPTXOnAnOldCard(t *testing.T) {
	onStandin(t)
	t.Setenv("SIMT_MAJOR", "5")
	d := open(t)
	err := d.do(func() error { _, err := d.driver.load(sm80); return err })
	const noBinaryForGPU = 209
	if code(t, err) != noBinaryForGPU {
		t.Errorf("the error is %v", err)
	}
}
