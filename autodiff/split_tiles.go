package autodiff

import (
	"math"
	"slices"
)

// Tile is a part of an axis of the picture, pixels Lo..Hi-1, and where the window begins that it is computed
// in. A window of a periodic picture may begin before it and end after it.
type Tile struct {
	Lo, Hi int
	Window int
	Last   bool // of the axis
}

// Tiling is an axis of a picture as tiles, which cover it, and windows of one size.
type Tiling struct {
	Size  int // of a window
	Tiles []Tile
}

// Pass is what windows are for: they need halos that differ.
type Pass int

const (
	ForwardPass  Pass = iota // sums over positions
	BackwardPass             // gradients
)

// Tiling returns tiles along an axis, 0 for down and 1 for across, of about size pixels or fewer: multiples of
// unit, which is a multiple of Unit's, but for the last. Windows begin at multiples of it too. If that needs
// windows as large as the picture there is one tile.
func (s *Split) Tiling(axis, size, unit int, pass Pass) Tiling {
	n := [2]int{s.Root.Shape.H, s.Root.Shape.W}[axis]
	whole := Tiling{n, []Tile{{0, n, 0, true}}}
	count := ceilDiv(n, max(size/unit*unit, unit))
	size = ceilDiv(ceilDiv(n, count), unit) * unit
	if size >= n {
		return whole
	}
	var tiles []Tile
	for lo := 0; lo < n; lo += size {
		tiles = append(tiles, Tile{Lo: lo, Hi: min(lo+size, n)})
	}
	tiles[len(tiles)-1].Last = true

	before, ok := s.halo(axis, unit, n, tiles, pass, func(t Tile, halo int) span { return span{t.Lo - halo, n} },
		func(right, need span) bool { return right.lo <= need.lo })
	after, ok2 := s.halo(axis, s.unit[axis], n, tiles, pass, func(t Tile, halo int) span { return span{0, t.Hi + halo} },
		func(right, need span) bool { return right.hi >= need.hi })
	if !ok || !ok2 {
		return whole
	}
	window := before + size + after
	window += ((n-window)%unit + unit) % unit // so that the last window begins at a multiple, too
	if window >= n {
		return whole
	}
	for i := range tiles {
		t := &tiles[i]
		t.Window = t.Lo - before
		if !s.Periodic {
			t.Window = min(max(t.Window, 0), n-window)
		}
	}
	return Tiling{window, tiles}
}

// halo returns the least multiple of unit by which windows have to be larger than tiles at one end, if there is
// one below n. at returns the window of a tile with a halo, and enough looks at that end.
func (s *Split) halo(
	axis, unit, n int, tiles []Tile, pass Pass, at func(t Tile, halo int) span, enough func(right, need span) bool,
) (int, bool) {
	for halo := 0; halo < n; halo += unit {
		all := true
		for _, t := range tiles {
			w := at(t, halo)
			if !s.Periodic {
				w = span{max(w.lo, 0), min(w.hi, n)}
			}
			all = all && s.suffices(axis, t, w, pass, enough)
		}
		if all {
			return halo, true
		}
	}
	return 0, false
}

// suffices reports whether a window is large enough for a tile, as far as enough looks.
func (s *Split) suffices(axis int, t Tile, w span, pass Pass, enough func(right, need span) bool) bool {
	along := func(n *Node) int { return [2]int{n.Shape.H, n.Shape.W}[axis] }
	nodes := s.nodes
	right := make([]span, len(nodes))   // positions whose values are those of the whole picture
	touched := make([]span, len(nodes)) // positions that the tile's pixels go into
	e := edges{!s.Periodic && w.lo == 0, !s.Periodic && w.hi == along(s.Root)}
	right[s.Root.id], touched[s.Root.id] = w, span{t.Lo, t.Hi}
	for id, n := range nodes {
		if !s.needed[id] || n == s.Root {
			continue
		}
		switch {
		case s.role[id] == roleBeside && n.Op.IsSource():
			right[id] = span{floorDiv(w.lo, s.step[id][axis]), math.MaxInt / 2} // as far as what it is with
			continue
		case !s.onWindows(n) && s.role[id] != roleSum:
			continue
		}
		taps, out := samePosition, along(n)
		if s.role[id] == roleSum {
			out = along(n.In[0])
		} else {
			down, across, _ := n.Op.Local(n)
			taps = [2]Taps{down, across}[axis]
		}
		first := true
		for i, in := range n.In {
			if !perPosition(n, i) {
				continue
			}
			if m := taps.margin(); m > 0 && !touched[in.id].empty() { // else what is padded there reads them
				inner := right[in.id]
				if !e.first {
					inner.lo += m
				}
				if !e.last {
					inner.hi -= m
				}
				if pass == BackwardPass && !enough(inner, touched[in.id]) {
					return false
				}
			}
			r := taps.right(right[in.id], along(in), out, e)
			if first {
				right[id] = r
			} else {
				right[id] = span{max(right[id].lo, r.lo), min(right[id].hi, r.hi)}
			}
			first = false
			touched[id] = touched[id].hull(taps.touched(touched[in.id], along(in), out, s.Periodic))
		}
		if !s.satisfied(axis, n, t, right[id], touched[id], pass, enough) {
			return false
		}
	}
	return true
}

// satisfied reports whether the positions at which a node is right are all that a tile needs of it.
func (s *Split) satisfied(
	axis int, n *Node, t Tile, right, touched span, pass Pass, enough func(right, need span) bool,
) bool {
	x := n
	if s.role[n.id] == roleSum {
		x = n.In[0]
	}
	extent := [2]int{x.Shape.H, x.Shape.W}[axis]
	need := touched
	if pass == ForwardPass {
		if s.role[n.id] != roleSum && !slices.Contains(s.outputs, n) {
			return true
		}
		need = t.of(s.step[x.id][axis], extent)
	}
	if n.Op.Name == "totalVariation" { // which reads the next position, too
		need.hi++
		if pass == BackwardPass {
			need.lo--
		}
		if !s.Periodic {
			need = span{max(need.lo, 0), min(need.hi, extent)}
		}
	}
	return need.empty() || enough(right, need)
}

// of returns which positions of a layer belong to the tile: one every step pixels, extent of them.
func (t Tile) of(step, extent int) span {
	if t.Last {
		return span{min(t.Lo/step, extent), extent}
	}
	return span{min(t.Lo/step, extent), min(t.Hi/step, extent)}
}

// Of returns which positions of a layer belong to the tile, lo..hi-1: one every step pixels, extent of them.
func (t Tile) Of(step, extent int) (lo, hi int) {
	s := t.of(step, extent)
	return s.lo, s.hi
}
