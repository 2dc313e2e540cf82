package render

import (
	"fmt"

	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/internal/region"
)

// MaskOptions say where a picture is changed.
type MaskOptions struct {
	// Mask says that there is a mask: PictureGiven. On a command line it is the path.
	Mask string
	// MaskFeather is the width within which the change begins at edges of the mask, or of the regions that
	// dream if others do not, in per cent of the longer side.
	MaskFeather float64

	// Where is the mask; nil is for everywhere.
	Where *region.Mask
}

// MaskTable has the options of MaskOptions.
var MaskTable = option.Table{
	{Name: "mask", Field: "Mask", Unit: "picture",
		Help: "picture that is white where to change the picture, and black where it stays as it is", Default: "everywhere",
		Names: option.File, Changes: option.Result | option.Memory},
	{Name: "mask-feather", Field: "MaskFeather", Unit: "percent",
		Help:  "width within which the change begins at edges of the mask or of regions, in per cent of the longer side",
		Range: option.Between(0, 50), Changes: option.Result},
}.In("Mask")

// checkMask adds what is wrong with the mask.
func (o *MaskOptions) checkMask(m *mistakes) {
	switch {
	case o.Mask != "" && o.Where == nil:
		m.add("mask", "give a picture", "has no picture")
	case o.Where != nil && o.meanMask() == 0:
		m.add("mask", "paint white where to change the picture", "is black, so that nothing would change")
	}
}

// meanMask returns how much of a picture may change, 0 to 1.
func (o *MaskOptions) meanMask() float64 { return masks{[]*region.Mask{o.Where}, o.MaskFeather}.mean() }

// masks say where a picture may change: where all of them do. None is for everywhere.
type masks struct {
	all     []*region.Mask
	feather float64 // as MaskOptions.MaskFeather
}

// at returns how much each pixel may change, 0 to 1.
func (m masks) at(size Size) []float32 {
	values := m.all[0].At(size.W, size.H, m.feather/100)
	for _, more := range m.all[1:] {
		for i, v := range more.At(size.W, size.H, m.feather/100) {
			values[i] *= v
		}
	}
	return values
}

// mean returns how much of a picture may change, 0 to 1.
func (m masks) mean() float64 {
	first := m.all[0]
	size := rounding(imageio.FitSize).scaled(Size{first.W, first.H}, min(max(first.W, first.H), 512))
	var sum float64
	for _, v := range m.at(size) {
		sum += float64(v)
	}
	return sum / float64(size.W*size.H)
}

// bytes returns the memory of the masks.
func (m masks) bytes() (sum int64) {
	for _, one := range m.all {
		sum += one.Bytes()
	}
	return sum
}

// maskNotes says what should be known of the mask before a run.
func (o *MaskOptions) maskNotes(of *Picture) []string {
	if o.Where == nil || sameShape(Size{o.Where.W, o.Where.H}, sizeOf(of)) {
		return nil
	}
	return []string{fmt.Sprintf(
		"the mask has the shape of %dx%d pixels, and the picture %dx%d: it is squeezed into that shape",
		o.Where.W, o.Where.H, of.W, of.H)}
}

// masked is a canvas of pixels that change as much as masks say.
type masked struct {
	pixels
	masks masks
}

// Maps returns the map that does so.
func (c masked) Maps(s Stage) []Map { return []Map{slowed(c.masks.at(s.Size))} }

// Bytes counts the masks with what they are made from, and a gradient.
func (c masked) Bytes(s Stage) int64 {
	return int64(3+len(c.masks.all)+3) * 4 * int64(s.Size.W) * int64(s.Size.H)
}

// slowed leaves pixels as they are, and multiplies their gradients. As a map it has not the gradient that
// belongs to it: steps in its direction are shorter where it is small.
type slowed []float32

func (slowed) Forward(x []float32) []float32 { return x }

func (m slowed) Backward(dy, dx []float32) {
	for i, v := range m {
		for c := 3 * i; c < 3*i+3; c++ {
			dx[c] = v * dy[c]
		}
	}
}
