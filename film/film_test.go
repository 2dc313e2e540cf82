package film

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/imageio"
)

// checkError fails unless an error is one line that names path once, with a hint.
func checkError(t testing.TB, path string, err error) {
	t.Helper()
	h, ok := errors.AsType[interface {
		error
		Hint() string
	}](err)
	if !ok {
		t.Fatalf("%#v has no hint", err)
	}
	if text := err.Error(); strings.ContainsAny(text+h.Hint(), "\n\r") || strings.Count(text, path) != 1 || h.Hint() == "" {
		t.Errorf("%q, %q", text, h.Hint())
	}
}

// bars are the colours of television's bars, at all and at three quarters of the brightness, and greys.
var bars = [][3]float32{
	{0, 0, 0}, {1, 1, 1}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 1, 0}, {0, 1, 1}, {1, 0, 1},
	{191. / 255, 191. / 255, 191. / 255}, {191. / 255, 0, 0}, {0, 191. / 255, 0}, {0, 0, 191. / 255}, {191. / 255, 191. / 255, 0}, {0, 191. / 255, 191. / 255}, {191. / 255, 0, 191. / 255},
	{64. / 255, 64. / 255, 64. / 255}, {128. / 255, 128. / 255, 128. / 255},
}

// card returns frame k of a test card: patches of flat colours, whose sides are multiples of 16, that move.
func card(w, h, k int) *imageio.Image {
	im := imageio.New(w, h)
	random := rand.New(rand.NewPCG(7, 7))
	colours := slices.Clone(bars)
	for range 47 {
		colours = append(colours, [3]float32{
			float32(random.IntN(256)) / 255, float32(random.IntN(256)) / 255, float32(random.IntN(256)) / 255,
		})
	}
	for i := range w * h {
		x, y := i%w/16, i/w/16
		copy(im.Pix[3*i:], colours[(x+y*((w+15)/16)+k)%len(colours)][:])
	}
	return im
}

// noise returns a picture of random values of 8 bits.
func noise(w, h, k int) *imageio.Image {
	im := imageio.New(w, h)
	random := rand.New(rand.NewPCG(uint64(w), uint64(k)))
	for i := range im.Pix {
		im.Pix[i] = float32(random.IntN(256)) / 255
	}
	return im
}

// of returns a function for Write that makes so many pictures.
func of(n int, frame func(k int) *imageio.Image) func(i int) (*imageio.Image, error) {
	return func(i int) (*imageio.Image, error) {
		if i >= n {
			return nil, io.EOF
		}
		return frame(i), nil
	}
}

func mustOpen(t testing.TB, path string, o ReadOptions) *Clip {
	t.Helper()
	c, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func mustFrame(t testing.TB, c *Clip, i int) *imageio.Image {
	t.Helper()
	im, err := c.Frame(i)
	if err != nil {
		t.Fatalf("frame %d: %v", i, err)
	}
	return im
}

// all returns the frames of a clip.
func all(t testing.TB, c *Clip) (frames []*imageio.Image) {
	t.Helper()
	for i := 0; ; i++ {
		im, err := c.Frame(i)
		if err == io.EOF {
			return frames
		}
		if err != nil {
			t.Fatalf("frame %d: %v", i, err)
		}
		frames = append(frames, im)
	}
}

// off returns the greatest difference of two pictures, in 255ths.
func off(t testing.TB, got, want *imageio.Image) float64 {
	t.Helper()
	if got.W != want.W || got.H != want.H || len(got.Pix) != len(want.Pix) {
		t.Fatalf("%dx%d, want %dx%d", got.W, got.H, want.W, want.H)
	}
	most := 0.0
	for i, v := range got.Pix {
		d := math.Abs(float64(v-want.Pix[i])) * 255
		if !(d <= most) {
			most = d
		}
	}
	return most
}

// write writes frames to a new file of a name.
func write(t testing.TB, name string, f Film, o WriteOptions, frame func(i int) (*imageio.Image, error)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := Write(path, f, o, frame); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestRange takes parts of a clip, in any order.
func TestRange(t *testing.T) {
	frame := func(k int) *imageio.Image { return card(48, 32, k) }
	path := write(t, "a.y4m", Film{Frames: 10}, WriteOptions{}, of(10, frame))
	for _, r := range []struct {
		first, last, from, frames int
	}{{0, 0, 0, 10}, {3, 0, 2, 8}, {3, 5, 2, 3}, {1, 1, 0, 1}, {9, 99, 8, 2}, {0, 4, 0, 4}} {
		c := mustOpen(t, path, ReadOptions{Range: [2]int{r.first, r.last}})
		if n := c.Info().Frames; n != r.frames || len(all(t, c)) != n {
			t.Errorf("%+v: %d frames", r, n)
		}
		for _, i := range []int{r.frames - 1, 0, r.frames / 2, 0} {
			if d := off(t, mustFrame(t, c, i), frame(r.from+i)); !(d <= 1.6) {
				t.Errorf("%+v: frame %d is %v off", r, i, d)
			}
		}
		if _, err := c.Frame(-1); err != io.EOF {
			t.Errorf("frame -1: %v", err)
		}
	}
	for _, r := range [][2]int{{11, 0}, {5, 3}, {-1, 0}, {0, -3}} {
		_, err := Open(path, ReadOptions{Range: r})
		if _, ok := errors.AsType[*RangeError](err); !ok {
			t.Fatalf("%v: %v", r, err)
		}
		checkError(t, path, err)
	}
}

// TestStream reads what cannot go back.
func TestStream(t *testing.T) {
	var buf bytes.Buffer
	frame := func(k int) *imageio.Image { return card(48, 32, k) }
	if err := Encode(&buf, Film{Frames: -1}, WriteOptions{}, of(4, frame)); err != nil {
		t.Fatal(err)
	}
	c, err := Read(&buf, "a pipe", ReadOptions{Range: [2]int{2, 3}})
	if err != nil {
		t.Fatal(err)
	}
	if c.Info().Frames != -1 {
		t.Errorf("%d frames are known", c.Info().Frames)
	}
	if d := off(t, mustFrame(t, c, 1), frame(2)); !(d <= 1.6) {
		t.Errorf("%v off", d)
	}
	if _, err := c.Frame(2); err != io.EOF {
		t.Error(err)
	}
	_, err = c.Frame(0)
	if _, ok := errors.AsType[*StreamError](err); !ok {
		t.Fatal(err)
	}
	checkError(t, "a pipe", err)
}

func TestWriteErrors(t *testing.T) {
	dir := t.TempDir()
	frame := of(1, func(k int) *imageio.Image { return card(16, 16, k) })
	for _, name := range []string{"a.txt", "a", ""} {
		for _, err := range []error{Check(name), Write(name, Film{}, WriteOptions{}, frame)} {
			if _, ok := errors.AsType[*ExtensionError](err); !ok {
				t.Fatalf("%q: %v", name, err)
			}
		}
	}
	lost := errors.New("lost")
	for _, ending := range Endings {
		path := filepath.Join(dir, "film."+ending)
		for name, f := range map[string]func(i int) (*imageio.Image, error){
			"lost": func(i int) (*imageio.Image, error) {
				if i == 1 {
					return nil, lost
				}
				return card(16, 16, 0), nil
			},
			"ended":   of(1, func(k int) *imageio.Image { return card(16, 16, k) }),
			"resized": of(3, func(k int) *imageio.Image { return card(16+k, 16, k) }),
			"nothing": of(0, nil),
		} {
			film := Film{Frames: 3}
			if err := Write(path, film, WriteOptions{}, f); err == nil {
				t.Errorf("%s, %s: no error", ending, name)
			}
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Fatalf("%s, %s: left behind: %v", ending, name, left)
			}
		}
		if err := Check(filepath.Join(dir, "missing", "film."+ending)); err == nil {
			t.Errorf("%s: a folder is missing", ending)
		}
	}
}

// damaged cuts a file everywhere, and changes its bytes: what can be read is, and the rest is an error.
func damaged(t *testing.T, data []byte, ending string) {
	t.Helper()
	damagedFor(t, data, ending, Open)
}

func damagedFor(t *testing.T, data []byte, ending string, open func(string, ReadOptions) (*Clip, error)) {
	t.Helper()
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(3, 4))
	const step = 5 // others fail alike
	for n := 0; n < 2*len(data); n += step {
		bad := slices.Clone(data)
		if n < len(data) {
			bad = bad[:n]
		} else {
			bad[n-len(data)] ^= byte(1 << random.IntN(8))
		}
		path := filepath.Join(dir, "bad"+ending)
		if err := os.WriteFile(path, bad, 0o666); err != nil {
			t.Fatal(err)
		}
		c, err := open(path, ReadOptions{MaxBytes: 16 << 20})
		if err == nil {
			c, err = c.within(path, ReadOptions{})
		}
		if err == nil {
			for i := 0; err == nil && i < 99; i++ {
				_, err = c.Frame(i)
			}
			c.Close()
		}
		if err != nil && err != io.EOF {
			checkError(t, path, err)
		}
	}
}
