package film

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"oneiro/internal/imageio"
)

// container is a kind of film that ffmpeg writes.
type container struct {
	format string
	codecs []codec  // of pictures, the best first
	sound  []string // codecs that it holds; nil for all
	coders []string // of sound that it does not hold, the best first
	more   []string // arguments
}

// codec is an encoder of pictures.
type codec struct {
	name    string
	quality func(q int) []string // arguments for a quality of 1 to 100
	deep    bool                 // it has 10 bits, too
}

// usualQuality is what is good for films.
const usualQuality = imageio.JPEGQuality

// scale returns the number from worst, for a quality of 0, by usual to best, for one of 100.
func scale(q, worst, usual, best int) string {
	from, to, n := 0, usualQuality, usual
	if q > usualQuality {
		from, to, worst, n = usualQuality, 100, usual, best
	}
	return strconv.Itoa(worst + (n-worst)*(q-from)/(to-from))
}

var (
	h264 = []codec{
		{"libx264", func(q int) []string { return []string{"-crf", scale(q, 51, 16, 0), "-preset", "medium"} }, true},
		{"libopenh264", func(q int) []string { return []string{"-b:v", scale(q, 100, 12000, 40000) + "k"} }, false},
		{"mpeg4", func(q int) []string { return []string{"-q:v", scale(q, 31, 2, 1)} }, false},
	}
	vp9 = []codec{
		{"libvpx-vp9", func(q int) []string {
			if q == 100 {
				return []string{"-lossless", "1", "-cpu-used", "3", "-row-mt", "1"}
			}
			return []string{"-crf", scale(q, 63, 24, 1), "-b:v", "0", "-cpu-used", "3", "-row-mt", "1"}
		}, true},
		{"libvpx", func(q int) []string { return []string{"-crf", scale(q, 63, 8, 4), "-b:v", "20M"} }, false},
	}
	// inMP4 are the codecs of sound that players of MP4 expect.
	inMP4 = []string{"aac", "mp3", "ac3", "eac3", "alac", "opus", "flac"}
	inMOV = []string{
		"aac", "mp3", "ac3", "eac3", "alac", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le",
		"pcm_s32be", "pcm_f32le", "pcm_f32be", "pcm_f64le", "pcm_u8",
	}
	containers = map[string]container{
		"mp4":  {"mp4", h264, inMP4, []string{"aac"}, []string{"-movflags", "+faststart"}},
		"mov":  {"mov", h264, inMOV, []string{"pcm_s16le"}, []string{"-movflags", "+faststart"}},
		"mkv":  {"matroska", h264, nil, []string{"flac"}, nil},
		"webm": {"webm", vp9, []string{"opus", "vorbis"}, []string{"libopus", "libvorbis", "opus"}, nil},
	}
)

// tags are what ffmpeg calls the matrices, with the primaries and the curve that usually go along.
var tags = map[Matrix][3]string{
	BT601:  {"smpte170m", "smpte170m", "smpte170m"},
	BT709:  {"bt709", "bt709", "bt709"},
	BT2020: {"bt2020nc", "bt2020", "bt709"},
}

// ffmpegWriter is a film that ffmpeg encodes.
type ffmpegWriter struct {
	*writing
	container
	tool   string
	codec  codec
	coders map[string]bool // encoders that this ffmpeg has
}

// newFFmpegWriter finds out what this ffmpeg has for a film. The error is a *ToolError.
func newFFmpegWriter(w *writing) (*ffmpegWriter, error) {
	f := &ffmpegWriter{writing: w, container: containers[strings.ToLower(strings.TrimPrefix(filepath.Ext(w.path), "."))]}
	fail := func(err error) (*ffmpegWriter, error) {
		return nil, &ToolError{Path: w.path, Tool: "ffmpeg", Err: err, Out: true}
	}
	var err error
	if f.tool, err = program("ffmpeg"); err != nil {
		return fail(err)
	}
	f.coders = listed(f.tool, "-encoders")
	var names []string
	for _, c := range f.codecs {
		if f.coders[c.name] {
			f.codec = c
			return f, nil
		}
		names = append(names, c.name)
	}
	return fail(fmt.Errorf("it has none of the encoders %s", strings.Join(names, ", ")))
}

// runFFmpeg has ffmpeg write a film to a file.
func runFFmpeg(name string, w *writing) error {
	f, err := newFFmpegWriter(w)
	if err != nil {
		return err
	}
	first, err := w.next(0) // which says how large it is
	if err != nil {
		return unexpected(err)
	}
	frame := w.frame
	w.frame = func(i int) (im *imageio.Image, err error) {
		if i == 0 && first != nil {
			im, first = first, nil
		} else if im, err = frame(i); err != nil {
			return nil, err
		}
		if f.Coding.Chroma == C420MPEG2 {
			im = even(im)
		}
		return im, nil
	}
	f.Coding = f.coding()
	cmd := exec.Command(f.tool, f.args(name)...)
	messages := new(tail)
	cmd.Stderr = messages
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return &ToolError{Path: w.path, Tool: "ffmpeg", Err: err, Out: true}
	}
	watched := &pipeWriter{w: in}
	err = encodeY4M(watched, w)
	if err != nil && watched.err == nil { // ours: the film is not wanted any more
		cmd.Process.Kill()
		in.Close()
		cmd.Wait()
		return err
	}
	in.Close()
	if failed := cmd.Wait(); failed != nil || err != nil {
		return &ToolError{Path: w.path, Tool: "ffmpeg", Err: said(cmp.Or(failed, err), messages, name), Out: true}
	}
	return nil
}

// even returns a picture with even sides: its last column and row are there twice if they have to be.
func even(im *imageio.Image) *imageio.Image {
	w, h := (im.W+1)&^1, (im.H+1)&^1
	if w == im.W && h == im.H {
		return im
	}
	out := imageio.New(w, h)
	for i := range w * h {
		c := onWhite(im, min(i/w, im.H-1)*im.W+min(i%w, im.W-1))
		copy(out.Pix[3*i:], c[:])
	}
	return out
}

// pipeWriter keeps the error of writing, to tell it from those of frames.
type pipeWriter struct {
	w   io.Writer
	err error
}

func (p *pipeWriter) Write(b []byte) (int, error) {
	n, err := p.w.Write(b)
	p.err = cmp.Or(p.err, err)
	return n, err
}

// coding returns how colours go to ffmpeg: as they are to be stored, so that it does not convert them.
func (f *ffmpegWriter) coding() Coding {
	from, c := f.Colour, f.Coding
	out := Coding{
		Matrix: cmp.Or(c.Matrix, from.Matrix).or(f.h),
		Range:  cmp.Or(c.Range, from.Range, Limited),
		Chroma: c.Chroma,
		Depth:  8,
	}
	if c.Depth > 8 && f.codec.deep {
		out.Depth = 10
	}
	switch {
	case out.Chroma != C444 && out.Chroma != C422 || f.codec.name != "libx264": // what all players show
		out.Chroma = C420MPEG2
	}
	return out
}

// args returns the arguments of ffmpeg.
func (f *ffmpegWriter) args(to string) []string {
	args := []string{"-v", "error", "-y", "-f", "yuv4mpegpipe", "-i", "pipe:0"}
	codecs := []string{}
	if f.Sound != "" {
		p := probe(f.Sound)
		args = append(args, localOnly...)
		if f.SoundFrom > 0 {
			args = append(args, "-ss", decimal(f.SoundFrom))
		}
		if length := float64(f.Frames) / f.Rate.Float(); f.Frames >= 0 && f.cutsSound(p, length) {
			args = append(args, "-t", decimal(length))
		}
		args = append(args, "-i", fileURL(f.Sound))
		codecs = append(codecs, "-map", "0:v:0", "-map", "1:a?")
		codecs = append(codecs, f.soundCodecs(p)...)
	}
	c := f.Coding
	pixels := chromas[c.Chroma].subsampled
	if c.Depth > 8 {
		pixels += "10le"
	}
	tag, colours := tags[c.Matrix], "tv"
	if c.Range == Full {
		colours = "pc"
	}
	filter := fmt.Sprintf("setparams=range=%s:colorspace=%s:color_primaries=%s:color_trc=%s", colours, tag[0], tag[1], tag[2])
	args = append(args, codecs...)
	args = append(args, "-vf", filter, "-c:v", f.codec.name, "-pix_fmt", pixels)
	args = append(args, f.codec.quality(cmp.Or(f.Quality, usualQuality))...)
	args = append(args, "-colorspace", tag[0], "-color_primaries", tag[1], "-color_trc", tag[2], "-color_range", colours)
	args = append(args, f.more...)
	return append(args, "-f", f.format, fileURL(to))
}

// slack is how much longer than the frames sound may be before it is cut, in seconds.
const slack = 0.5

// cutsSound tells whether the sound lasts longer than frames of so many seconds.
func (f *ffmpegWriter) cutsSound(p *probed, length float64) bool {
	all := p.seconds()
	return all == 0 || all-f.SoundFrom > length+slack
}

// soundCodecs returns arguments: sound is copied, but what the container does not hold.
func (f *ffmpegWriter) soundCodecs(p *probed) (args []string) {
	coder := ""
	for _, name := range f.container.coders {
		if f.coders[name] && coder == "" {
			coder = name
		}
	}
	if p == nil && f.sound != nil && coder != "" { // what it is, nobody knows
		return []string{"-c:a", coder, "-b:a", "192k"}
	}
	args = []string{"-c:a", "copy"}
	for i, name := range p.audio() {
		if f.sound != nil && !slices.Contains(f.sound, name) && coder != "" {
			args = append(args, fmt.Sprintf("-c:a:%d", i), coder)
			if !strings.HasPrefix(coder, "pcm") && coder != "flac" {
				args = append(args, fmt.Sprintf("-b:a:%d", i), "192k")
			}
		}
	}
	return args
}

// decimal returns a number as ffmpeg reads it.
func decimal(v float64) string { return strconv.FormatFloat(v, 'f', 6, 64) }

// wavByFFmpeg returns the sound of anything that ffmpeg reads, or nil if there is none.
func wavByFFmpeg(path string) (*pcm, error) {
	tool, err := program("ffmpeg")
	if err != nil {
		return nil, &ToolError{Path: path, Tool: "ffmpeg", Err: err}
	}
	if p := probe(path); p != nil && len(p.audio()) == 0 {
		return nil, nil
	}
	args := append([]string{"-nostdin", "-v", "error"}, localOnly...)
	args = append(args, "-i", fileURL(path), "-map", "0:a:0", "-c:a", "pcm_s16le", "-f", "wav", "pipe:1")
	cmd := exec.Command(tool, args...)
	messages := new(tail)
	cmd.Stderr = messages
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, &ToolError{Path: path, Tool: "ffmpeg", Err: err}
	}
	p, err := wavStream(out)
	if err != nil {
		cmd.Process.Kill()
		failed := cmd.Wait()
		return nil, &ToolError{Path: path, Tool: "ffmpeg", Err: said(errors.Join(err, failed), messages, path)}
	}
	p.skip = func(n int64) error {
		_, err := io.CopyN(io.Discard, out, n)
		if err == io.EOF { // it is over before
			err = nil
		}
		return err
	}
	p.close = func() error {
		cmd.Process.Kill()
		return cmd.Wait()
	}
	return p, nil
}
