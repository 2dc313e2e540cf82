package autodiff

// Taps says what a position of an operation's result reads of an operand along an axis: position i reads
// Kernel positions from i·Stride - Before on. Mode says which of those inside stand in for those outside, of
// which there are Before and After.
type Taps struct {
	Kernel, Stride, Before int
	After                  int // of what pads
	Mode                   PadMode
	Up                     int // of an operation that enlarges (Upsample): the factor; 0 for none
}

// samePosition are the taps of operations that compute every position by itself.
var samePosition = Taps{Kernel: 1, Stride: 1}

func pixelwise(*Node) (down, across Taps, ok bool) { return samePosition, samePosition, true }

// sumOfPositions is the Partial of operations to which positions with zeros contribute nothing.
func sumOfPositions(n *Node, in []*Node, counted func(x *Node) *Node) *Node {
	kept := make([]*Node, len(in))
	for i, x := range in {
		kept[i] = only(x, counted)
	}
	return apply(n.Op.Name, n.Attr, kept...)
}

// only returns x where positions count and 0 elsewhere.
func only(x *Node, counted func(x *Node) *Node) *Node {
	ones := make([]float32, x.Shape.C)
	for i := range ones {
		ones[i] = 1
	}
	return Mul(x, Affine(counted(x), x.Shape.C, ones, nil))
}

// span is the positions lo..hi-1 along an axis.
type span struct{ lo, hi int }

func (s span) empty() bool { return s.lo >= s.hi }

// hull returns the shortest span with both in it.
func (s span) hull(o span) span {
	switch {
	case s.empty():
		return o
	case o.empty():
		return s
	}
	return span{min(s.lo, o.lo), max(s.hi, o.hi)}
}

// edges are those ends of a window that are ends of the picture. There operations do on the window what they
// do on the picture.
type edges struct{ first, last bool }

// right returns for which positions of its result an operation on windows computes what it computes on
// pictures, in being those where the operand is right, n the positions of the whole operand and out those of
// the whole result. What reads beyond a window that ends inside the picture is wrong.
func (t Taps) right(in span, n, out int, e edges) span {
	first := e.first && in.lo == 0
	last := e.last && in.hi == n
	if t.Mode == PadReflect { // which reads so far into the picture
		first, last = first && in.hi > t.Before, last && in.lo < n-t.After
	}
	r := span{ceilDiv(in.lo+t.Before, t.Stride), floorDiv(in.hi+t.Before-t.Kernel, t.Stride) + 1}
	if t.Up > 0 { // from the centre of the first to that of the last
		r = span{t.Up*in.lo + t.Up/2, t.Up*(in.hi-1) + (t.Up-1)/2 + 1}
	}
	if first {
		r.lo = 0
	}
	if last {
		r.hi = out
	}
	return r
}

// touched returns the positions of the result that read any of the operand's positions in.
func (t Taps) touched(in span, n, out int, periodic bool) span {
	if in.empty() {
		return in
	}
	r := span{ceilDiv(in.lo+t.Before-t.Kernel+1, t.Stride), floorDiv(in.hi-1+t.Before, t.Stride) + 1}
	if t.Up > 0 { // up to the centres of the neighbours
		if r = (span{t.Up*(in.lo-1) + (t.Up-1)/2 + 1, t.Up*in.hi + t.Up/2}); in.hi == n {
			r.hi = out
		}
	}
	if periodic {
		return r
	}
	switch t.Mode {
	case PadReflect:
		if t.Before > 0 && in.lo <= t.Before {
			r.lo = 0
		}
		if t.After > 0 && in.hi >= n-t.After {
			r.hi = out
		}
	case PadReplicate:
		if in.lo == 0 {
			r.lo = 0
		}
		if in.hi == n {
			r.hi = out
		}
	case PadWrap:
		return span{0, out}
	}
	return span{max(r.lo, 0), min(r.hi, out)}
}

// margin returns how far from the ends of a window that lie inside the picture positions have to stay so that
// what is padded there does not read them.
func (t Taps) margin() int {
	if t.Mode == PadZero {
		return 0
	}
	return max(t.Before, t.After) + 1
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func ceilDiv(a, b int) int { return -floorDiv(-a, b) }

func floorMod(a, b int) int { return a - floorDiv(a, b)*b }
