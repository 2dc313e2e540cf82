package film

import (
	"context"
	"encoding/json"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// probed is what ffprobe says of a film.
type probed struct {
	Streams []probedStream `json:"streams"`
	Format  struct {
		Duration string `json:"duration"`
	} `json:"format"`
}

type probedStream struct {
	Type     string `json:"codec_type"`
	Codec    string `json:"codec_name"`
	Pixels   string `json:"pix_fmt"`
	Space    string `json:"color_space"`
	Range    string `json:"color_range"`
	Transfer string `json:"color_transfer"`
	Primary  string `json:"color_primaries"`
	Location string `json:"chroma_location"`
	Rate     string `json:"r_frame_rate"`
	Mean     string `json:"avg_frame_rate"`
	Aspect   string `json:"sample_aspect_ratio"`
	Duration string `json:"duration"`
	Still    struct {
		Attached int `json:"attached_pic"`
	} `json:"disposition"`
}

// probe asks ffprobe about a film. The result is nil if there is no ffprobe, or it fails.
func probe(path string) *probed {
	tool, err := program("ffprobe")
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	args := append([]string{"-v", "error"}, localOnly...)
	args = append(args, "-show_streams", "-show_format", "-of", "json", fileURL(path))
	text, err := exec.CommandContext(ctx, tool, args...).Output()
	p := new(probed)
	if err != nil || json.Unmarshal(text, p) != nil {
		return nil
	}
	return p
}

// video returns the first stream of moving pictures, or nil.
func (p *probed) video() *probedStream {
	if p == nil {
		return nil
	}
	for i := range p.Streams {
		if s := &p.Streams[i]; s.Type == "video" && s.Still.Attached == 0 {
			return s
		}
	}
	return nil
}

// audio returns the codecs of the streams of sound.
func (p *probed) audio() (codecs []string) {
	if p == nil {
		return nil
	}
	for _, s := range p.Streams {
		if s.Type == "audio" {
			codecs = append(codecs, s.Codec)
		}
	}
	return codecs
}

// seconds returns how long the film is, 0 if that is not known.
func (p *probed) seconds() float64 {
	if p == nil {
		return 0
	}
	if v := p.video(); v != nil {
		if d, err := strconv.ParseFloat(v.Duration, 64); err == nil && d > 0 {
			return d
		}
	}
	d, err := strconv.ParseFloat(p.Format.Duration, 64)
	if err != nil || !(d > 0) {
		return 0
	}
	return d
}

// ratio returns a rate such as 30000/1001.
func ratio(text string) Rational {
	r, err := parseRatio(strings.Replace(text, "/", ":", 1))
	if err != nil {
		return Rational{}
	}
	return r
}

// matrix returns what a stream says of its matrix.
func (s *probedStream) matrix() Matrix {
	switch s.Space {
	case "bt470bg", "smpte170m", "fcc":
		return BT601
	case "bt709":
		return BT709
	case "bt2020nc", "bt2020c":
		return BT2020
	}
	return 0
}

// hdr tells whether values stand for more light than a screen has.
func (s *probedStream) hdr() bool { return s.Transfer == "smpte2084" || s.Transfer == "arib-std-b67" }

// narrow returns the filter of ffmpeg that brings colours of BT.2020 and of HDR to BT.709, which has the
// primaries of sRGB, or "" if there is nothing to do, and a note.
func (s *probedStream) narrow(has map[string]bool) (filter, note string) {
	switch {
	case !s.hdr() && s.Primary != "bt2020" || s.rgb():
		return "", ""
	case !has["zscale"] || s.hdr() && !has["tonemap"]:
		return "", "its colours are those of BT.2020 or HDR and look pale: this ffmpeg cannot convert them, without zscale"
	case !s.hdr():
		return "zscale=p=709:t=709:m=709", ""
	}
	const nits = "100" // of white
	return "zscale=t=linear:npl=" + nits + ",format=gbrpf32le,zscale=p=709,tonemap=hable:desat=0," +
		"zscale=t=709:m=709:r=limited,format=yuv444p10le", "its colours are HDR: they are tone-mapped"
}

// clear tells whether pixels have opacity.
func (s *probedStream) clear() bool {
	for _, mark := range []string{"yuva", "rgba", "bgra", "argb", "abgr", "gbrap", "ya8", "ya16"} {
		if strings.HasPrefix(s.Pixels, mark) {
			return true
		}
	}
	return false
}

// rgb tells whether pixels are not luma and chroma.
func (s *probedStream) rgb() bool {
	for _, name := range []string{"rgb", "bgr", "gbr", "argb", "abgr", "0rgb", "0bgr", "pal8", "mono", "xyz"} {
		if strings.HasPrefix(s.Pixels, name) {
			return true
		}
	}
	return s.Space == "gbr"
}

// deep tells whether samples have more than 8 bits.
func (s *probedStream) deep() bool {
	for _, mark := range []string{"9", "10", "12", "14", "16", "48", "64", "f32"} {
		if strings.Contains(strings.TrimPrefix(s.Pixels, "nv"), mark) {
			return true
		}
	}
	return false
}

// y4m returns the format that ffmpeg has to turn pixels into for Y4M, or "" if that holds them as they are.
func (s *probedStream) y4m() string {
	name := strings.TrimSuffix(strings.TrimSuffix(s.Pixels, "le"), "be")
	plain := strings.Replace(name, "yuvj", "yuv", 1)
	base, depth, _ := strings.Cut(plain, "p")
	switch {
	case plain == "gray" || plain == "gray9" || plain == "gray10" || plain == "gray12" || plain == "gray16":
		return ""
	case base != "yuv444" && base != "yuv422" && base != "yuv420" && plain != "yuv411p":
	case depth == "" || depth == "9" || depth == "10" || depth == "12" || depth == "14" || depth == "16":
		return ""
	}
	chroma := "yuv444p"
	for _, mark := range []string{"420", "422"} {
		if strings.Contains(plain, mark) {
			chroma = "yuv" + mark + "p"
		}
	}
	if strings.HasPrefix(plain, "nv12") || strings.HasPrefix(plain, "nv21") || strings.HasPrefix(plain, "p01") {
		chroma = "yuv420p"
	}
	if s.deep() {
		chroma += "10le"
	}
	return chroma
}
