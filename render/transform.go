package render

import (
	"math/rand/v2"

	"oneiro/autodiff"
)

// still shows the network the canvas as it is.
type still struct{}

func (still) Show(pixels *autodiff.Node) View { return stillView{pixels} }
func (still) Bytes(Size) int64                { return 0 }

type stillView struct{ pixels *autodiff.Node }

func (v stillView) Shown() *autodiff.Node                          { return v.pixels }
func (stillView) Alike(picture *autodiff.Node) *autodiff.Node      { return picture }
func (stillView) Shift() [2]int                                    { return [2]int{} }
func (stillView) Maps() []Map                                      { return nil }
func (stillView) Next(*rand.Rand, func(*autodiff.Node, []float32)) {}
func (stillView) Rest(func(input *autodiff.Node, data []float32))  {}

// roll shows the network the canvas rolled by up to jitter pixels in each direction, another way each step, so
// that no grid of the network's strides shows.
type roll struct{ jitter int }

func (r roll) Show(pixels *autodiff.Node) View {
	shift := pixels.Graph().Input("shift", autodiff.Vector(2))
	return &rollView{stillView{autodiff.Roll(pixels, shift)}, r.jitter, shift, [2]float32{}}
}

func (roll) Bytes(Size) int64 { return 0 }

type rollView struct {
	stillView
	jitter int
	shift  *autodiff.Node
	by     [2]float32 // rows, columns
}

func (v *rollView) Alike(picture *autodiff.Node) *autodiff.Node {
	return autodiff.Roll(picture, v.shift)
}

func (v *rollView) Shift() [2]int { return [2]int{int(v.by[0]), int(v.by[1])} }

func (v *rollView) Next(random *rand.Rand, write func(*autodiff.Node, []float32)) {
	for k := range v.by {
		v.by[k] = float32(random.IntN(2*v.jitter+1) - v.jitter)
	}
	write(v.shift, v.by[:])
}

func (v *rollView) Rest(write func(*autodiff.Node, []float32)) {
	v.by = [2]float32{}
	write(v.shift, v.by[:])
}
