//go:build unix && !linux

package cpu

func adviseHuge([]byte) {} // these systems choose the size of pages themselves
