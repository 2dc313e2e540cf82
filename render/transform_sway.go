package render

import (
	"math/rand/v2"
	"slices"

	"oneiro/autodiff"
)

// swayed shows the network the canvas turned and zoomed a little, and then rolled, another way each step.
type swayed struct {
	roll
	warp warp
}

func (t swayed) Show(pixels *autodiff.Node) View {
	return &swayedView{t.roll.Show(pixels), t.warp.Show(pixels)}
}

func (t swayed) Bytes(s Size) int64 { return t.roll.Bytes(s) + t.warp.Bytes(s) }

// swayedView is the view of a roll, which is in the graph, of what a warp, which is not, shows.
type swayedView struct {
	View
	warp View
}

func (v *swayedView) Maps() []Map { return slices.Concat(v.warp.Maps(), v.View.Maps()) }

func (v *swayedView) Next(random *rand.Rand, write func(*autodiff.Node, []float32)) {
	v.warp.Next(random, write)
	v.View.Next(random, write)
}
