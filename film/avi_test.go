package film

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"oneiro/internal/imageio"
)

// wav returns a WAV of so many blocks of noise, two channels with 16 bits each, and its samples.
func wav(rate, blocks int) (file, samples []byte) {
	random := rand.New(rand.NewPCG(5, 6))
	for range blocks {
		samples = binary.LittleEndian.AppendUint32(samples, random.Uint32()&0x0fff_0fff)
	}
	le := binary.LittleEndian
	file = le.AppendUint32([]byte("RIFF"), uint32(36+len(samples)))
	file = le.AppendUint32(append(file, "WAVEfmt "...), 16)
	file = le.AppendUint16(le.AppendUint16(file, 1), 2)
	file = le.AppendUint32(le.AppendUint32(file, uint32(rate)), uint32(4*rate))
	file = le.AppendUint16(le.AppendUint16(file, 4), 16)
	file = le.AppendUint32(append(file, "data"...), uint32(len(samples)))
	return append(file, samples...), samples
}

// writeWAV writes a WAV and returns its path and samples.
func writeWAV(t testing.TB, rate, blocks int) (path string, samples []byte) {
	t.Helper()
	file, samples := wav(rate, blocks)
	path = filepath.Join(t.TempDir(), "a.wav")
	if err := os.WriteFile(path, file, 0o666); err != nil {
		t.Fatal(err)
	}
	return path, samples
}

// soundIn returns the samples of an AVI or WAV.
func soundIn(t testing.TB, path string) []byte {
	t.Helper()
	p, err := openPCM(path)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	data, err := io.ReadAll(p)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestAVI writes frames with sound, and again from that.
func TestAVI(t *testing.T) {
	sound, samples := writeWAV(t, 22050, 22050)
	frame := func(k int) *imageio.Image { return card(80, 48, k) }
	info := Info{Rate: Rational{30000, 1001}, Aspect: Rational{16, 15}}
	path := write(t, "a.avi", Film{Info: info, Frames: 12, Sound: sound}, WriteOptions{Quality: 100}, of(12, frame))
	c := mustOpen(t, path, ReadOptions{})
	got := c.Info()
	if got.W != 80 || got.H != 48 || got.Rate != info.Rate || got.Aspect != info.Aspect || got.Frames != 12 || !got.Sound {
		t.Errorf("%+v", got)
	}
	for _, k := range []int{0, 1, 2, 11, 5} {
		if d := offInside(t, mustFrame(t, c, k), frame(k), 0); !(d < 2.5) {
			t.Errorf("frame %d is %v off", k, d)
		}
		if d := offInside(t, mustFrame(t, c, k), frame(k), len(bars)); k == 0 && !(d < 1.5) {
			t.Errorf("bars are %v off", d)
		}
	}
	length := 12 * 1001 * 22050 / 30000 * 4
	if !bytes.Equal(soundIn(t, path), samples[:length]) {
		t.Error("the sound is another")
	}
	// From a part of it, without and with what is missing at its end.
	const from = 0.2
	again := write(t, "b.avi", Film{Info: got, Frames: -1, Sound: path, SoundFrom: from}, WriteOptions{}, of(12, frame))
	if start := 4 * 22050 / 5; !bytes.Equal(soundIn(t, again), samples[start:length]) {
		t.Error("the sound of a part is another")
	}
	silent := write(t, "c.avi", Film{Frames: 2}, WriteOptions{}, of(2, frame))
	if mustOpen(t, silent, ReadOptions{}).Info().Sound {
		t.Error("there is sound out of nothing")
	}
}

// TestAVIRebuilt takes away what a reader does without, and puts in what others write.
func TestAVIRebuilt(t *testing.T) {
	frame := func(k int) *imageio.Image { return card(32, 32, k) }
	data, err := os.ReadFile(write(t, "a.avi", Film{Frames: 3}, WriteOptions{}, of(3, frame)))
	if err != nil {
		t.Fatal(err)
	}
	want := all(t, mustOpen(t, put(t, "a.avi", data), ReadOptions{}))
	check := func(name string, data []byte, frames ...int) {
		t.Helper()
		got := all(t, mustOpen(t, put(t, "b.avi", data), ReadOptions{}))
		if len(got) != len(frames) {
			t.Fatalf("%s: %d frames", name, len(got))
		}
		for i, k := range frames {
			if d := off(t, got[i], want[k]); d != 0 {
				t.Errorf("%s: frame %d is %v off", name, i, d)
			}
		}
	}
	noIndex := data[:bytes.Index(data, []byte("idx1"))]
	check("without an index", noIndex, 0, 1, 2)
	lying := bytes.Clone(noIndex)
	for _, name := range []string{"RIFF", "LIST"} {
		clear(lying[bytes.LastIndex(lying, []byte(name))+4:][:4])
	}
	check("without lengths", lying, 0, 1, 2)
	dropped := bytes.Clone(noIndex)
	dropped = append(dropped, "00dc\x00\x00\x00\x00JUNK\x03\x00\x00\x00abc\x0000dc\x00\x00\x00\x00"...)
	check("with frames left out", dropped, 0, 1, 2, 2, 2)
	tables := bytes.Index(data, []byte("\xff\xc4\x01\xa2"))
	bare := bytes.Clone(noIndex)
	for range 3 {
		at := bytes.Index(bare, []byte("\xff\xc4\x01\xa2"))
		bare = append(bare[:at], bare[at+0x1a2+2:]...)
		size := bytes.LastIndex(bare[:at], []byte("00dc")) + 4
		n := binary.LittleEndian.Uint32(bare[size:])
		binary.LittleEndian.PutUint32(bare[size:], n-0x1a2-2)
	}
	if !bytes.Equal(data[tables:][:0x1a2+2], huffmanTables()) {
		t.Error("the tables are not those of image/jpeg")
	}
	check("without tables", bare, 0, 1, 2)
}

func put(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAVIDamaged(t *testing.T) {
	sound, _ := writeWAV(t, 100, 50)
	frame := func(k int) *imageio.Image { return card(16, 16, k) }
	data, err := os.ReadFile(write(t, "a.avi", Film{Frames: 2, Sound: sound}, WriteOptions{Quality: 10}, of(2, frame)))
	if err != nil {
		t.Fatal(err)
	}
	damagedFor(t, data, ".avi", openAVI) // what is no AVI any more would go to ffmpeg
}
