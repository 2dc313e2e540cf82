package film

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"oneiro/internal/imageio"
)

// fuzz gives a reader whatever comes: it has an error that says what is wrong, or frames of one size, as
// many as it says, and the same ones again.
func fuzz(f *testing.F, pattern string, open func(path string, o ReadOptions) (*Clip, error)) {
	names, err := filepath.Glob(pattern)
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	f.Fuzz(func(t *testing.T, data []byte) { readAll(t, data, open) })
}

func readAll(t *testing.T, data []byte, open func(path string, o ReadOptions) (*Clip, error)) {
	const budget, frames = 1 << 20, 12
	path := filepath.Join(t.TempDir(), "fuzz")
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	c, err := open(path, ReadOptions{MaxBytes: budget})
	if err == nil {
		c, err = c.within(path, ReadOptions{})
	}
	if err != nil {
		checkError(t, path, err)
		return
	}
	defer c.Close()
	info := c.Info()
	if !info.Rate.known() || !info.Aspect.known() || floats(info.W, info.H, 1) > budget {
		t.Fatalf("%+v", info)
	}
	var first *imageio.Image
	for i := range frames {
		im, err := c.Frame(i)
		if err == io.EOF {
			if info.Frames >= 0 && i != info.Frames {
				t.Errorf("%d frames, of %d", i, info.Frames)
			}
			break
		}
		if err != nil {
			checkError(t, path, err)
			break
		}
		if im.W != info.W || im.H != info.H || len(im.Pix) != 3*im.W*im.H {
			t.Fatalf("a frame of %dx%d in %dx%d", im.W, im.H, info.W, info.H)
		}
		if first == nil {
			first = im
		}
	}
	if first == nil {
		return
	}
	if again, err := c.Frame(0); err != nil || off(t, again, first) != 0 {
		t.Errorf("the first frame is another: %v", err)
	}
}

func FuzzGIF(f *testing.F)  { fuzz(f, "testdata/*.gif", animated("GIF", openGIF)) }
func FuzzAPNG(f *testing.F) { fuzz(f, "testdata/*.apng", animated("PNG", openAPNG)) }
func FuzzWebP(f *testing.F) { fuzz(f, "testdata/*.webp", animated("WebP", openWebP)) }

func FuzzAVI(f *testing.F) {
	sound, _ := writeWAV(f, 100, 50)
	frame := func(k int) *imageio.Image { return card(16, 16, k) }
	for _, aspect := range []Rational{{1, 1}, {4, 3}} {
		film := Film{Info: Info{Aspect: aspect}, Frames: 2, Sound: sound}
		data, err := os.ReadFile(write(f, "a.avi", film, WriteOptions{Quality: 10}, of(2, frame)))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	fuzz(f, "testdata/*.avi", openAVI)
}

func FuzzY4M(f *testing.F) {
	for _, c := range codings() {
		var buf bytes.Buffer
		film := Film{Frames: 2}
		if err := Encode(&buf, film, WriteOptions{Coding: c}, of(2, func(k int) *imageio.Image { return card(5, 3, k) })); err != nil {
			f.Fatal(err)
		}
		f.Add(buf.Bytes())
	}
	fuzz(f, "testdata/*.y4m", openY4M)
}

// FuzzSound reads the sound of whatever comes.
func FuzzSound(f *testing.F) {
	file, _ := wav(100, 50)
	f.Add(file)
	sound := filepath.Join(f.TempDir(), "a.wav")
	if err := os.WriteFile(sound, file, 0o666); err != nil {
		f.Fatal(err)
	}
	frame := func(k int) *imageio.Image { return card(16, 16, k) }
	data, err := os.ReadFile(write(f, "a.avi", Film{Frames: 2, Sound: sound}, WriteOptions{Quality: 10}, of(2, frame)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		path := put(t, "fuzz", data)
		p, err := openPCM(path)
		if err != nil {
			return
		}
		defer p.close()
		if err := p.skip(7); err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, p)
		if err != nil || n > int64(len(data)) {
			t.Errorf("%d bytes of sound, %v", n, err)
		}
		if again, err := wavStream(bytes.NewReader(data)); err == nil {
			io.Copy(io.Discard, again)
		}
	})
}
