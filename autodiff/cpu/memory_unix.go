//go:build unix

package cpu

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mapFloats returns n zeroed floats outside the garbage collected heap, so that they go back to the
// system as soon as they are not needed and the collector's pacing does not double them.
func mapFloats(n int) ([]byte, []float32, error) {
	if n == 0 {
		return nil, nil, nil
	}
	mem, err := unix.Mmap(-1, 0, 4*n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return nil, nil, fmt.Errorf("the system has no %d MiB of memory to spare: %w", 4*n>>20, err)
	}
	return mem, unsafe.Slice((*float32)(unsafe.Pointer(&mem[0])), n), nil
}

func unmap(mem []byte) error {
	if mem == nil {
		return nil
	}
	return unix.Munmap(mem)
}
