package main

import (
	"math"
	"strings"
	"testing"
	"time"

	"oneiro/render"
)

// TestEventOrder checks that terms keep their order and that no number breaks the line.
func TestEventOrder(t *testing.T) {
	var out strings.Builder
	e := newStepEvent(render.Event{
		Step: 3, Steps: 9, W: 4, H: 5, Loss: math.NaN(),
		Terms: []render.TermValue{{Name: "style/relu2", Value: math.Inf(1)}, {Name: `content/"a"`, Value: 0.5}},
	}, 1500*time.Millisecond, 1<<20)
	if err := writeLine(&out, e); err != nil {
		t.Fatal(err)
	}
	want := `{"event":"step","step":3,"steps":9,"width":4,"height":5,"loss":null,"terms":{"style/relu2":null,"content/\"a\"":0.5},"seconds":0,"left_seconds":1.5,` +
		`"peak_bytes":1048576}` + "\n"
	if out.String() != want {
		t.Errorf("got  %swant %s", out.String(), want)
	}
}
