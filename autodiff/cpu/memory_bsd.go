//go:build unix && !linux

package cpu

func adviseHuge([]byte) {} // systems that choose the size of pages themselves
