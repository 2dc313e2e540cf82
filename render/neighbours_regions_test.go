package render

import (
	"slices"
	"testing"

	"oneiro/internal/region"
)

// TestRegionsOfNeighbours checks that places have their neighbours in the part of the style picture that is
// like their region, however it is turned, in both passes, and that at an edge two of them are mixed.
func TestRegionsOfNeighbours(t *testing.T) {
	o := tinyNeighbours()
	o.Size, o.StyleScale = 100, []float64{1.5}
	o.Regions, o.Labels, o.StyleLabels = PictureGiven, halves(t, 96, 72), []*region.Map{halves(t, 80, 64)}
	p, m, _ := foundBy(t, o, 1, nil)
	across := func(quarter, y, x, h, w int) float64 { // the place before the turn, 0 to 1 from left to right
		return []float64{(float64(x) + 0.5) / float64(w), (float64(y) + 0.5) / float64(h),
			1 - (float64(x)+0.5)/float64(w), 1 - (float64(y)+0.5)/float64(h)}[quarter]
	}
	like := m.query.outputs[0].Shape
	found, mixed := m.nearest, 0
	for k, pool := range m.pools {
		at, counts := pool.places(like.W, like.H)
		blue := m.o.Labels.Regions[pool.part.index].ID() == "blue"
		for i, place := range at {
			if right := 2*(place%like.W)+1 > like.W; right != blue && counts[i] > 0.5 {
				t.Fatalf("place %d of %v counts %g in region %d", place, like, counts[i], k)
			}
			j := int(found[i])
			for _, b := range pool.banks {
				if s := b.outputs[0].Shape; j >= b.rows {
					j -= b.rows
				} else if v := across(b.quarter, j/s.W, j%s.W, s.H, s.W); (v > 0.5) != blue {
					t.Fatalf("turned by %d quarters, a neighbour in region %d is at %g", b.quarter, k, v)
				} else {
					break
				}
			}
			if counts[i] < 1 {
				mixed++
			}
		}
		found = found[len(at):]
	}
	if len(found) > 0 || mixed == 0 && like.W%2 == 1 {
		t.Errorf("%d neighbours too many, %d places with two", len(found), mixed)
	}
	for place := range m.positions() { // of which each is the length of its target, if it has one
		var square float64
		for k, w := range m.widths {
			for _, v := range m.targets[k].Data[place*w:][:w] {
				v := float64(v / (m.factors[k] * m.factors[k]) * m.factors[k])
				square += v * v
			}
		}
		if x := float64(place%like.W) / float64(like.W); (x < 0.4 || x > 0.6) && !(square > 0.99 && square < 1.01) {
			t.Errorf("the target of place %d has the squared length %g", place, square)
		}
	}
	p.terms.drop()

	d := newDetail(m.o, m.stage)
	for i, l := range d.layers {
		for k, pool := range d.pools {
			blue := m.o.Labels.Regions[pool.part.index].ID() == "blue"
			for _, b := range pool.banks {
				s := b.outputs[i].Shape
				for row, use := range d.uses(&b, i) {
					if v := across(b.quarter, row/s.W, row%s.W, s.H, s.W); use && (v > 0.55) != blue &&
						(v < 0.45) == blue {
						t.Fatalf("%s, region %d, turned by %d quarters: a vector at %g counts", l.name, k, b.quarter, v)
					}
				}
			}
		}
	}
}

// TestPaintByNeighboursInRegions checks that a region that is the whole picture changes nothing, and that one
// that is kept is the photograph.
func TestPaintByNeighboursInRegions(t *testing.T) {
	o := tinyNeighbours()
	o.Size, o.Scales, o.Iterations = 48, 1, 2
	want := mustStyle(t, o)
	o.Regions, o.Labels = PictureGiven, labelled(t, 40, 30, func(int, int) [3]float32 { return red })
	if got := mustStyle(t, o); !slices.Equal(got.Picture.Pix, want.Picture.Pix) {
		t.Error("one region changes the picture")
	}
	o.Labels, o.Region, o.Feather = halves(t, 96, 72), []Region{{Name: "red", Keep: true}}, 0
	got := mustStyle(t, o).Picture
	photo := o.Content.OwnAt(48, 36)
	for i, v := range photo.Pix {
		switch x := i / 3 % 48; {
		case x < 22 && got.Pix[i] != v:
			t.Fatalf("value %d, which is kept, is %g, not %g", i, got.Pix[i], v)
		case x > 26 && x < 30 && i/3/48 == 10 && got.Pix[i] == v:
			t.Errorf("value %d is not painted", i)
		}
	}
}
