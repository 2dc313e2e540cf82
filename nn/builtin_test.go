package nn

import "testing"

// The built-in network is there to be tried: a picture of 512x384 has to cost less than 25 GFLOPs.
func TestBuiltinIsCheap(t *testing.T) {
	infos, err := Builtin().Shapes(384, 512, 3)
	if err != nil {
		t.Fatal(err)
	}
	var flops float64
	for _, i := range infos {
		flops += i.FLOPs
	}
	if flops > 25e9 {
		t.Errorf("%.3g FLOPs", flops)
	}
}

func TestWithClasses(t *testing.T) {
	n := Builtin().WithClasses(3)
	infos, err := n.Shapes(64, 64, 3)
	if err != nil {
		t.Fatal(err)
	}
	if last := infos[len(infos)-1]; last.C != 3 || n.Classes != 3 || Builtin().Classes == 3 {
		t.Errorf("%d channels, %d classes", last.C, n.Classes)
	}
}
