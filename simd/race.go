//go:build race

package simd

import (
	"runtime"
	"unsafe"
)

// raceEnabled says that the race detector is on. It cannot see what assembly reads and writes, so
// the wrappers tell it.
const raceEnabled = true

func raceRead[T float32 | uint32](vs ...[]T) {
	for _, v := range vs {
		if len(v) > 0 {
			runtime.RaceReadRange(unsafe.Pointer(&v[0]), 4*len(v))
		}
	}
}

func raceWrite[T float32 | uint32](vs ...[]T) {
	for _, v := range vs {
		if len(v) > 0 {
			runtime.RaceWriteRange(unsafe.Pointer(&v[0]), 4*len(v))
		}
	}
}
