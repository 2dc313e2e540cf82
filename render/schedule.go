package render

import (
	"fmt"
	"math"

	"oneiro/internal/imageio"
	"oneiro/nn"
)

// extent is the size of a picture.
type extent struct{ w, h int }

// smallestSide is the longer side below which coarse sizes of a schedule say nothing.
const smallestSide = 128

// scales returns the sizes of style transfer from coarse to fine, ending with full: count of them
// (or, for 0, as many as stay above 128 pixels), each half as large as the next. Sizes that the
// network cannot see are left out.
func scales(full extent, count int, sees func(extent) bool) []extent {
	longer := max(full.w, full.h)
	sizes := []extent{full}
	for k := 1; count == 0 || k < count; k++ {
		side := longer >> k
		if count == 0 && side < smallestSide || side == 0 {
			break
		}
		w, h := imageio.FitSize(full.w, full.h, side)
		if !sees(extent{w, h}) {
			break
		}
		sizes = append([]extent{{w, h}}, sizes...)
	}
	return sizes
}

// octaves returns the sizes of a dream from coarse to fine, ending with full: each a factor smaller
// than the next, rounded. Sizes that the network cannot see are left out.
func octaves(full extent, count int, factor float64, sees func(extent) bool) []extent {
	sizes := []extent{full}
	for k := 1; k < count; k++ {
		f := math.Pow(factor, -float64(k))
		e := extent{int(math.Round(float64(full.w) * f)), int(math.Round(float64(full.h) * f))}
		if min(e.w, e.h) < 1 || e == sizes[0] || !sees(e) {
			break
		}
		sizes = append([]extent{e}, sizes...)
	}
	return sizes
}

// sees returns whether a network can be computed on a picture of a size.
func sees(net *nn.Network) func(extent) bool {
	return func(e extent) bool {
		_, err := net.Shapes(e.h, e.w, 3)
		return err == nil
	}
}

// MemoryError reports a run that needs more memory than it may take or the machine has.
type MemoryError struct {
	Need, Have int64 // bytes
	Card       bool  // it is a card's memory
	Budget     bool  // Have is Engine.Memory, and Need the least that would do
	W, H       int   // of the canvas that needs it
}

func (e *MemoryError) Error() string {
	s := fmt.Sprintf("%dx%d pixels need %d MiB of memory, and ", e.W, e.H, mebibytes(e.Need))
	if e.Budget {
		return s + fmt.Sprintf("only %d MiB are allowed", e.Have>>20)
	}
	if e.Card {
		return s + fmt.Sprintf("the card has %d MiB", e.Have>>20)
	}
	return s + fmt.Sprintf("the machine has %d MiB", e.Have>>20)
}

// Hint says how to need less.
func (e *MemoryError) Hint() string {
	less := "choose a smaller --size, or with L-BFGS a shorter --history"
	if e.Budget {
		return fmt.Sprintf("--memory %dMiB is the least that will do; else %s", mebibytes(e.Need), less)
	}
	if e.Card {
		return less + ", or --device cpu"
	}
	return less
}

func mebibytes(n int64) int64 { return (n + 1<<20 - 1) >> 20 }
