package film

import (
	"bytes"
	"encoding/binary"
	"image/png"
	"os"
	"testing"

	"oneiro/internal/imageio"
)

// TestWriteAPNG takes the file apart by the specification: each frame, with its data as that of a PNG, is a
// picture that image/png reads.
func TestWriteAPNG(t *testing.T) {
	frame := func(k int) *imageio.Image { return noise(20, 10, k) }
	for _, frames := range []int{3, -1} {
		film := Film{Info: Info{Rate: Rational{30000, 1001}}, Frames: frames, Meta: imageio.Meta{Recipe: "a recipe"}}
		path := write(t, "film.png", film, WriteOptions{}, of(3, frame))
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
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
				if w, delay := binary.BigEndian.Uint32(body[4:]), binary.BigEndian.Uint32(body[20:]); w != 20 ||
					delay != 1001<<16|30000 {
					t.Errorf("a frame of width %d and %x", w, delay)
				}
				sequence = append(sequence, body[3])
				frames = append(frames, bytes.NewBufferString(pngMagic+string(head)))
			case "IDAT":
				imageio.WriteChunk(frames[len(frames)-1], "IDAT", body)
			case "fdAT":
				sequence = append(sequence, body[3])
				imageio.WriteChunk(frames[len(frames)-1], "IDAT", body[4:])
			}
			at += 12 + n
		}
		if !bytes.Equal(sequence, []byte{0, 1, 2, 3, 4}) {
			t.Errorf("the sequence is %v", sequence)
		}
		for k := range frames {
			imageio.WriteChunk(frames[k], "IEND", nil)
			m, err := png.Decode(frames[k])
			if err != nil {
				t.Fatal(err)
			}
			if d := off(t, imageio.FromImage(m), frame(k)); !(d < 1e-3) {
				t.Errorf("frame %d is %v off", k, d)
			}
		}
		still, err := png.Decode(bytes.NewReader(data)) // for those who know no animation
		if err != nil || off(t, imageio.FromImage(still), frame(0)) > 1e-3 {
			t.Errorf("the still picture is another: %v", err)
		}
		if recipe, err := imageio.ReadRecipe(path); err != nil || recipe != "a recipe" {
			t.Errorf("the recipe is %q, %v", recipe, err)
		}
	}
}

// TestClearAPNG writes frames with clear parts, the first one without.
func TestClearAPNG(t *testing.T) {
	frame := func(k int) *imageio.Image {
		im := noise(20, 10, k)
		if k > 0 {
			im.Alpha = make([]float32, 200)
			for i := range im.Alpha {
				im.Alpha[i] = float32((i+k)%256) / 255
			}
		}
		return im
	}
	path := write(t, "a.apng", Film{Info: Info{Alpha: true}, Frames: 3}, WriteOptions{}, of(3, frame))
	for k, got := range all(t, mustOpen(t, path, ReadOptions{})) {
		if d := offPremultiplied(t, got, frame(k), 0); !(d < 1e-3) {
			t.Errorf("frame %d is %v off", k, d)
		}
	}
}

func TestAPNGDamaged(t *testing.T) {
	for _, name := range []string{"over.apng", "palette.apng"} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		damaged(t, data, ".png")
	}
}
