//go:build !unix

package studio

func await(int) {}
