package train

import (
	"slices"
	"testing"

	"oneiro/autodiff/cpu"
	"oneiro/nn"
	"oneiro/train/motif"
	"oneiro/zoo"
)

// The built-in network recognises motifs that it has never seen, and has their names; one that was not trained
// does not.
func TestBuiltin(t *testing.T) {
	d := cpu.New(cpu.Options{})
	defer d.Close()
	accuracy := func(p nn.Params) float64 {
		s, err := Test(t.Context(), TestOptions{
			Device: d, Pool: d.Pool(), Network: nn.Builtin(), Params: p,
			Source: Motifs{Seed: 1000}, Size: 64, Pictures: 600,
		})
		if err != nil {
			t.Fatal(err)
		}
		return s.Accuracy()
	}
	if a := accuracy(zoo.BuiltinParams()); a < 0.9 {
		t.Errorf("%.1f %% recognised", 100*a)
	}
	blank, err := newParams(nn.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	blank.init(1)
	if a := accuracy(blank); a > 0.1 {
		t.Errorf("%.1f %% recognised without training", 100*a)
	}
	classes, err := zoo.BuiltinParams().Classes()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range classes {
		names = append(names, c.Names...)
	}
	if !slices.Equal(names, motif.Names()) {
		t.Errorf("the file has the classes %v, what is drawn are %v", names, motif.Names())
	}
}
