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

// Tiling returns tiles along an axis, 0 for down and 1 for across, of about size pixels. Tiles end at multiples
// of Unit, and windows begin at multiples of phase, which is one of Unit. If that needs windows as large as the
// picture there is one tile.
func (s *Split) Tiling(axis, size, phase int, pass Pass) Tiling {
	n := [2]int{s.Root.Shape.H, s.Root.Shape.W}[axis]
	whole := Tiling{n, []Tile{{0, n, 0, true}}}
	unit := s.unit[axis]
	if size >= n {
		return whole
	}
	of := halosOf{axis, pass}
	h, known := s.known[of]
	if !known {
		h.before, h.after, h.ok = s.halos(axis, n, pass)
		s.known[of] = h
	}
	before, after := h.before, h.after
	if !h.ok {
		return whole
	}
	if s.Periodic {
		return s.around(axis, size, phase, before, after)
	}

	// Windows are as large as the last one, which ends where the picture ends. Between the first and the last,
	// they begin steps of phase pixels apart, so few that tiles have their halos.
	fit := func(window int) (count, steps int) {
		most := (window - before - after) / phase
		if steps = (n - window) / phase; most < 1 {
			return n + 1, steps // too many
		}
		return 1 + ceilDiv(steps, most), steps
	}
	window := max(size, phase) + before + after
	window += floorMod(n-window, phase)
	if window >= n {
		return whole
	}
	count, steps := fit(window)
	for window > phase { // as small as they may be for so many
		c, less := fit(window - phase)
		if c > count {
			break
		}
		window, steps = window-phase, less
	}
	tiles := make([]Tile, count)
	for i := range tiles {
		t := &tiles[i]
		if t.Window = i * steps / max(count-1, 1) * phase; i > 0 {
			t.Lo = ceilDiv(t.Window+before, unit) * unit
			tiles[i-1].Hi = t.Lo
		}
	}
	tiles[count-1].Hi, tiles[count-1].Last = n, true
	return Tiling{window, tiles}
}

// halosOf says what halos are for, and halos what Split.halos says of it.
type (
	halosOf struct {
		axis int
		pass Pass
	}
	halos struct {
		before, after int
		ok            bool
	}
)

// around returns the tiles of an axis of a periodic picture.
func (s *Split) around(axis, size, phase, before, after int) Tiling {
	n := [2]int{s.Root.Shape.H, s.Root.Shape.W}[axis]
	count := ceilDiv(n, max(size/phase*phase, phase))
	size = ceilDiv(ceilDiv(n, count), phase) * phase
	before = ceilDiv(before, phase) * phase
	if before+size+after >= n {
		return Tiling{n, []Tile{{0, n, 0, true}}}
	}
	var tiles []Tile
	for lo := 0; lo < n; lo += size {
		tiles = append(tiles, Tile{lo, min(lo+size, n), lo - before, lo+size >= n})
	}
	return Tiling{before + size + after, tiles}
}

// halos returns by how much windows have to be larger than tiles at either end, in multiples of Unit, if that
// is less than the picture.
func (s *Split) halos(axis, n int, pass Pass) (before, after int, ok bool) {
	unit := s.unit[axis]
	var tiles []Tile // the least that there can be, of which all need the same but those near the ends
	for lo := 0; lo < n; lo += unit {
		tiles = append(tiles, Tile{Lo: lo, Hi: min(lo+unit, n)})
	}
	if k := len(tiles); k > 1 && tiles[k-1].Hi-tiles[k-1].Lo < unit {
		tiles[k-2].Hi, tiles = n, tiles[:k-1]
	}
	tiles[len(tiles)-1].Last = true
	before, ok = s.halo(axis, n, tiles, pass, func(t Tile, halo int) span { return span{t.Lo - halo, n} },
		func(right, need span) bool { return right.lo <= need.lo })
	if ok {
		after, ok = s.halo(axis, n, tiles, pass, func(t Tile, halo int) span { return span{0, t.Hi + halo} },
			func(right, need span) bool { return right.hi >= need.hi })
	}
	return before, after, ok
}

// halo returns the least multiple of Unit by which windows have to be larger than tiles at one end, if there is
// one below n. at returns the window of a tile with a halo, and enough looks at that end.
func (s *Split) halo(
	axis, n int, tiles []Tile, pass Pass, at func(t Tile, halo int) span, enough func(right, need span) bool,
) (int, bool) {
	for halo := 0; halo < n; halo += s.unit[axis] {
		all := true
		for _, t := range tiles {
			if !all {
				break
			}
			w := at(t, halo)
			if !s.Periodic {
				w = span{max(w.lo, 0), min(w.hi, n)}
			}
			all = s.suffices(axis, t, w, pass, enough)
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
		case s.role[id] == roleBeside && (n.Op.IsSource() || s.isRolled(n)):
			right[id] = span{floorDiv(w.lo, s.step[id][axis]), math.MaxInt / 2} // as far as what it is with
			continue
		case !s.HasPositions(n) && s.role[id] != roleSum:
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
