package imageio

import (
	"image"
	"path/filepath"
	"slices"
	"testing"
)

// TestCropped takes a part of a picture in a file: any view of it has the bits of that view of the part.
func TestCropped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ramp.png")
	whole := ramp(t, path)
	r := image.Rect(3, 5, 53, 38)
	part := Cropped(whole, r)
	if part.W != 50 || part.H != 33 || part.Pix[0] != whole.Pix[3*(5*60+3)] || part.Alpha[0] != whole.Alpha[5*60+3] {
		t.Fatalf("the part has %dx%d pixels and begins with %v", part.W, part.H, part.Pix[:3])
	}
	im, err := Open(path, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	deferred := Cropped(im, r)
	if !deferred.IsDeferred() || !deferred.HasAlpha() || deferred.W != 50 || deferred.H != 33 {
		t.Errorf("%+v", deferred)
	}
	for _, v := range []View{{W: 50, H: 33}, {W: 20, H: 13}, {W: 60, H: 40, Crop: image.Rect(10, 10, 30, 20)}} {
		if need := deferred.LoadBytes(v); need < 16*(50*33+int64(v.crop().Dx()*v.crop().Dy())) {
			t.Errorf("%v takes %d bytes", v, need)
		}
		if err := deferred.Load(v, 0); err != nil {
			t.Fatal(err)
		}
		got, want := deferred.Shown(v), Show(part, v, Bilinear)
		if !slices.Equal(got.Pix, want.Pix) || !slices.Equal(got.Alpha, want.Alpha) {
			t.Errorf("%v differs", v)
		}
	}
	if Cropped(im, image.Rect(0, 0, 60, 40)) != im {
		t.Error("the whole is a part")
	}
	if size := Cropped(Deferred(9, 9, nil), image.Rect(1, 1, 9, 9)); size.W != 8 || size.IsDeferred() {
		t.Errorf("%+v", size)
	}
	if !panics(func() { Cropped(whole, image.Rect(0, 0, 61, 1)) }) || !panics(func() { Cropped(whole, image.Rectangle{}) }) {
		t.Error("what is no part is cropped")
	}
}
