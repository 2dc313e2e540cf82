package optim

import (
	"bytes"
	"os"
	"strconv"
	"testing"
)

// TestScratchLeavesMemory wants what operations are done with out of the process's memory.
func TestScratchLeavesMemory(t *testing.T) {
	const n, count = 4 << 20, 8 // 128 MB
	s := scratch(t, count*(4*n+scratchAlign))
	b := s.Backend(nil, nil)
	before := resident(t)
	var all [][]float32
	for range count {
		v := b.Vector(n)
		b.Axpy(v, v, 1)
		all = append(all, v)
	}
	for _, v := range all[1:] {
		b.Sub(v, v, all[0])
	}
	if grown := resident(t) - before; grown > 16<<20 {
		t.Errorf("%d MB of %d are in memory", grown>>20, s.Bytes()>>20)
	}
}

// resident returns the memory of files that the process has mapped and that is in its memory, in bytes.
func resident(t *testing.T) int64 {
	t.Helper()
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.ParseInt(string(bytes.Fields(data)[2]), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}
