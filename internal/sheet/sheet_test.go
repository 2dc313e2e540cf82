package sheet

import (
	"slices"
	"testing"

	"oneiro/internal/imageio"
)

func filled(w, h int, v float32) *imageio.Image {
	im := imageio.New(w, h)
	for i := range im.Pix {
		im.Pix[i] = v
	}
	return im
}

// darkest returns the least value in a rectangle.
func darkest(im *imageio.Image, x0, y0, x1, y1 int) float32 {
	least := float32(1)
	for y := y0; y < y1; y++ {
		for x := 3 * x0; x < 3*x1; x++ {
			least = min(least, im.Pix[y*im.W*3+x])
		}
	}
	return least
}

func TestDraw(t *testing.T) {
	const w, h = 30, 20
	tiles := []Tile{{"one", filled(w, h, 0.5)}, {Label: "empty"}, {"", filled(w-10, h-10, 0.25)}}
	im := Draw(tiles, 2)
	if im.W != gap+2*(w+gap) || im.H != gap+h+strip+gap+h-10+strip+gap {
		t.Fatalf("%dx%d pixels", im.W, im.H)
	}
	right, down := gap+w+gap, gap+h+strip+gap
	for _, c := range []struct {
		what           string
		x0, y0, x1, y1 int
		want           float32
	}{
		{"the first picture", gap, gap, gap + w, gap + h, 0.5},
		{"its label", gap, gap + h, gap + w, gap + h + strip, 0},
		{"the edge", 0, 0, im.W, gap, 1},
		{"between the rows", 0, gap + h + strip, im.W, down, 1},
		{"the empty place", right, 0, im.W, im.H, 1},
		{"the smaller picture", gap, down, gap + w - 10, down + h - 10, 0.25},
		{"right of the smaller picture", gap + w - 10, down, im.W, im.H, 1},
	} {
		if got := darkest(im, c.x0, c.y0, c.x1, c.y1); got != c.want {
			t.Errorf("%s is %v at its darkest, want %v", c.what, got, c.want)
		}
	}
	if im := Draw(tiles[:1], 9); im.W != gap+w+gap {
		t.Errorf("one tile is %d pixels wide", im.W)
	}
}

func TestColumns(t *testing.T) {
	for n, want := range map[int]int{0: 1, 1: 1, 2: 2, 3: 3, 4: 2, 5: 5, 6: 3, 7: 4, 8: 4, 9: 3, 10: 5, 12: 4,
		16: 4, 64: 8} {
		if got := Columns(n); got != want {
			t.Errorf("%d tiles in %d columns, want %d", n, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  []string
	}{
		{"", 5, []string{""}}, {"daisy", 5, []string{"daisy"}}, {"Maltese dog", 11, []string{"Maltese dog"}},
		{"Maltese dog", 10, []string{"Maltese", "dog"}}, {"7 inception_4c/output", 8,
			[]string{"7", "inceptio", "n_4c/out", "put"}},
		{"a b", 0, []string{"a", "b"}},
	} {
		if got := wrap(c.text, c.width); !slices.Equal(got, c.want) {
			t.Errorf("%q in %d letters: %q", c.text, c.width, got)
		}
	}
}

// TestLongLabel checks that all of a label is there, and that the row leaves room for it.
func TestLongLabel(t *testing.T) {
	const w, h = 30, 20
	im := Draw([]Tile{{"one", filled(w, h, 0.5)}, {"Maltese dog", filled(w, h, 0.5)}, {"", filled(w, h, 0.25)}}, 2)
	right, second := gap+w+gap, gap+h+strip
	if got := darkest(im, right, second, im.W, second+2*line); got != 0 {
		t.Errorf("the other lines of the label are %v at their darkest", got)
	}
	if got := darkest(im, gap, second, gap+w, second+2*line); got != 1 {
		t.Errorf("a short label has %v below it", got)
	}
	if want := gap + h + strip + 2*line + gap + h + strip + gap; im.H != want {
		t.Errorf("the sheet is %d pixels high, want %d", im.H, want)
	}
}

func TestEnlarge(t *testing.T) {
	im := imageio.New(2, 2)
	for i := range im.Pix {
		im.Pix[i] = float32(i)
	}
	big := Enlarge(im, 3)
	for y := range 6 {
		for x := range 6 {
			for k := range 3 {
				if got, want := big.Pix[(y*6+x)*3+k], im.Pix[(y/3*2+x/3)*3+k]; got != want {
					t.Fatalf("pixel %d,%d is %v, want %v", x, y, got, want)
				}
			}
		}
	}
}

// TestEven draws tiles and looks for them where Even says.
func TestEven(t *testing.T) {
	const w, h, n, columns, rows = 30, 20, 7, 4, 2
	tiles := make([]Tile, n)
	for i := range tiles {
		tiles[i] = Tile{"7", filled(w, h, 0.1)}
	}
	im := Draw(tiles, columns)
	p := Even(im.W, im.H, columns, rows)
	if p.W != w || p.H != h {
		t.Fatalf("a tile has %dx%d pixels", p.W, p.H)
	}
	for i := range tiles {
		x, y := p.Left+i%columns*p.Right, p.Top+i/columns*p.Down
		for _, corner := range [][2]int{{0, 0}, {w - 1, 0}, {0, h - 1}, {w - 1, h - 1}} {
			if v := im.Pix[3*((y+corner[1])*im.W+x+corner[0])]; v != 0.1 {
				t.Errorf("tile %d has %v in a corner", i, v)
			}
		}
		if v := im.Pix[3*((y-1)*im.W+x)]; v != 1 {
			t.Errorf("above tile %d there is %v", i, v)
		}
	}
}
