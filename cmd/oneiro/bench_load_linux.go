package main

import (
	"os"
	"strconv"
	"strings"
)

// load returns the system's load: how many threads ran or waited to, on average over the last minute. It is 0
// where the system does not say.
func load() float64 {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	one, _, _ := strings.Cut(string(data), " ")
	v, _ := strconv.ParseFloat(one, 64)
	return v
}

// clock returns the fastest processor's clock at the moment in MHz, or 0 where the system does not say.
func clock() float64 {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return 0
	}
	fastest := 0.0
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(line, ":")
		if strings.TrimSpace(name) == "cpu MHz" {
			v, _ := strconv.ParseFloat(strings.TrimSpace(value), 64)
			fastest = max(fastest, v)
		}
	}
	return fastest
}
