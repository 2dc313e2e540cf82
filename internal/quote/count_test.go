package quote

import "testing"

func TestCount(t *testing.T) {
	for _, c := range []struct {
		n           int
		thing, want string
	}{{1, "step", "1 step"}, {0, "step", "0 steps"}, {2, "style picture", "2 style pictures"}, {1, "class", "1 class"},
		{3, "class", "3 classes"}} {
		if got := Count(c.n, c.thing); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
