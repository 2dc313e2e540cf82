//go:build !unix && !windows

package atomicfile

var reasons []reason
