//go:build !amd64 && !arm64

package simd

func machineTiers() []*Kernels { return nil }
