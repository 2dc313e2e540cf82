//go:build !race

package simd

const raceEnabled = false

func raceRead[T float32 | uint32](...[]T)  {}
func raceWrite[T float32 | uint32](...[]T) {}
