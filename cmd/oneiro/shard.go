package main

import (
	"fmt"
	"strconv"
	"strings"
)

// shard is one of several parts of a batch or a film; the zero shard is all of it.
type shard struct{ part, of int }

// MarshalText writes what UnmarshalText reads.
func (s shard) MarshalText() ([]byte, error) {
	if s == (shard{}) {
		return nil, nil
	}
	return fmt.Appendf(nil, "%d/%d", s.part, s.of), nil
}

// UnmarshalText reads a part: 2/5 is the second of five.
func (s *shard) UnmarshalText(text []byte) error {
	*s = shard{}
	if len(text) == 0 {
		return nil
	}
	part, of, _ := strings.Cut(string(text), "/")
	n, err1 := strconv.ParseUint(part, 10, 31)
	m, err2 := strconv.ParseUint(of, 10, 31)
	if err1 != nil || err2 != nil || n < 1 || n > m {
		return fmt.Errorf("%q is not a part", text)
	}
	s.part, s.of = int(n), int(m)
	return nil
}

// Type names the type of the text.
func (shard) Type() string { return "part such as 2/5" }

// has says whether item number i, counted from 0, is in the part.
func (s shard) has(i int) bool { return s.of == 0 || i%s.of == s.part-1 }
