package render

import (
	"slices"
	"testing"

	"oneiro/internal/option"
	"oneiro/nn"
)

// TestSteps checks how many steps there are at each size, by the schedule and in a run.
func TestSteps(t *testing.T) {
	for _, c := range []struct {
		init       Init
		iterations int
		coarse     []int
		want       []int
	}{
		{InitContent, 120, nil, []int{50, 50, 120}},
		{InitContent, 20, nil, []int{20, 20, 20}},
		{InitRandom, 120, nil, []int{120, 120, 120}},
		{InitContent, 120, []int{40}, []int{40, 40, 120}},
		{InitRandom, 7, []int{100, 60}, []int{100, 60, 7}},
		{InitContent, 7, []int{5, 4, 3, 2}, []int{5, 4, 7}},
	} {
		o := DefaultStyle(nn.Builtin())
		o.Init, o.Iterations, o.CoarseIterations = c.init, c.iterations, c.coarse
		var got []int
		for i := range c.want {
			got = append(got, o.steps(i, len(c.want)))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: %d steps", c, got)
		}
	}
	o := tinyStyle()
	o.Iterations, o.CoarseIterations = 4, []int{2}
	steps := map[int]int{}
	o.On = func(e Event) {
		if e.Kind == EventStep {
			steps[e.W]++
			if e.Steps != 6 {
				t.Errorf("step %d of %d", e.Step, e.Steps)
			}
		}
	}
	if r := mustStyle(t, o); r.Steps != 6 || steps[32] != 2 || steps[64] != 4 {
		t.Errorf("%d steps, by width: %v", r.Steps, steps)
	}
}

// TestUntilChangeByDefault checks which runs end when the loss hardly falls any more, unless told.
func TestUntilChangeByDefault(t *testing.T) {
	net := nn.Builtin()
	for _, c := range []struct {
		values option.Values
		want   float64
	}{
		{nil, styleUntilChange},
		{option.Values{"optimizer": "lbfgs-wolfe"}, styleUntilChange},
		{option.Values{"optimizer": "adam"}, 0},
		{option.Values{"optimizer": "adam", "until-change": "0.01"}, 0.01},
		{option.Values{"canvas": "head"}, 0},
		{option.Values{"canvas": "fourier"}, 0},
		{option.Values{"method": "nnst"}, 0},
		{option.Values{"compat": "neural-style-pt"}, 0},
		{option.Values{"until-change": "0"}, 0},
	} {
		o, err := StyleFrom(net, c.values, numbered)
		if err != nil || o.UntilChange != c.want {
			t.Errorf("%v: until-change is %v, want %v (%v)", c.values, o.UntilChange, c.want, err)
		}
		again, err := StyleFrom(net, StyleRecipe(net, o).Options, numbered)
		if err != nil || again.UntilChange != c.want {
			t.Errorf("%v: from its recipe until-change is %v, want %v (%v)", c.values, again.UntilChange, c.want, err)
		}
	}
	if o, err := TextureFrom(net, nil); err != nil || o.UntilChange != 0 {
		t.Errorf("texture: until-change is %v, want 0 (%v)", o.UntilChange, err)
	}
}
