package render

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"oneiro/internal/imageio"
	"oneiro/nn"
)

// Size is the size of a picture in pixels.
type Size struct{ W, H int }

func (s Size) longer() int { return max(s.W, s.H) }

// values returns how many numbers a picture has.
func (s Size) values() int { return 3 * s.W * s.H }

func (s Size) String() string { return fmt.Sprintf("%dx%d", s.W, s.H) }

// MarshalText returns the size as 640x480.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes, or one number for a square.
func (s *Size) UnmarshalText(text []byte) error {
	w, h, ok := strings.Cut(string(text), "x")
	if !ok {
		h = w
	}
	var errs [2]error
	s.W, errs[0] = strconv.Atoi(w)
	s.H, errs[1] = strconv.Atoi(h)
	if errs != [2]error{} || min(s.W, s.H) < 1 || s.longer() > MaxSize {
		return fmt.Errorf("a size is like 640x480, with up to %d pixels a side", MaxSize)
	}
	return nil
}

// Type names what UnmarshalText reads.
func (Size) Type() string { return "size such as 640x480" }

// sizeOf returns the size of a picture.
func sizeOf(im *Picture) Size { return Size{im.W, im.H} }

// rounding returns the size of a picture scaled so that its longer side has a number of pixels.
type rounding func(w, h, longer int) (w2, h2 int)

// scaled returns a size with its longer side scaled to a number of pixels; 0 leaves it alone.
func (r rounding) scaled(s Size, longer int) Size {
	if longer == 0 {
		return s
	}
	w, h := r(s.W, s.H, longer)
	return Size{w, h}
}

// smallestSide is the longer side below which the coarse sizes of a schedule contribute nothing.
const smallestSide = 128

// scales returns the sizes of style transfer from coarse to fine, ending with full: count of them, or for 0 as
// many as have a longer side of at least smallest, each half as large as the next. Sizes that the network
// cannot see are left out.
func scales(full Size, count, smallest int, round rounding, fits func(Size) bool) []Size {
	sizes := []Size{full}
	for k := 1; count == 0 || k < count; k++ {
		side := full.longer() >> k
		if count == 0 && side < smallest || side == 0 {
			break
		}
		size := round.scaled(full, side)
		if !fits(size) {
			break
		}
		sizes = append([]Size{size}, sizes...)
	}
	return sizes
}

// octaves returns the sizes of a dream from coarse to fine, ending with full: each a factor smaller than the
// next, rounded. There are count of them, or for 0 as many as have sides of at least smallest, and not fewer
// than fewestOctaves. Sizes that the network cannot see are left out.
func octaves(full Size, count, smallest int, factor float64, fits func(Size) bool) []Size {
	sizes := []Size{full}
	for k := 1; count == 0 || k < count; k++ {
		f := math.Pow(factor, -float64(k))
		s := Size{int(math.Round(float64(full.W) * f)), int(math.Round(float64(full.H) * f))}
		if count == 0 && k >= fewestOctaves && min(s.W, s.H) < smallest {
			break
		}
		if min(s.W, s.H) < 1 || s == sizes[0] || !fits(s) {
			break
		}
		sizes = append([]Size{s}, sizes...)
	}
	return sizes
}

// fits reports whether a network can be computed on a picture of a size. One without layers always can.
func fits(net *nn.Network) func(Size) bool {
	return func(s Size) bool {
		if len(net.Layers) == 0 {
			return true
		}
		_, err := net.Shapes(s.H, s.W, 3)
		return err == nil
	}
}

// finish returns the picture of full size that the pixel values of a stage are, with the transparency and the
// depth of the picture that it was made from. The values are of a picture on white, as resampled makes it.
// Beside them and the picture there is no copy. after is done to it while it is on white.
func finish(s Stage, x []float32, full Size, from *Picture, after ...func(*Picture)) *Picture {
	im := s.shown(x, imageio.View{W: full.W, H: full.H})
	for _, do := range after {
		do(im)
	}
	if opacity := from.OpacityAt(full.W, full.H); opacity != nil {
		im.OffWhite(opacity)
	}
	im.Depth = from.Depth
	return im
}

// shown returns a view of the opaque picture that the pixel values of a stage are.
func (s *Stage) shown(x []float32, v imageio.View) *Picture {
	row := func(y int, pix []float32) {
		for i, v := range x[3*s.Size.W*y:][:3*s.Size.W] {
			pix[i] = min(max(s.Range.Colour(i%3, v), 0), 1)
		}
		s.room.release(x[3*s.Size.W*y:][:3*s.Size.W])
	}
	return imageio.ShowRows(s.Size.W, s.Size.H, row, v, imageio.Bicubic)
}
