package render

import (
	"math/rand/v2"

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

func (pixels) Len(s Stage) int   { return s.Size.values() }
func (pixels) Maps(Stage) []Map  { return nil }
func (pixels) Bytes(Stage) int64 { return 0 }

// encoding is a canvas that holds any picture in other numbers than its pixel values.
type encoding interface {
	Canvas
	// of returns the numbers of a picture with values in 0..1, and picture the values that numbers stand for.
	of(size Size, picture []float32) []float32
	picture(size Size, x []float32) []float32
}

// onCanvas is a schedule of pictures, which start as other numbers.
type onCanvas struct {
	Schedule
	canvas encoding
}

// canvases counts the numbers before and their picture, and the picture, twice, and the numbers of the stage.
func (onCanvas) canvases(int) int64 { return 6 }

func (o onCanvas) Start(s Stage, before []float32, last Size, random *rand.Rand) []float32 {
	if before != nil {
		before = o.canvas.picture(last, before)
	}
	return o.canvas.of(s.Size, o.Schedule.Start(s, before, last, random))
}

// chain evaluates an objective through maps, the first of which reads the canvas.
type chain struct {
	maps      []Map
	gradients [][]float32 // with respect to the result of each map; made in the first step
	evaluate  optim.Evaluate
}

func newChain(maps []Map, evaluate optim.Evaluate) *chain {
	return &chain{maps, make([][]float32, len(maps)), evaluate}
}

// step is an optim.Evaluate.
func (c *chain) step(x, dx []float32) (float64, error) {
	for i, m := range c.maps {
		x = m.Forward(x)
		if c.gradients[i] == nil {
			c.gradients[i] = make([]float32, len(x))
		}
	}
	if err := c.err(); err != nil {
		return 0, err
	}
	last := len(c.maps) - 1
	value, err := c.evaluate(x, c.gradients[last])
	if err != nil {
		return value, err
	}
	for i := last; i > 0; i-- {
		c.maps[i].Backward(c.gradients[i], c.gradients[i-1])
	}
	c.maps[0].Backward(c.gradients[0], dx)
	return value, c.err()
}

// err returns why a painter has failed.
func (c *chain) err() error {
	if p, ok := c.maps[0].(*painter); ok {
		return p.err
	}
	return nil
}
