package film

import (
	"io"
	"os"
	"runtime"
	"testing"

	"oneiro/internal/imageio"
)

// live returns how many bytes are in use.
func live() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestMemoryOfAnyLength wants writing and reading to take no more memory near the end of a clip than near
// its beginning, but for a list of where frames are.
func TestMemoryOfAnyLength(t *testing.T) {
	const n, early, late = 300, 30, 290
	const listed = 64 << 10 // and what the runtime keeps; frames of this part have 12.8 MB
	check := func(name string, at map[int]int64) {
		t.Helper()
		if grown := at[late] - at[early]; grown > listed {
			t.Errorf("%s: %d bytes more at frame %d than at %d", name, grown, late, early)
		}
	}
	for _, ending := range []string{"gif", "apng", "y4m", "avi"} {
		at := map[int]int64{}
		frame := func(i int) (*imageio.Image, error) {
			if i == early || i == late {
				at[i] = live()
			}
			return card(64, 48, i%8), nil
		}
		path := write(t, "a."+ending, Film{Frames: n}, WriteOptions{Quality: 20}, frame)
		check("writing "+ending, at)
		c := mustOpen(t, path, ReadOptions{})
		for i := range n {
			if _, err := c.Frame(i); err != nil {
				t.Fatal(err)
			}
			if i == early || i == late {
				at[i] = live()
			}
		}
		check("reading "+ending, at)
		if _, err := c.Frame(n); err != io.EOF {
			t.Error(err)
		}
	}
}

// TestStdin reads a Y4M from the standard input.
func TestStdin(t *testing.T) {
	path := write(t, "a.y4m", Film{Frames: 3}, WriteOptions{}, of(3, func(k int) *imageio.Image { return card(32, 16, k) }))
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		w.Write(data)
		w.Close()
	}()
	old := os.Stdin
	os.Stdin = r
	defer func() { os.Stdin = old; r.Close() }()
	c := mustOpen(t, Stdin, ReadOptions{Range: [2]int{2, 0}})
	if n := len(all(t, c)); !IsClip(Stdin) || n != 2 || c.Info().Frames != -1 {
		t.Errorf("%d frames, %+v", n, c.Info())
	}
}

// BenchmarkY4M reads and writes frames of 640x360 in 4:2:0.
func BenchmarkY4M(b *testing.B) {
	im := noise(640, 360, 1)
	p := newPlanes(Coding{BT709, Limited, C420MPEG2, 8}, 640, 360)
	data := make([]byte, p.frameBytes())
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			p.fill(data, im)
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			p.image(data)
		}
	})
}

// BenchmarkGIF writes a GIF of 640x360 with 8 frames.
func BenchmarkGIF(b *testing.B) {
	frames := make([]*imageio.Image, 8)
	for k := range frames {
		frames[k] = noise(640, 360, k)
		for i := range frames[k].Pix { // soft
			frames[k].Pix[i] = 0.5 + 0.1*frames[k].Pix[i] + 0.4*float32(i%1920)/1920
		}
	}
	for b.Loop() {
		path := b.TempDir() + "/a.gif"
		if err := Write(path, Film{Frames: 8}, WriteOptions{}, of(8, func(k int) *imageio.Image { return frames[k] })); err != nil {
			b.Fatal(err)
		}
	}
}
