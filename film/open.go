package film

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"oneiro/internal/imageio"
	"oneiro/internal/memory"
)

// Stdin is the path of the standard input.
const Stdin = "-"

// kind is what a path leads to.
type kind struct {
	open func(path string, o ReadOptions) (*Clip, error)
	err  error // if it is no clip
}

// fileKinds are the kinds of files that are read here, by their first bytes, of which ? matches any.
var fileKinds = []struct {
	magic string
	many  func(f *os.File) bool // tells whether it can be read here, as several pictures; nil for always
	name  string                // of a file with one picture; "" if ffmpeg may read what cannot be read here
	open  func(path string, o ReadOptions) (*Clip, error)
}{
	{y4mMagic, nil, "", openY4M},
	{"GIF8?a", manyGIF, "a GIF with one picture", animated("GIF", openGIF)},
	{pngMagic, manyAPNG, "a PNG with one picture", animated("PNG", openAPNG)},
	{"RIFF????AVI ", isMJPEG, "", openAVI},
	{"RIFF????WEBPVP8X", manyWebP, "a WebP with one picture", animated("WebP", openWebP)},
}

// animated returns a function that opens an animation.
func animated(
	kind string, open func(a *animation, o ReadOptions) (*Clip, error),
) func(string, ReadOptions) (*Clip, error) {
	return func(path string, o ReadOptions) (*Clip, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, fileError(path, err)
		}
		c, err := open(&animation{path: path, kind: kind, file: f}, o)
		if err != nil {
			f.Close()
		}
		return c, err
	}
}

// IsClip tells whether Open can read several frames from a path, going by its name and the first bytes of
// the file.
func IsClip(path string) bool { return kindOf(path).err == nil }

// kindOf finds out what a path leads to.
func kindOf(path string) kind {
	switch {
	case path == Stdin:
		return kind{open: openStdin}
	case path == "":
		return kind{err: &imageio.FileError{Path: path, Err: imageio.ErrNoName}}
	case isPattern(path):
		return kind{open: openPattern}
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return kind{err: fileError(path, err)}
	case info.IsDir():
		return kind{open: openFolder}
	}
	if !info.Mode().IsRegular() {
		return kind{open: openY4M} // a pipe, of which nothing may be read to find out
	}
	f, err := os.Open(path)
	if err != nil {
		return kind{err: fileError(path, err)}
	}
	defer f.Close()
	head := make([]byte, 32)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.ErrUnexpectedEOF {
		if err == io.EOF {
			err = imageio.ErrEmpty
		}
		return kind{err: fileError(path, err)}
	}
	head = head[:n]
	for _, k := range fileKinds {
		if !imageio.Matches(head, k.magic) {
			continue
		}
		switch {
		case k.many == nil || k.many(f):
			return kind{open: k.open}
		case k.name != "":
			return kind{err: &KindError{Path: path, Kind: k.name}}
		}
		return kind{open: openFFmpeg}
	}
	if isFilm(path, head) {
		return kind{open: openFFmpeg}
	}
	return kind{err: &KindError{Path: path}}
}

// films are the first bytes of files that ffmpeg reads, of which ? matches any, and notFilms those of
// pictures that begin like one of them.
var (
	films = []string{
		"????ftyp", "????moov", "????mdat", "????wide", "????free", "????skip", "\x1aE\xdf\xa3", "OggS", "FLV", "RIFX",
		"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "\x00\x00\x01\xba", "\x00\x00\x01\xb3", "\x06\x0e\x2b\x34", "DKIF",
		"\x00\x00\x00\x01\x67", "\x00\x00\x00\x01\x40", ".RMF", "nut/multimedia",
	}
	notFilms = []string{
		"????ftypcrx", "????ftypavif", "????ftyphei", "????ftyphev", "????ftypmif1", "????ftypmsf1",
	}
	// filmEndings are the endings of films that do not begin with anything.
	filmEndings = []string{".ts", ".m2ts", ".mts", ".mpg", ".mpeg", ".dv", ".vob", ".mxf", ".m4v", ".3gp", ".h264", ".hevc"}
)

// isFilm tells whether a file looks like one that ffmpeg reads.
func isFilm(path string, head []byte) bool {
	for _, magic := range notFilms {
		if imageio.Matches(head, magic) {
			return false
		}
	}
	for _, magic := range films {
		if imageio.Matches(head, magic) {
			return true
		}
	}
	return slices.Contains(filmEndings, strings.ToLower(filepath.Ext(path)))
}

// fileError returns an *imageio.FileError of an error of package os, whose text would name the path again.
func fileError(path string, err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	}
	return &imageio.FileError{Path: path, Err: err}
}

// memoryLimit returns how many bytes a frame may take.
func (o ReadOptions) memoryLimit() int64 {
	const unknown = 8 << 30
	return min(cmp.Or(o.MaxBytes, memory.Machine(), unknown), math.MaxInt)
}

// floats returns how many bytes a picture in memory has, with a factor, or more than there is anywhere.
func floats(w, h int, factor int64) int64 {
	const most = 1 << 58
	if w <= 0 || h <= 0 || int64(w) > most/int64(h) || int64(w)*int64(h) > most/(16*factor) {
		return most
	}
	return 16 * factor * int64(w) * int64(h)
}
