package imageio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image/gif"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// filmFrames are three frames with colours that move.
func filmFrames() []*Image {
	var all []*Image
	for k := range 3 {
		im := New(20, 10)
		for i := range im.Pix {
			im.Pix[i] = float32((i*7+k*50)%256) / 255
		}
		all = append(all, im)
	}
	return all
}

func writeFilm(t *testing.T, name string, fps float64) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	frames := filmFrames()
	f := Film{Meta: Meta{Recipe: "a recipe"}, Frames: len(frames), FPS: fps}
	if err := WriteFilm(path, f, func(i int) (*Image, error) { return frames[i], nil }); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestAnimatedPNG takes the file apart by the specification: each frame, with its data as that of a PNG, is a
// picture that image/png reads.
func TestAnimatedPNG(t *testing.T) {
	data := writeFilm(t, "film.png", 25)
	var head, sequence []byte
	var frames []*bytes.Buffer
	for at := len(pngMagic); at < len(data); {
		n := int(binary.BigEndian.Uint32(data[at:]))
		kind, body := string(data[at+4:at+8]), data[at+8:at+8+n]
		switch kind {
		case "IHDR":
			head = data[at : at+12+n]
		case "acTL":
			if binary.BigEndian.Uint32(body) != 3 || binary.BigEndian.Uint32(body[4:]) != 0 {
				t.Errorf("acTL is %v", body)
			}
		case "fcTL":
			if w, delay := binary.BigEndian.Uint32(body[4:]), binary.BigEndian.Uint16(body[20:]); w != 20 ||
				delay != 40 {
				t.Errorf("a frame of width %d and %d ms", w, delay)
			}
			sequence = append(sequence, body[3])
			frames = append(frames, bytes.NewBufferString(pngMagic+string(head)))
		case "IDAT":
			writeChunk(frames[len(frames)-1], "IDAT", body)
		case "fdAT":
			sequence = append(sequence, body[3])
			writeChunk(frames[len(frames)-1], "IDAT", body[4:])
		}
		at += 12 + n
	}
	if !bytes.Equal(sequence, []byte{0, 1, 2, 3, 4}) {
		t.Errorf("the sequence is %v", sequence)
	}
	for k, want := range filmFrames() {
		writeChunk(frames[k], "IEND", nil)
		m, err := png.Decode(frames[k])
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range FromImage(m).Pix {
			if v != want.Pix[i] {
				t.Fatalf("frame %d: value %d is %v, want %v", k, i, v, want.Pix[i])
			}
		}
	}
	still, err := png.Decode(bytes.NewReader(data)) // for those who know no animation
	if err != nil || FromImage(still).Pix[0] != filmFrames()[0].Pix[0] {
		t.Errorf("the still picture is another: %v", err)
	}
}

func TestAnimatedGIF(t *testing.T) {
	film, err := gif.DecodeAll(bytes.NewReader(writeFilm(t, "film.gif", 15)))
	if err != nil {
		t.Fatal(err)
	}
	if len(film.Image) != 3 || film.LoopCount != 0 || film.Delay[0]+film.Delay[1]+film.Delay[2] != 20 {
		t.Errorf("%d frames, delays %v, %d times", len(film.Image), film.Delay, film.LoopCount)
	}
	for k, want := range filmFrames() {
		var sum float64
		for i, v := range FromImage(film.Image[k]).Pix {
			sum += math.Abs(float64(v - want.Pix[i]))
		}
		if mean := sum / float64(len(want.Pix)); !(mean < 0.02) {
			t.Errorf("frame %d is %v off", k, mean)
		}
	}
}

// TestMedianCut checks that few colours are kept as they are, and that many are divided evenly.
func TestMedianCut(t *testing.T) {
	if p := medianCut([]uint8{10, 20, 30, 255, 200, 100, 50, 255, 10, 20, 30, 255}, 256); len(p) != 2 {
		t.Errorf("two colours become %v", p)
	}
	var grays []uint8
	for i := range 256 {
		grays = append(grays, uint8(i), uint8(i), uint8(i), 255)
	}
	p := medianCut(grays, 4)
	for i := range 256 {
		nearest := 256.0
		for _, c := range p {
			r, _, _, _ := c.RGBA()
			nearest = min(nearest, math.Abs(float64(r>>8)-float64(i)))
		}
		if !(nearest <= 40) {
			t.Errorf("gray %d is %v from any of %v", i, nearest, p)
		}
	}
}

func TestWriteFilmErrors(t *testing.T) {
	frame := func(int) (*Image, error) { return nil, errors.New("lost") }
	path := filepath.Join(t.TempDir(), "film.gif")
	if err := WriteFilm(path, Film{Frames: 1, FPS: 1}, frame); err == nil {
		t.Error("a frame that is lost is no error")
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("something was left")
	}
	if err := WriteFilm("film.jpg", Film{}, frame); err == nil {
		t.Error("a film can be a JPEG")
	}
}
