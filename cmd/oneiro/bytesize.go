package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// byteSize is a number of bytes, written with a unit: 400MiB, 1.5GiB, 2GB.
type byteSize int64

// byteUnits are the units in lower case, each before those that it ends with.
var byteUnits = []struct {
	name  string
	bytes float64
}{
	{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"tib", 1 << 40},
	{"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"tb", 1e12},
	{"k", 1 << 10}, {"m", 1 << 20}, {"g", 1 << 30}, {"t", 1 << 40}, {"b", 1}, {"", 1},
}

// UnmarshalText reads an amount; empty text is 0.
func (b *byteSize) UnmarshalText(s []byte) error {
	if len(s) == 0 {
		*b = 0
		return nil
	}
	text := strings.ToLower(strings.TrimSpace(string(s)))
	for _, u := range byteUnits {
		number, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || !(v > 0) || v*u.bytes >= math.MaxInt64 {
			break
		}
		if *b = byteSize(v * u.bytes); *b == 0 {
			break // which would be no limit
		}
		return nil
	}
	return fmt.Errorf("%s is not an amount of memory", quote(text))
}

// MarshalText writes what UnmarshalText reads.
func (b byteSize) MarshalText() ([]byte, error) {
	if b == 0 {
		return nil, nil
	}
	return fmt.Appendf(nil, "%gMiB", float64(b)/(1<<20)), nil
}

// Type names the type of the text.
func (byteSize) Type() string { return "bytes" }
