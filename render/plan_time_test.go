package render

import (
	"context"
	"errors"
	"testing"
	"time"
)

// TestTimes checks what the times of a run follow from: every stage has one, larger ones take longer, and
// where nothing is known there are none. How exact they are is no matter for a test.
func TestTimes(t *testing.T) {
	e, err := NewEngine(EngineOptions{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	s := tinyStyle()
	s.Size, s.Scales, s.Iterations = 64, 2, 50
	job, err := New(Style(s.StyleOptions), s.Network, nil) // which has no parameters
	if err != nil {
		t.Fatal(err)
	}
	times, err := job.Times(t.Context(), e)
	if err != nil || len(times) != 2 || !(0 < times[0] && 2*times[0] < times[1] && times[1] < time.Hour) {
		t.Errorf("%v, %v", times, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := job.Times(ctx, e); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled, and %v", err)
	}
	s.StyleWeight, s.ContentWeight, s.SSIMWeight = 0, 0, 1
	if job, err = New(Style(s.StyleOptions), s.Network, nil); err != nil {
		t.Fatal(err)
	}
	if times, err := job.Times(t.Context(), e); times != nil || err != nil {
		t.Errorf("without a network: %v, %v", times, err)
	}
}
