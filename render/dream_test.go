package render

import (
	"slices"
	"testing"

	"oneiro/internal/imageio"
	"oneiro/nn"
)

// dreamSizes returns the sizes of a dream of a picture of w x h pixels with the defaults of a network.
func dreamSizes(net *nn.Network, w, h int, change func(*DreamOptions)) []Size {
	o := DefaultDream(net)
	o.Image = &Picture{W: w, H: h}
	if change != nil {
		change(&o)
	}
	return Dream(o).Schedule.Sizes(fits(net))
}

// TestDreamSizes checks that the sizes of a dream lead from that of the pictures that a network was trained on
// to that of the picture, whatever that is.
func TestDreamSizes(t *testing.T) {
	for _, c := range []struct {
		net         *nn.Network
		w, h        int
		count       int
		first, last Size
	}{
		{nn.Builtin(), 512, 384, 7, Size{68, 51}, Size{512, 384}},
		{nn.Builtin(), 1024, 768, 9, Size{69, 52}, Size{1024, 768}},
		{nn.Builtin(), 6000, 4500, 9, Size{69, 52}, Size{1024, 768}},
		{nn.Builtin(), 60, 60, 4, Size{22, 22}, Size{60, 60}},
		{nn.GoogLeNet(), 512, 384, 4, Size{187, 140}, Size{512, 384}},
		{nn.GoogLeNet(), 1024, 768, 5, Size{267, 200}, Size{1024, 768}},
		{nn.GoogLeNet(), 640, 2048, 4, Size{117, 373}, Size{320, 1024}},
	} {
		got := dreamSizes(c.net, c.w, c.h, nil)
		if len(got) != c.count || got[0] != c.first || got[len(got)-1] != c.last {
			t.Errorf("%s, %dx%d: %v", c.net.Name, c.w, c.h, got)
		}
	}
	given := dreamSizes(nn.Builtin(), 6000, 4000, func(o *DreamOptions) { o.Size, o.Octaves = 3000, 2 })
	if want := []Size{{2143, 1429}, {3000, 2000}}; !slices.Equal(given, want) {
		t.Errorf("sizes %v, want %v", given, want)
	}
	small := dreamSizes(nn.Builtin(), 300, 200, nil)
	if last := small[len(small)-1]; last != (Size{300, 200}) {
		t.Errorf("a small picture is dreamed at %v", last)
	}
}

// TestDreamShowsClass dreams of eyes in a picture eight times as large as those that the network was trained
// on, and counts the parts of the dream that the network takes for eyes. With four octaves they are mostly fur.
func TestDreamShowsClass(t *testing.T) {
	eyes := func(change func(*DreamOptions)) int {
		d := tinyDream()
		d.DreamOptions = DefaultDream(d.Network)
		d.Image = landscape(512, 384, 1)
		d.Class = 0
		change(&d.DreamOptions)
		r, err := d.run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return partsOf(t, r.Picture, d.Network, d.Params, d.Class)
	}
	enough := eyes(func(*DreamOptions) {})
	few := eyes(func(o *DreamOptions) { o.Octaves = 4 })
	if few > 22 || enough <= 22 { // 15 and 34 on the machine where this was written
		t.Errorf("of 80 parts, %d are eyes, and with 4 octaves %d", enough, few)
	}
}

// partsOf returns how many squares of 64, 96 and 128 pixels of a picture the network takes for a class.
func partsOf(t *testing.T, im *Picture, net *nn.Network, params nn.Params, class int) (n int) {
	t.Helper()
	e, err := NewEngine(EngineOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for _, side := range []int{64, 96, 128} {
		for y := 0; y+side <= im.H; y += side {
			for x := 0; x+side <= im.W; x += side {
				part := imageio.New(side, side)
				for row := range side {
					copy(part.Pix[row*side*3:(row+1)*side*3], im.Pix[((y+row)*im.W+x)*3:])
				}
				all, err := Classify(t.Context(), ClassifyOptions{Network: net, Params: params, Image: part, Engine: e})
				if err != nil {
					t.Fatal(err)
				}
				if all[0].Class == class {
					n++
				}
			}
		}
	}
	return n
}
