package render

import (
	"fmt"
	"io"
	"slices"

	"oneiro/flow"
	"oneiro/internal/region"
)

// Divided are frames with regions or a mask that move.
type Divided interface {
	Frames
	// Regions returns the regions of frame i, nil for those of the options. What is asked for regions that it
	// lacks has no effect in it.
	Regions(i int) (*region.Map, error)
	// Mask returns where frame i is changed, nil for what the options say.
	Mask(i int) (*region.Mask, error)
}

// Reversed returns n frames in the opposite order.
func Reversed(frames Frames, n int) Frames {
	r := reversed{frames, n}
	if d, ok := frames.(Divided); ok {
		return reversedRegions{r, d}
	}
	return r
}

type reversedRegions struct {
	reversed
	of Divided
}

// Regions implements [Divided].
func (r reversedRegions) Regions(i int) (*region.Map, error) { return r.of.Regions(r.n - 1 - i) }

// Mask implements [Divided].
func (r reversedRegions) Mask(i int) (*region.Mask, error) { return r.of.Mask(r.n - 1 - i) }

type reversed struct {
	Frames
	n int
}

// Frame implements [Frames].
func (r reversed) Frame(i int) (*Picture, error) {
	if i >= r.n {
		return nil, io.EOF
	}
	return r.Frames.Frame(r.n - 1 - i)
}

// clip reads the frames of a film at one size, and finds how they move.
type clip struct {
	frames Frames
	size   Size
	own    Size // of the frames themselves
	// kept are the frames that are nearest to the one that was read last, at most so many.
	kept []*clipFrame
	most int

	cuts      Cuts
	flow      flow.Preset
	estimator *flow.Estimator // made when a flow is first looked for, on the pool of
	engine    *Engine
}

// clipFrame is a frame of a clip.
type clipFrame struct {
	number  int
	picture *Picture    // of the clip's size, opaque
	luma    []float32   // H x W
	pyramid *flow.Frame // nil before it is needed
}

// motion is how a frame moves from another one, such as the one before.
type motion struct {
	back     *flow.Field // to the other frame
	reliable []float32   // flow.Reliability of back, or flow.Match where that is more, H x W, 0..1
	seen     []float32   // flow.Visibility of it, likewise
	cut      bool        // something else begins
}

// FrameSizeError reports a frame whose size is not that of the first.
type FrameSizeError struct {
	Frame      int // counted from 0
	Size, Want Size
}

func (e *FrameSizeError) Error() string {
	return fmt.Sprintf("frame %d of the film has %v pixels, and the first has %v", e.Frame+1, e.Size, e.Want)
}

// Hint says what to do.
func (e *FrameSizeError) Hint() string { return "give all frames one size" }

// newClip returns a clip of which so many frames are kept. size chooses its size for that of the first frame.
func newClip(frames Frames, o ClipOptions, keep int, size func(first *Picture) Size) (*clip, error) {
	first, err := frames.Frame(0)
	if err != nil {
		return nil, err
	}
	c := &clip{frames: frames, size: size(first), own: sizeOf(first), most: keep}
	c.cuts = o.Cuts
	c.flow, _ = flow.PresetOf(o.Flow)
	c.add(0, first)
	return c, nil
}

// frame returns a frame, counted from 0. The errors are those of the frames, and a *FrameSizeError.
func (c *clip) frame(i int) (*clipFrame, error) {
	if k := slices.IndexFunc(c.kept, func(f *clipFrame) bool { return f.number == i }); k >= 0 {
		return c.kept[k], nil
	}
	im, err := c.frames.Frame(i)
	if err != nil {
		return nil, err
	}
	if sizeOf(im) != c.own {
		return nil, &FrameSizeError{i, sizeOf(im), c.own}
	}
	return c.add(i, im), nil
}

// add keeps a frame that was read.
func (c *clip) add(i int, im *Picture) *clipFrame {
	f := &clipFrame{number: i, picture: im.OwnAt(c.size.W, c.size.H).OnWhite(), luma: make([]float32, c.size.W*c.size.H)}
	flow.Luma(f.luma, f.picture.Pix)
	if len(c.kept) == c.most {
		far := 0
		for k, other := range c.kept {
			if apart(other.number, i) > apart(c.kept[far].number, i) {
				far = k
			}
		}
		c.kept = slices.Delete(c.kept, far, far+1)
	}
	c.kept = append(c.kept, f)
	return f
}

func apart(a, b int) int { return max(a-b, b-a) }

// motion returns how a frame moves from another one. It computes on the processor of e.
func (c *clip) motion(e *Engine, from, i int) (*motion, error) {
	before, err := c.frame(from)
	if err != nil {
		return nil, err
	}
	now, err := c.frame(i)
	if err != nil {
		return nil, err
	}
	w, h := c.size.W, c.size.H
	if c.engine != e {
		c.engine, c.estimator = e, flow.New(w, h, c.flow, e.Pool)
	}
	for _, f := range []*clipFrame{before, now} {
		if f.pyramid == nil {
			f.pyramid = c.estimator.NewFrame()
			c.estimator.Set(f.pyramid, f.luma)
		}
	}
	m := &motion{back: flow.NewField(w, h), reliable: make([]float32, w*h), seen: make([]float32, w*h)}
	there := flow.NewField(w, h)
	c.estimator.Estimate(m.back, now.pyramid, before.pyramid)
	c.estimator.Estimate(there, before.pyramid, now.pyramid)
	flow.Reliability(m.reliable, m.back, there, e.Pool)
	flow.Visibility(m.seen, m.back, there, e.Pool)
	flow.Calm(m.back, now.luma, before.luma, e.Pool)
	match := make([]float32, w*h)
	flow.Match(match, now.luma, before.luma, m.back, e.Pool)
	for i, v := range match {
		m.seen[i], m.reliable[i] = max(m.seen[i], v), max(m.reliable[i], v)
	}
	m.cut = flow.ChangeOf(before.luma, now.luma, w, h, m.reliable).Cut()
	return m, nil
}

// mask sets the mask to that of a frame, if it moves.
func (c *clip) mask(o *MaskOptions, frame int) error {
	d, ok := c.frames.(Divided)
	if !ok {
		return nil
	}
	mask, err := d.Mask(frame)
	if err == nil && mask != nil {
		o.Mask, o.Where = PictureGiven, mask
	}
	return err
}

// regions sets the regions to those of a frame, if they move.
func (c *clip) regions(o *LabelOptions, frame int) error {
	d, ok := c.frames.(Divided)
	if !ok {
		return nil
	}
	labels, err := d.Regions(frame)
	if err == nil && labels != nil {
		o.Regions, o.Labels = PictureGiven, labels
	}
	return err
}

// begins tells whether a shot begins with a frame.
func (c *clip) begins(e *Engine, frame int) (bool, error) {
	if frame == 0 {
		return true, nil
	}
	if !c.cuts.Auto {
		return slices.Contains(c.cuts.At, frame+1), nil
	}
	before, err := c.frame(frame - 1)
	if err != nil {
		return false, err
	}
	now, err := c.frame(frame)
	if err != nil {
		return false, err
	}
	// A flow is only looked for where light changes much.
	if !flow.ChangeOf(before.luma, now.luma, c.size.W, c.size.H, make([]float32, len(now.luma))).Cut() {
		return false, nil
	}
	m, err := c.motion(e, frame-1, frame)
	return err == nil && m.cut, err
}

// shot returns with which frame the shot of a frame begins.
func (c *clip) shot(e *Engine, frame int) (first int, err error) {
	for i := 1; i <= frame; i++ { // in the order in which reading is cheap
		begins, err := c.begins(e, i)
		if err != nil {
			return 0, err
		}
		if begins {
			first = i
		}
	}
	return first, nil
}

// FindCuts reads the frames of a film to their end, and returns where shots begin and how many frames there
// are. The errors are those of the frames.
func FindCuts(e *Engine, f Filmed) (Cuts, int, error) {
	c := f.footage()
	cuts := Cuts{At: slices.Clone(c.cuts.At)}
	for i := 0; ; i++ {
		_, err := c.frame(i)
		if err == io.EOF {
			return cuts, i, nil
		}
		if err != nil {
			return Cuts{}, 0, err
		}
		begins, err := c.begins(e, i)
		if err != nil {
			return Cuts{}, 0, err
		}
		if begins && i > 0 && c.cuts.Auto {
			cuts.At = append(cuts.At, i+1)
		}
	}
}

// frameBytes is how much memory a clip takes for each pixel of a frame that is kept, with luma and pyramid, and
// flowBytes what it takes for a flow: the estimator, two flows and what is known of one of them.
const (
	frameBytes = 12 + 4 + 8
	flowBytes  = 36 + 16 + 8
)

func (c *clip) bytes() int64 {
	return (int64(c.most)*frameBytes + flowBytes) * int64(c.size.W*c.size.H)
}
