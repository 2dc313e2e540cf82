package autodiff

// Border is the frame around a picture in which a convolution sees copies of pixels inside. The gradient of a
// copy belongs to the pixel that it is a copy of, so the input gradient is what InputGradPhases gives plus the
// gradients of the frame, which are few: no padded picture is ever made, on the way back either.
//
// The frame is four strips: above and below the picture, as wide as with its padding, and left and right of it,
// as high as it is.
type Border struct {
	X      Shape // of the picture
	Pad    Pad
	Strips []Strip
	rows   [][]int // for each row of the picture its place in the padded one, and those of its copies
	cols   [][]int
	edges  []int // columns that have copies
}

// Strip is a part of the border.
type Strip struct {
	Shape     // one picture after the other
	At    int // how many numbers the strips before it have
	// Phases compute the gradient in the strip, by those taps that see something of dy.
	Phases []InputGradPhase
	y, x   int // of its corner in the padded picture
}

// Border returns the border in the input gradient of a convolution by w, or nil if padding is zeros.
func (c Conv) Border(x, dy, w Shape) *Border {
	if c.Mode == PadZero || c.Pad == (Pad{}) {
		return nil
	}
	p := c.Pad
	b := &Border{X: x, Pad: p}
	b.rows = c.Mode.Sources(x.H, p.Top, p.Bottom)
	b.cols = c.Mode.Sources(x.W, p.Left, p.Right)
	for i, from := range b.cols {
		if len(from) > 1 {
			b.edges = append(b.edges, i)
		}
	}
	width, at := p.Left+x.W+p.Right, 0
	for _, s := range []Strip{
		{y: 0, x: 0, Shape: Shape{x.N, p.Top, width, x.C}},
		{y: p.Top + x.H, x: 0, Shape: Shape{x.N, p.Bottom, width, x.C}},
		{y: p.Top, x: 0, Shape: Shape{x.N, x.H, p.Left, x.C}},
		{y: p.Top, x: p.Left + x.W, Shape: Shape{x.N, x.H, p.Right, x.C}},
	} {
		if s.Len() == 0 {
			continue
		}
		s.At = at
		at += s.Len()
		// The strip is a picture that begins as many pixels further on as if it had more padding.
		part := Conv{StrideH: c.StrideH, StrideW: c.StrideW, Pad: Pad{Top: s.y, Left: s.x}}
		for _, phase := range part.InputGradPhases(s.Shape, dy, w) {
			s.Phases = append(s.Phases, phase.seen())
		}
		b.Strips = append(b.Strips, s)
	}
	return b
}

// Len returns how many numbers there are in the border.
func (b *Border) Len() int {
	last := &b.Strips[len(b.Strips)-1]
	return last.At + last.Len()
}

// Row calls f for each copy of the pixels of columns x0..x1-1 of a row of a picture: x is the pixel, and from
// the copy's first number in the border. The order of a pixel's copies is always the same.
func (b *Border) Row(image, y, x0, x1 int, f func(x, from int)) {
	inside := func(i, before, n int) bool { return i >= before && i < before+n }
	for _, py := range b.rows[y] {
		if !inside(py, b.Pad.Top, b.X.H) {
			for x := x0; x < x1; x++ {
				for _, px := range b.cols[x] {
					f(x, b.at(image, py, px))
				}
			}
			continue
		}
		for _, x := range b.edges {
			if x < x0 || x >= x1 {
				continue
			}
			for _, px := range b.cols[x] {
				if !inside(px, b.Pad.Left, b.X.W) {
					f(x, b.at(image, py, px))
				}
			}
		}
	}
}

// at returns the first number of a pixel of the padded picture that lies in the border.
func (b *Border) at(image, y, x int) int {
	for i := range b.Strips {
		s := &b.Strips[i]
		if row, col := y-s.y, x-s.x; row >= 0 && row < s.H && col >= 0 && col < s.W {
			return s.At + ((image*s.H+row)*s.W+col)*s.C
		}
	}
	panic("autodiff: a pixel inside the picture")
}

// seen returns the phase without the taps that see nothing of dy, which is its source.
func (p InputGradPhase) seen() InputGradPhase {
	y0, y1 := max(p.PadTop-p.GridH+1, 0), min(p.KH, p.PadTop+p.H)
	x0, x1 := max(p.PadLeft-p.GridW+1, 0), min(p.KW, p.PadLeft+p.W)
	s := p
	s.Taps = nil
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			s.Taps = append(s.Taps, p.Taps[y*p.KW+x])
		}
	}
	s.KH, s.KW = max(y1-y0, 0), max(x1-x0, 0)
	s.PadTop, s.PadLeft = p.PadTop-y0, p.PadLeft-x0
	return s
}
