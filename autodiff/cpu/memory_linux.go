package cpu

import "golang.org/x/sys/unix"

// adviseHuge asks for large pages. Without them everything works as well, only slower.
func adviseHuge(mem []byte) { _ = unix.Madvise(mem, unix.MADV_HUGEPAGE) }
