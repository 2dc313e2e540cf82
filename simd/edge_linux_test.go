package simd

import (
	"fmt"
	"runtime/debug"
	"syscall"
	"testing"
	"unsafe"
)

// fence is memory between two pages that fault when touched. Guards cannot see a kernel that reads
// too far and drops what it read.
type fence struct{ memory []byte }

const fenceFloats = 64 << 10

func newFence(t *testing.T) fence {
	page := syscall.Getpagesize()
	memory, err := syscall.Mmap(-1, 0, 4*fenceFloats+2*page, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Munmap(memory) })
	for _, edge := range [][]byte{memory[:page], memory[len(memory)-page:]} {
		if err := syscall.Mprotect(edge, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	return fence{memory[page : len(memory)-page]}
}

// floats returns n floats at the start or the end of the memory.
func (f fence) floats(n int, atEnd bool) []float32 {
	all := unsafe.Slice((*float32)(unsafe.Pointer(&f.memory[0])), fenceFloats)
	if atEnd {
		return all[fenceFloats-n:]
	}
	return all[:n:n]
}

func TestNoKernelTouchesMemoryBeyondItsVectors(t *testing.T) {
	var lengths []int
	for n := 1; n < 140; n++ {
		lengths = append(lengths, n)
	}
	for _, wide := range wideTiles {
		for n := wide; n < wide+17; n++ {
			lengths = append(lengths, n)
		}
	}
	var fences []fence
	for range 12 {
		fences = append(fences, newFence(t))
	}
	for _, k := range Available() {
		for name, c := range calls {
			for _, n := range lengths {
				for _, atEnd := range []bool{false, true} {
					used := 0
					run := c(k, n, func(n int) []float32 {
						used++
						return fences[used-1].floats(n, atEnd)
					})
					if err := faults(run); err != nil {
						t.Fatalf("%s.%s of %d floats, at the end %v: %v", k.Name, name, n, atEnd, err)
					}
				}
			}
		}
	}
}

func faults(f func()) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	f()
	return nil
}
