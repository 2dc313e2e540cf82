package nn

import (
	"errors"
	"testing"

	"oneiro/autodiff"
)

// counting gives parameters that are all their own number, or fails at one.
type counting struct{ n, failAt int }

func (c *counting) Tensor(_ string, shape ...int) ([]float32, error) {
	if c.n++; c.n == c.failAt {
		return nil, errors.New("enough")
	}
	values := make([]float32, TensorSpec{Shape: shape}.Len())
	for i := range values {
		values[i] = float32(c.n)
	}
	return values, nil
}

// TestReadAfterBuild reads parameters after a graph was built with them: its constants have the values.
func TestReadAfterBuild(t *testing.T) {
	net, err := VGG11().Cut("relu2_1")
	if err != nil {
		t.Fatal(err)
	}
	m, err := Abstract(net)
	if err != nil {
		t.Fatal(err)
	}
	out := m.Build(autodiff.NewGraph().Input("x", autodiff.Shape{N: 1, H: 16, W: 16, C: 3}), UnitRange)["relu2_1"]
	specs, err := net.Tensors()
	if err != nil {
		t.Fatal(err)
	}
	var bytes int64
	for _, s := range specs {
		bytes += 4 * s.Len()
	}
	if m.Bytes() != bytes {
		t.Errorf("the parameters take %d bytes, want %d", m.Bytes(), bytes)
	}
	if err := m.Read(&counting{}); err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, c := range autodiff.Compile(autodiff.TileFuser, out).Consts {
		for i, s := range specs {
			if tensor := c.Tensor(); tensor.Name == s.Name {
				found++
				if int64(len(tensor.Data)) != s.Len() || tensor.Data[0] != float32(i+1) {
					t.Errorf("%s has %d numbers, the first of which is %v", s.Name, len(tensor.Data), tensor.Data[0])
				}
			}
		}
	}
	if found != len(specs) {
		t.Errorf("the graph has %d of %d parameters", found, len(specs))
	}
	if err := m.Read(&counting{failAt: 2}); err == nil {
		t.Error("a parameter that cannot be read is no error")
	}
}
