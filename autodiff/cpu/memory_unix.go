//go:build unix

package cpu

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is the size of a large page, at a multiple of which memory begins.
const hugePage = 2 << 20

// mapFloats returns n zeroed floats outside the garbage collected heap, so that they go back to the
// system as soon as they are not needed and the collector's pacing does not double them. They lie in
// large pages if the system has them: transforms write dozens of streams at a time, each to a page of
// its own, more pages than a processor caches the addresses of.
func mapFloats(n int) ([]byte, []float32, error) {
	if n == 0 {
		return nil, nil, nil
	}
	mem, err := unix.Mmap(-1, 0, 4*n+hugePage, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return nil, nil, fmt.Errorf("the system has no %d MiB of memory to spare: %w", 4*n>>20, err)
	}
	skip := -uintptr(unsafe.Pointer(&mem[0])) % hugePage
	usable := mem[skip:][:4*n]
	adviseHuge(usable)
	return mem, unsafe.Slice((*float32)(unsafe.Pointer(&usable[0])), n), nil
}

func unmap(mem []byte) error {
	if mem == nil {
		return nil
	}
	return unix.Munmap(mem)
}
