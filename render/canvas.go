package render

import (
	"oneiro/autodiff/optim"
	"oneiro/nn"
)

// pixels is the canvas that holds the pixel values themselves: in 0..1, or centred on the mean colour of
// the network as neural-style's (nn.Preprocess.ValueRange).
type pixels struct{ centred bool }

func (p pixels) Range(net *nn.Network) nn.ValueRange {
	if p.centred {
		return net.Input.ValueRange()
	}
	return nn.UnitRange
}

func (pixels) Len(size Size) int { return 3 * size.W * size.H }
func (pixels) Maps(Stage) []Map  { return nil }
func (pixels) Bytes(Size) int64  { return 0 }

// chain evaluates an objective through maps, the first of which reads the canvas.
type chain struct {
	maps      []Map
	gradients [][]float32 // with respect to the result of each map
	evaluate  optim.Evaluate
}

func newChain(maps []Map, n int, evaluate optim.Evaluate) *chain {
	c := &chain{maps: maps, evaluate: evaluate}
	for range maps {
		c.gradients = append(c.gradients, make([]float32, n))
	}
	return c
}

// step is an optim.Evaluate.
func (c *chain) step(x, dx []float32) (float64, error) {
	for _, m := range c.maps {
		x = m.Forward(x)
	}
	last := len(c.maps) - 1
	value, err := c.evaluate(x, c.gradients[last])
	for i := last; i > 0; i-- {
		c.maps[i].Backward(c.gradients[i], c.gradients[i-1])
	}
	c.maps[0].Backward(c.gradients[0], dx)
	return value, err
}
