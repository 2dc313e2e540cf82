package main

import (
	"fmt"
	"strings"
	"time"
)

// interval is the time from one checkpoint to the next: 90s, 5m, 1h30m, or off.
type interval time.Duration

// never stands for no checkpoints.
const never interval = -1

const neverText = "off"

// UnmarshalText reads what MarshalText writes.
func (i *interval) UnmarshalText(text []byte) error {
	if string(text) == neverText {
		*i = never
		return nil
	}
	d, err := time.ParseDuration(string(text))
	if err == nil && d < 0 {
		err = fmt.Errorf("%v is less than no time", d)
	}
	*i = interval(d)
	return err
}

// MarshalText returns the interval without units that say nothing: 5m.
func (i interval) MarshalText() ([]byte, error) {
	if i == never {
		return []byte(neverText), nil
	}
	text := time.Duration(i).String()
	if short, ok := strings.CutSuffix(text, "m0s"); ok {
		text = short + "m"
	}
	if short, ok := strings.CutSuffix(text, "h0m"); ok {
		text = short + "h"
	}
	return []byte(text), nil
}

// Type names what UnmarshalText reads.
func (interval) Type() string { return "time such as 90s or 5m, or off" }
