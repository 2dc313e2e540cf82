package imageio

import (
	"errors"
	"image"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
)

// ramp writes a picture of 60x40 pixels with an opacity, and returns it as it is read.
func ramp(t *testing.T, path string) *Image {
	t.Helper()
	im := New(60, 40)
	im.Alpha = make([]float32, 60*40)
	for i := range im.Alpha {
		im.Pix[3*i], im.Pix[3*i+1], im.Pix[3*i+2] = float32(i%60)/59, float32(i/60)/39, 0.25
		im.Alpha[i] = float32(i%7) / 6
	}
	if err := Write(path, im, Meta{}); err != nil {
		t.Fatal(err)
	}
	im, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return im
}

// panics returns whether a function does.
func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return
}

// TestOpen opens a picture, and reads views of it one after the other: each has the bits that Show makes of the
// whole.
func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ramp.png")
	whole := ramp(t, path)
	im, err := Open(path, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if im.W != 60 || im.H != 40 || im.Pix != nil || !im.HasAlpha() || !im.IsDeferred() {
		t.Errorf("it has %dx%d pixels, %d values and an opacity: %v", im.W, im.H, len(im.Pix), im.HasAlpha())
	}
	views := []View{{W: 13, H: 9}, {W: 90, H: 60, Crop: image.Rect(20, 10, 50, 40)}, {W: 60, H: 40}}
	for i, v := range views {
		if !panics(func() { im.Shown(v) }) {
			t.Errorf("%v is there before it was read", v)
		}
		if need := im.LoadBytes(v); need < 16*int64(v.crop().Dx()*v.crop().Dy()) {
			t.Errorf("%v takes %d bytes", v, need)
		}
		if err := im.Load(v, 0); err != nil {
			t.Fatal(err)
		}
		want := Show(whole, v, Bilinear)
		if got := im.Shown(v); !slices.Equal(got.Pix, want.Pix) || !slices.Equal(got.Alpha, want.Alpha) {
			t.Errorf("%v differs from that of the whole", v)
		}
		if i < 2 {
			im.Drop(v, i == 1)
		}
	}
	if got := im.Shown(views[1]); got.Pix != nil || len(got.Alpha) != 30*30 {
		t.Errorf("%d colours and %d opacities are left", len(got.Pix), len(got.Alpha))
	}
	// The whole is there now, of which others are made.
	for _, im := range []*Image{im, whole} {
		if got, want := im.At(13, 9), Resize(whole, 13, 9, Bilinear); !reflect.DeepEqual(got, want) {
			t.Error("another size differs from that of the whole")
		}
		if got, want := im.OpacityAt(13, 9), Resize(whole, 13, 9, Bilinear).Alpha; !slices.Equal(got, want) {
			t.Errorf("the opacity is %v, want %v", got, want)
		}
	}
	if whole.At(60, 40) != whole {
		t.Error("a picture at its own size is copied")
	}
}

// TestOpenRefuses opens what cannot be read, is too large, or is replaced before it is read.
func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "ramp.png")
	jpg := put(t, "ramp.jpg", written(t, ramp(t, path), ".jpg", Meta{})) // which is read as a whole
	info, err := os.Stat(jpg)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(jpg, ReadOptions{MaxBytes: info.Size() - 1})
	if m, ok := errors.AsType[*MemoryError](err); !ok || m.Need != info.Size() {
		t.Errorf("a file that is too large: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "nothing.png"), ReadOptions{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := Open(dir, ReadOptions{}); !errors.Is(err, ErrFolder) {
		t.Errorf("a folder: %v", err)
	}
	im, err := Open(path, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := im.Load(View{W: 30, H: 20}, 1000); err == nil {
		t.Error("a thousand bytes are enough")
	}
	if err := Write(path, New(59, 40), Meta{}); err != nil {
		t.Fatal(err)
	}
	if _, ok := errors.AsType[*DataError](im.Load(View{W: 30, H: 20}, 0)); !ok {
		t.Error("another picture is taken for the one that was opened")
	}
}
