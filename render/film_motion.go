package render

import (
	"io"
	"slices"

	"oneiro/flow"
	"oneiro/internal/parallel"
)

// Frames are pictures of a film by their numbers, from 0. The error is io.EOF after the last one.
type Frames interface {
	Frame(i int) (*Picture, error)
}

// Reversed returns n frames in the opposite order.
func Reversed(frames Frames, n int) Frames { return reversed{frames, n} }

type reversed struct {
	Frames
	n int
}

func (r reversed) Frame(i int) (*Picture, error) {
	if i >= r.n {
		return nil, io.EOF
	}
	return r.Frames.Frame(r.n - 1 - i)
}

// footage is a clip at the size of a film, and how things move in it. It keeps the frames that are nearest to
// the one it was asked for last.
type footage struct {
	frames    Frames
	size      Size
	pool      *parallel.Pool
	estimator *flow.Estimator
	kept      []*sourceFrame
	most      int
	spare     []*flow.Frame
}

// sourceFrame is a frame of a clip.
type sourceFrame struct {
	number int
	*Picture
	luma    []float32
	pyramid *flow.Frame
}

// newFootage returns a clip of which the last frames are kept.
func newFootage(frames Frames, size Size, preset flow.Preset, keep int, pool *parallel.Pool) *footage {
	return &footage{
		frames: frames, size: size, pool: pool, estimator: flow.New(size.W, size.H, preset, pool), most: keep,
	}
}

// at returns a frame. The error is that of Frames.
func (f *footage) at(number int) (*sourceFrame, error) {
	if i := slices.IndexFunc(f.kept, func(s *sourceFrame) bool { return s.number == number }); i >= 0 {
		return f.kept[i], nil
	}
	im, err := f.frames.Frame(number)
	if err != nil {
		return nil, err
	}
	s := &sourceFrame{number: number, Picture: im.OwnAt(f.size.W, f.size.H).OnWhite(),
		luma: make([]float32, f.size.W*f.size.H)}
	if len(f.kept) == f.most {
		far := 0
		for i, k := range f.kept {
			if away(k.number, number) > away(f.kept[far].number, number) {
				far = i
			}
		}
		f.spare = append(f.spare, f.kept[far].pyramid)
		f.kept = slices.Delete(f.kept, far, far+1)
	}
	if n := len(f.spare); n > 0 {
		s.pyramid, f.spare = f.spare[n-1], f.spare[:n-1]
	} else {
		s.pyramid = f.estimator.NewFrame()
	}
	flow.Luma(s.luma, s.Pix)
	f.estimator.Set(s.pyramid, s.luma)
	f.kept = append(f.kept, s)
	return s, nil
}

func away(a, b int) int { return max(a-b, b-a) }

// motion is how things move between two frames of a clip.
type motion struct {
	field *flow.Field // from the first to the second
	// reliable and visible are how far each pixel of the first can be relied on, and is in the second, 0..1.
	// They differ at the boundaries of things that move.
	reliable, visible []float32
	cut               bool // something else begins between the two
}

// between returns how things move from one frame to another.
func (f *footage) between(from, to *sourceFrame) *motion {
	w, h := f.size.W, f.size.H
	m := &motion{field: flow.NewField(w, h), reliable: make([]float32, w*h), visible: make([]float32, w*h)}
	back := flow.NewField(w, h)
	f.estimator.Estimate(m.field, from.pyramid, to.pyramid)
	f.estimator.Estimate(back, to.pyramid, from.pyramid)
	flow.Reliability(m.reliable, m.field, back, f.pool)
	flow.Occlusion(m.visible, m.field, back, f.pool)
	for i, v := range m.visible {
		m.visible[i] = min(max(1.5-v, 0), 1)
	}
	m.cut = flow.ChangeOf(from.luma, to.luma, w, h, m.reliable).Cut()
	return m
}

// warp returns pixels of the second frame of a motion as they are in the first.
func (f *footage) warp(m *motion, pix []float32) []float32 {
	out := make([]float32, len(pix))
	flow.Warp(out, pix, 3, m.field, f.pool)
	return out
}
