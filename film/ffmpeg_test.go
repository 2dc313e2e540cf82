package film

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"oneiro/internal/fixture"
	"oneiro/internal/imageio"
)

// ffmpeg runs ffmpeg in a folder of its own, which it returns. Without it the test is skipped, but not in
// CI.
func ffmpeg(t testing.TB, args ...string) string {
	t.Helper()
	tool := fixture.Tool(t, "ffmpeg")
	dir := t.TempDir()
	cmd := exec.Command(tool, append([]string{"-nostdin", "-v", "error", "-y"}, args...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return dir
}

// ffprobe returns what ffprobe says of entries of the first stream of pictures, one after the other.
func ffprobe(t testing.TB, path, entries string) string {
	t.Helper()
	out, err := exec.Command(fixture.Tool(t, "ffprobe"), "-v", "error", "-select_streams", "v:0", "-show_entries",
		"stream="+entries, "-of", "default=nk=1:nw=1", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

// cardFile writes frames of a test card without loss, as numbered PNGs, and returns their pattern.
func cardFile(t testing.TB, w, h, n int) string {
	t.Helper()
	dir := t.TempDir()
	for k := range n {
		if err := imageio.Write(filepath.Join(dir, fmt.Sprintf("%d.png", k)), card(w, h, k), imageio.Meta{}); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "%d.png")
}

// checkCard fails unless the frames of a clip are those of a test card: bars by no more than one of 255
// values, the other colours by no more than limit.
func checkCard(t testing.TB, name string, c *Clip, n int, limit float64) {
	t.Helper()
	frames := all(t, c)
	if len(frames) != n {
		t.Errorf("%s: %d frames, want %d", name, len(frames), n)
		return
	}
	for k, got := range frames {
		want := card(got.W, got.H, k)
		if d := offInside(t, got, want, 0); !(d <= limit) {
			t.Errorf("%s: frame %d is %v off", name, k, d)
		}
		if d := offInside(t, got, want, len(bars)); k == 0 && !(d < 1.5) {
			t.Errorf("%s: bars are %v off", name, d)
		}
	}
}

// Limits of what 8 bits can be off, of which the limited range uses less, and a lossy codec adds to.
const (
	exactFull    = 1.45
	exactLimited = 1.66
)

// TestReadFFmpeg reads films without loss that ffmpeg made of a test card, in many formats.
func TestReadFFmpeg(t *testing.T) {
	frames := cardFile(t, 128, 64, 3)
	to := func(space, colours string) string {
		return fmt.Sprintf("scale=out_color_matrix=%s:out_range=%s:flags=accurate_rnd+full_chroma_int+full_chroma_inp+bitexact",
			space, colours)
	}
	for _, c := range []struct {
		name  string
		args  string
		limit float64
		want  Coding
	}{
		{"a.mkv", "-vf " + to("bt601", "tv") + " -pix_fmt yuv444p -c:v ffv1", exactLimited, Coding{BT601, Limited, C444, 8}},
		{"a.mkv", "-vf " + to("bt709", "tv") + " -pix_fmt yuv444p -colorspace bt709 -c:v ffv1", exactLimited,
			Coding{BT709, Limited, C444, 8}},
		{"a.mkv", "-vf " + to("bt709", "pc") + " -pix_fmt yuv444p -colorspace bt709 -color_range pc -c:v ffv1", exactFull,
			Coding{BT709, Full, C444, 8}},
		{"a.mkv", "-vf " + to("bt601", "tv") + " -pix_fmt yuv422p10le -c:v ffv1", 0.75, Coding{BT601, Limited, C422, 10}},
		{"a.mkv", "-vf " + to("bt601", "tv") + " -pix_fmt yuv420p -chroma_sample_location left -c:v ffv1", exactLimited,
			Coding{BT601, Limited, C420MPEG2, 8}},
		{"a.mov", "-pix_fmt rgb24 -c:v qtrle", 1e-3, Coding{0, 0, 0, 8}},
		{"a.mkv", "-pix_fmt bgra -c:v ffv1", 1e-3, Coding{0, 0, 0, 8}},
		{"a.mp4", "-vf " + to("bt601", "tv") + " -pix_fmt yuv444p -c:v libx264 -qp 0", exactLimited,
			Coding{BT601, Limited, C444, 8}},
		{"a.mp4", "-vf " + to("bt601", "tv") + " -pix_fmt yuv420p -c:v libx264 -qp 0", exactLimited,
			Coding{BT601, Limited, C420MPEG2, 8}},
		{"a.avi", "-pix_fmt rgb24 -c:v png", 1e-3, Coding{0, 0, 0, 8}},
	} {
		name := c.name + " " + c.args
		args := append([]string{"-i", frames}, strings.Fields(c.args)...)
		path := filepath.Join(ffmpeg(t, append(args, c.name)...), c.name)
		clip := mustOpen(t, path, ReadOptions{})
		if got := clip.Info().Colour; got != c.want {
			t.Errorf("%s: %+v", name, got)
		}
		if i := clip.Info(); i.Frames != -1 || i.Rate != (Rational{25, 1}) || !(math.Abs(i.Seconds-0.12) < 0.05) {
			t.Errorf("%s: %+v", name, i)
		}
		checkCard(t, name, clip, 3, c.limit)
		// From the beginning again.
		if d := offInside(t, mustFrame(t, clip, 1), card(128, 64, 1), 0); !(d <= c.limit) {
			t.Errorf("%s: frame 1 is %v off", name, d)
		}
	}
}

// TestWideColours reads a film with the primaries of BT.2020, and one of HDR, in which white is white.
func TestWideColours(t *testing.T) {
	frames := cardFile(t, 128, 64, 2)
	convert := func(to string) string {
		return "setparams=range=pc:colorspace=gbr:color_primaries=bt709:color_trc=bt709," + to + ",format=yuv444p10le"
	}
	path := filepath.Join(ffmpeg(t, "-i", frames, "-vf", convert("zscale=p=2020:t=2020_10:m=2020_ncl:r=limited"),
		"-colorspace", "bt2020nc", "-color_primaries", "bt2020", "-color_trc", "bt2020-10", "-c:v", "ffv1", "a.mkv"), "a.mkv")
	c := mustOpen(t, path, ReadOptions{})
	got, want := middles(mustFrame(t, c, 1)).Pix, middles(card(128, 64, 1)).Pix
	for i, v := range want {
		limit := 2.0
		if v < 0.2 { // near black in light, 10 bits of a wider space are far apart
			limit = 14
		}
		if d := math.Abs(float64(got[i]-v)) * 255; !(d <= limit) {
			t.Errorf("BT.2020: value %d is %v, want %v", i, got[i], v)
		}
	}
	if got := c.Info().Colour.Matrix; got != BT709 || len(c.Notes()) > 0 {
		t.Errorf("%v, %v", got, c.Notes())
	}
	path = filepath.Join(ffmpeg(t, "-i", frames, "-vf", convert("zscale=p=2020:t=arib-std-b67:m=2020_ncl:r=limited:npl=100"),
		"-colorspace", "bt2020nc", "-color_primaries", "bt2020", "-color_trc", "arib-std-b67", "-c:v", "ffv1", "a.mkv"), "a.mkv")
	c = mustOpen(t, path, ReadOptions{})
	im := middles(mustFrame(t, c, 0))
	black, white := im.Pix[:3], im.Pix[3:6]
	if len(c.Notes()) != 1 || !(black[0] < 0.02 && min(white[0], white[1], white[2]) > 0.6) {
		t.Errorf("black is %v, white %v, %v", black, white, c.Notes())
	}
	if red := im.Pix[6:9]; !(red[0] > 0.5 && max(red[1], red[2]) < 0.2) {
		t.Errorf("red is %v", red)
	}
}

// TestReadMJPEG reads an AVI of JPEGs by ffmpeg's hand, without ffmpeg.
func TestReadMJPEG(t *testing.T) {
	frames := cardFile(t, 128, 64, 3)
	sound, samples := writeWAV(t, 8000, 960)
	for _, pixels := range []string{"yuvj420p", "yuvj422p", "yuvj444p"} {
		path := filepath.Join(ffmpeg(t, "-i", frames, "-i", sound, "-vf",
			"setsar=4/3,scale=flags=accurate_rnd+full_chroma_int+full_chroma_inp", "-c:v", "mjpeg", "-q:v", "1", "-qmin", "1",
			"-pix_fmt", pixels, "-c:a", "copy", "a.avi"), "a.avi")
		clip := mustOpen(t, path, ReadOptions{})
		pictures := filepath.Join(ffmpeg(t, "-i", path, "-vf", "scale=flags=accurate_rnd+full_chroma_int+full_chroma_inp",
			"-pix_fmt", "rgb24", "%d.png"), "%d.png")
		for k, want := range all(t, mustOpen(t, pictures, ReadOptions{})) {
			if d := offInside(t, mustFrame(t, clip, k), want, 0); !(d <= 2) { // two roundings
				t.Errorf("%s: frame %d is %v off", pixels, k, d)
			}
		}
		if i := clip.Info(); i.Frames != 3 || i.Rate != (Rational{25, 1}) || i.Aspect != (Rational{4, 3}) || !i.Sound {
			t.Errorf("%+v", i)
		}
		if !bytes.Equal(soundIn(t, path), samples) {
			t.Errorf("the sound is another")
		}
	}
}

// TestFFmpegReadsOurs has ffmpeg read what is written here.
func TestFFmpegReadsOurs(t *testing.T) {
	sound, samples := writeWAV(t, 8000, 960)
	frame := func(k int) *imageio.Image { return card(128, 64, k) }
	info := Info{Rate: Rational{30000, 1001}, Aspect: Rational{4, 3}}
	for _, c := range []struct {
		name  string
		o     WriteOptions
		limit float64
	}{
		{"a.y4m", WriteOptions{}, 3}, {"b.y4m", WriteOptions{Coding: Coding{Range: Full, Depth: 10}}, 2},
		{"c.y4m", WriteOptions{Coding: Coding{Chroma: C420MPEG2}}, 3}, {"a.avi", WriteOptions{Quality: 100}, 4},
		{"a.png", WriteOptions{}, 1e-3}, {"a.gif", WriteOptions{}, 1e-3},
	} {
		film := Film{Info: info, Frames: 3}
		if c.name == "a.avi" {
			film.Sound = sound
		}
		path := write(t, c.name, film, c.o, of(3, frame))
		dir := ffmpeg(t, "-i", path, "-vsync", "0", "-sws_flags", "accurate_rnd+full_chroma_int", "-pix_fmt", "rgb24", "f%d.png")
		checkCard(t, c.name, mustOpen(t, filepath.Join(dir, "f%d.png"), ReadOptions{}), 3, c.limit)
		want := "4:3 30000/1001"
		switch filepath.Ext(c.name) {
		case ".png":
			want = "N/A 29.97"
		case ".gif":
			continue
		}
		got := ffprobe(t, path, "sample_aspect_ratio,r_frame_rate")
		if got != want && want != "N/A 29.97" {
			t.Errorf("%s: %s", c.name, got)
		}
		if film.Sound != "" {
			dir := ffmpeg(t, "-i", path, "-c:a", "pcm_s16le", "-f", "s16le", "raw")
			if raw, err := os.ReadFile(filepath.Join(dir, "raw")); err != nil || !bytes.Equal(raw, samples) {
				t.Errorf("the sound has %d bytes, %v, want %d", len(raw), err, len(samples))
			}
		}
	}
}

// mean returns how far two pictures are apart on average, in 255ths.
func mean(a, b *imageio.Image) float64 {
	sum := 0.0
	for i, v := range a.Pix {
		sum += math.Abs(float64(v-b.Pix[i])) * 255
	}
	return sum / float64(len(a.Pix))
}

// hashOfSound returns what ffmpeg says of the decoded sound of a film.
func hashOfSound(t testing.TB, path string) string {
	t.Helper()
	dir := ffmpeg(t, "-i", path, "-map", "0:a", "-c:a", "pcm_s16le", "-f", "md5", "sum")
	sum, err := os.ReadFile(filepath.Join(dir, "sum"))
	if err != nil {
		t.Fatal(err)
	}
	return string(sum)
}

// TestWriteFFmpeg writes films of every kind, and reads them.
func TestWriteFFmpeg(t *testing.T) {
	frame := func(k int) *imageio.Image { return card(128, 64, k) }
	sounds := map[string]string{}
	for _, name := range []string{"a.m4a", "a.ogg", "a.wav", "a.mkv"} {
		args := []string{"-f", "lavfi", "-i", "sine=d=0.2:r=48000"}
		if name == "a.mkv" { // with two tracks
			args = append(args, "-f", "lavfi", "-i", "sine=400:d=0.2:r=48000", "-map", "0", "-map", "1", "-c:a", "aac")
		}
		sounds[name] = filepath.Join(ffmpeg(t, append(args, name)...), name)
	}
	for _, c := range []struct {
		name, sound string
		copied      bool
		codec       string
		info        Info
		tags        string // range, space, transfer, primaries
	}{
		{"a.mp4", "a.m4a", true, "h264", Info{}, "tv smpte170m smpte170m smpte170m"},
		{"a.mp4", "a.wav", false, "h264", Info{Colour: Coding{Matrix: BT709}}, "tv bt709 bt709 bt709"},
		{"a.mov", "a.wav", true, "h264", Info{Colour: Coding{Range: Full}}, "pc smpte170m smpte170m smpte170m"},
		{"a.mkv", "a.mkv", true, "h264", Info{Aspect: Rational{4, 3}, Rate: Rational{30000, 1001}}, "tv smpte170m smpte170m smpte170m"},
		{"a.webm", "a.ogg", true, "vp9", Info{}, "tv smpte170m smpte170m smpte170m"},
		{"a.webm", "a.m4a", false, "vp9", Info{}, "tv smpte170m smpte170m smpte170m"},
		{"a.mp4", "", true, "h264", Info{}, "tv smpte170m smpte170m smpte170m"},
	} {
		name := c.name + " " + c.sound
		film := Film{Info: c.info, Frames: 5, Sound: sounds[c.sound]}
		limit := exactLimited
		if c.info.Colour.Range == Full {
			limit = exactFull
		}
		lossless := write(t, c.name, film, WriteOptions{Quality: 100}, of(5, frame))
		checkCard(t, name, mustOpen(t, lossless, ReadOptions{}), 5, limit)
		path := write(t, c.name, film, WriteOptions{}, of(5, frame))
		clip := mustOpen(t, path, ReadOptions{})
		info := clip.Info()
		rate, aspect := c.info.Rate, c.info.Aspect
		if !rate.known() {
			rate = Rational{25, 1}
		}
		if !aspect.known() {
			aspect = Rational{1, 1}
		}
		if info.Rate != rate || info.Aspect != aspect || info.Sound != (c.sound != "") {
			t.Errorf("%s: %+v", name, info)
		}
		if got := ffprobe(t, path, "codec_name,color_range,color_space,color_transfer,color_primaries"); got != c.codec+" "+c.tags {
			t.Errorf("%s: %s", name, got)
		}
		frames := all(t, clip)
		if len(frames) != 5 {
			t.Fatalf("%s: %d frames", name, len(frames))
		}
		for k, im := range frames {
			if d := mean(middles(im), middles(frame(k))); !(d <= 2) {
				t.Errorf("%s: the middles of frame %d are %v off on average", name, k, d)
			}
		}
		if c.sound == "" {
			continue
		}
		if same := hashOfSound(t, path) == hashOfSound(t, sounds[c.sound]); same != c.copied {
			t.Errorf("%s: the sound is the same: %v", name, same)
		}
	}
}

// TestSoundOfAnything puts the sound of an MP4 into an AVI, from its beginning and later.
func TestSoundOfAnything(t *testing.T) {
	dir := ffmpeg(t, "-f", "lavfi", "-i", "sine=d=0.4:r=48000", "a.m4a")
	source := filepath.Join(dir, "a.m4a")
	frame := of(12, func(k int) *imageio.Image { return card(32, 32, k) })
	path := write(t, "a.avi", Film{Frames: 10, Sound: source}, WriteOptions{}, frame)
	if got, want := hashOfSound(t, path), hashOfSound(t, source); got != want {
		t.Errorf("the sound is %s, want %s", got, want)
	}
	whole := soundIn(t, path)
	part := soundIn(t, write(t, "b.avi", Film{Frames: 3, Sound: source, SoundFrom: 0.2}, WriteOptions{}, frame))
	if !bytes.HasSuffix(whole, part) || len(part) < 2*48000/5 {
		t.Errorf("%d bytes of sound from the middle of %d on are others", len(part), len(whole))
	}
	silent := filepath.Join(ffmpeg(t, "-i", cardFile(t, 32, 32, 2), "a.mp4"), "a.mp4")
	if mustOpen(t, write(t, "c.avi", Film{Frames: 2, Sound: silent}, WriteOptions{}, frame), ReadOptions{}).Info().Sound {
		t.Error("there is sound out of nothing")
	}
}

// TestPartOfSound writes a part of a film with the sound that belongs to it.
func TestPartOfSound(t *testing.T) {
	source := filepath.Join(ffmpeg(t, "-f", "lavfi", "-i", "sine=d=4:r=8000", "a.wav"), "a.wav")
	film := Film{Frames: 25, Sound: source, SoundFrom: 1.5}
	path := write(t, "a.mov", film, WriteOptions{}, of(25, func(k int) *imageio.Image { return card(32, 32, k) }))
	dir := ffmpeg(t, "-i", path, "-f", "s16le", "raw")
	raw, err := os.ReadFile(filepath.Join(dir, "raw"))
	if err != nil {
		t.Fatal(err)
	}
	const packet = 4096 // which is copied as a whole
	if want := soundIn(t, source)[2*12000:][:2*8000]; !bytes.HasPrefix(raw, want) || len(raw) > len(want)+packet {
		t.Errorf("%d bytes of sound are others, or not %d", len(raw), len(want))
	}
}

// TestWriteOddSides writes odd sides, and chroma of every pixel with 10 bits.
func TestWriteOddSides(t *testing.T) {
	fixture.Tool(t, "ffmpeg")
	frame := func(k int) *imageio.Image { return card(33, 17, k) }
	for _, name := range []string{"a.mp4", "a.webm"} {
		c := mustOpen(t, write(t, name, Film{Frames: -1}, WriteOptions{}, of(3, frame)), ReadOptions{})
		if i := c.Info(); i.W != 34 || i.H != 18 || len(all(t, c)) != 3 {
			t.Errorf("%s: %+v", name, i)
		}
	}
	frame = func(k int) *imageio.Image { return card(128, 64, k) }
	o := WriteOptions{Coding: Coding{Chroma: C444, Depth: 10}}
	path := write(t, "a.mp4", Film{Frames: 2}, o, of(2, frame))
	if got := ffprobe(t, path, "pix_fmt"); got != "yuv444p10le" {
		t.Error(got)
	}
}

// TestQuality has numbers of encoders for qualities.
func TestQuality(t *testing.T) {
	for q, want := range map[int]string{100: "0", 95: "16", 1: "51", 98: "7", 50: "33"} {
		if got := h264[0].quality(q)[1]; got != want {
			t.Errorf("%d: %s, want %s", q, got, want)
		}
	}
}

// TestRotation reads what a phone writes when it is held upright.
func TestRotation(t *testing.T) {
	frames := cardFile(t, 128, 64, 2)
	plain := ffmpeg(t, "-i", frames, "-vf", "setsar=2/1", "-pix_fmt", "yuv444p", "-c:v", "libx264", "-qp", "0", "a.mp4")
	dir := ffmpeg(t, "-i", filepath.Join(plain, "a.mp4"), "-c", "copy", "-metadata:s:v:0", "rotate=90", "b.mp4")
	c := mustOpen(t, filepath.Join(dir, "b.mp4"), ReadOptions{})
	if i := c.Info(); i.W != 64 || i.H != 128 || i.Aspect != (Rational{1, 2}) {
		t.Errorf("%+v", i)
	}
	got, want := mustFrame(t, c, 0), card(128, 64, 0)
	turned := want.Turned(90)
	back := want.Turned(270)
	a, b := off(t, got, turned), off(t, got, back)
	if !(min(a, b) <= 60) || !(max(a, b) > 200) { // edges between patches are as ffmpeg makes them
		t.Errorf("%v or %v off", a, b)
	}
}

// TestVariableRate reads a film whose frames come at times of their own.
func TestVariableRate(t *testing.T) {
	frames := cardFile(t, 64, 32, 10)
	dir := ffmpeg(t, "-framerate", "10", "-i", frames, "-vf", "setpts='if(lt(N,5),N,5+(N-5)*3)/(10*TB)'", "-vsync", "vfr",
		"-c:v", "ffv1", "a.mkv")
	c := mustOpen(t, filepath.Join(dir, "a.mkv"), ReadOptions{})
	if n := len(all(t, c)); !(math.Abs(float64(n)/c.Info().Rate.Float()-2) < 0.4) {
		t.Errorf("%d frames at %v, %v", n, c.Info().Rate, c.Notes())
	}
}

// TestNoFFmpeg wants what is missing to be said.
func TestNoFFmpeg(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	film := put(t, "it's.mp4", []byte("\x00\x00\x00\x18ftypisom................"))
	out := filepath.Join(t.TempDir(), "out.mp4")
	_, err := Open(film, ReadOptions{})
	for path, err := range map[string]error{
		film: err, out: Check(out),
	} {
		bad, ok := errors.AsType[*ToolError](err)
		if !ok || !errors.Is(err, ErrNoTool) {
			t.Fatalf("%v", err)
		}
		checkError(t, path, err)
		if !strings.Contains(bad.Hint(), "ffmpeg -i ") {
			t.Errorf("%q does not say what to do", bad.Hint())
		}
	}
	if got := PipeOut("-", "in.mp4", "out 1.mp4"); got != "ffmpeg -i - -i in.mp4 -map 0:v -map '1:a?' -c:a copy 'out 1.mp4'" {
		t.Error(got)
	}
	if hint := err.(*ToolError).Hint(); !strings.Contains(hint, `/it'\''s.mp4' -f yuv4mpegpipe -strict -1 -`) {
		t.Errorf("%q", hint)
	}
}

// TestFFmpegFails gives ffmpeg what it cannot read or write.
func TestFFmpegFails(t *testing.T) {
	fixture.Tool(t, "ffmpeg")
	film := put(t, "a.mp4", []byte("\x00\x00\x00\x18ftypisom................"))
	_, err := Open(film, ReadOptions{})
	if _, ok := errors.AsType[*ToolError](err); !ok {
		t.Fatalf("%v", err)
	}
	checkError(t, film, err)
	sound := put(t, "a.wav", []byte("no sound"))
	out := filepath.Join(t.TempDir(), "out.mp4")
	err = Write(out, Film{Frames: 3, Sound: sound}, WriteOptions{}, of(3, func(k int) *imageio.Image { return card(64, 64, k) }))
	if _, ok := errors.AsType[*ToolError](err); !ok {
		t.Fatalf("%v", err)
	}
	if left, _ := os.ReadDir(filepath.Dir(out)); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
