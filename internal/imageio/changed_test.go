package imageio

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"
)

// TestChanged: what is read of a picture is changed, at every size and however it lies in memory; the picture
// itself stays, and learns what there is to say of its file.
func TestChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.png")
	im := slope(31, 17, true)
	if err := Write(path, im, Meta{}); err != nil {
		t.Fatal(err)
	}
	opened, err := Open(path, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	inMemory, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	before := slices.Clone(inMemory.Pix)
	negative := Change{
		Do: func(im *Image, _ View, _ int64) error {
			for i, v := range im.Pix {
				im.Pix[i] = 1 - v
			}
			return nil
		},
		Bytes: func(View) int64 { return 1000 },
	}
	for _, v := range []View{{W: 31, H: 17}, {W: 9, H: 5}, {W: 40, H: 40}} {
		want := Show(inMemory, v, Bilinear)
		for name, of := range map[string]*Image{"opened": opened, "in memory": inMemory} {
			c := of.Changed(negative)
			if c.W != 31 || c.H != 17 || !c.HasAlpha() || !c.IsDeferred() {
				t.Fatalf("%s: %+v", name, c)
			}
			if least := int64(16 * v.W * v.H); c.LoadBytes(v) < least+1000 {
				t.Errorf("%s at %v: %d bytes", name, v, c.LoadBytes(v))
			}
			if err := c.Load(v, 0); err != nil {
				t.Fatal(err)
			}
			got := c.Shown(v)
			for i, p := range got.Pix {
				if p != 1-want.Pix[i] {
					t.Fatalf("%s at %v: value %d is %v, not %v", name, v, i, p, 1-want.Pix[i])
				}
			}
			if !slices.Equal(got.Alpha, want.Alpha) {
				t.Errorf("%s at %v: another opacity", name, v)
			}
		}
	}
	if !slices.Equal(inMemory.Pix, before) {
		t.Error("the picture itself was changed")
	}
	failing := errors.New("no")
	if err := opened.Changed(Change{
		Do:    func(*Image, View, int64) error { return failing },
		Bytes: func(View) int64 { return 0 },
	}).Load(View{W: 9, H: 5}, 0); !errors.Is(err, failing) {
		t.Errorf("%v", err)
	}
}
