package render

import (
	"testing"
	"time"
)

// TestProgress wants the process to have what a card had when it was last fetched.
func TestProgress(t *testing.T) {
	_, c := cardEngine(t, 0)
	x := []float32{1, 1, 1}
	p := newProgress(t.Context(), x, cardVectors{c}, true)
	step := func(loss float64, moved float32) {
		t.Helper()
		p.begin()
		p.x[0] = moved
		if err := p.end(loss); err != nil {
			t.Fatal(err)
		}
	}
	check := func(when string, now, best float32, loss float64) {
		t.Helper()
		if x[0] != now || p.bestCanvas[0] != best || p.bestLoss != loss {
			t.Errorf("%s: x is %v, and %v at the loss %v; want %v, and %v at %v", when, x[0], p.bestCanvas[0], p.bestLoss, now, best, loss)
		}
	}
	step(3, 5)
	check("after a step", 5, 1, 3)
	p.fetchTime = time.Hour
	step(2, 7)
	step(4, 8)
	check("after steps too fast to copy", 5, 1, 3)
	if err := p.fetch(p.before); err != nil {
		t.Fatal(err)
	}
	check("cut short", 7, 5, 2)
	if err := p.fetch(p.x); err != nil {
		t.Fatal(err)
	}
	check("at the end", 8, 5, 2)
}
