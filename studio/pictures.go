package studio

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"oneiro/internal/imageio"
	"oneiro/internal/memory"
)

// A picture that is shown has limits beside those of memory: a file of a few kilobytes can promise so many
// pixels that decoding them takes hours.
const (
	maxPixels  = 500_000_000
	maxDecodes = 2 // at the same time
)

// budget is how much memory decoding one picture may take: a quarter of the machine's, up to 2 GiB.
func budget() int64 {
	const most = 2 << 30
	if machine := memory.Machine(); machine > 0 {
		return min(machine/4, most)
	}
	return most / 2
}

// about is what the studio knows of a picture.
type about struct {
	Width, Height int
	Kind          string
	made          *made  // by a recipe; nil for none
	still         string // of a film: the picture that stands for it
}

// about returns what is known of a picture or of a film, or nil if it is none.
func (s *Server) about(file string) *about {
	info, err := s.stat(file, shown)
	if err != nil {
		return nil
	}
	found, _ := s.known.of(file, info, func() any {
		a, err := s.inspectFile(file, info)
		if err != nil {
			return (*about)(nil)
		}
		return a
	}).(*about)
	return found
}

// inspectFile finds out what about returns.
func (s *Server) inspectFile(file string, info fs.FileInfo) (*about, error) {
	if isFilm(file, info) {
		return s.aboutClip(file)
	}
	f, _, err := s.openFile(file, shown)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return inspect(f, file)
}

// inspect reads the header of a picture and the recipe in it. It refuses what is too large to be shown.
func inspect(f *os.File, name string) (*about, error) {
	info, err := imageio.StatFile(f, name)
	if err != nil {
		return nil, unfit(err)
	}
	if pixels := int64(info.W) * int64(info.H); pixels > maxPixels {
		return nil, &Error{Status: http.StatusRequestEntityTooLarge,
			Text: fmt.Sprintf("%s has %dx%d pixels, which is more than %d million", name, info.W, info.H, maxPixels/1_000_000),
			Hint: "make it smaller first"}
	}
	if need := info.Bytes(imageio.ReadOptions{Fit: imageio.Longest(largestThumb)}); need > budget() {
		return nil, &Error{Status: http.StatusRequestEntityTooLarge,
			Text: fmt.Sprintf("decoding %s takes %s of memory, more than the %s that a picture may take here", name,
				megabytes(need), megabytes(budget())),
			Hint: "make it smaller first, or save it as a PNG"}
	}
	a := &about{Width: info.W, Height: info.H, Kind: info.Kind}
	a.made = new(made).read(recipeOf(f, name))
	return a, nil
}

// recipeOf returns the recipe in a picture, nil for none.
func recipeOf(f *os.File, name string) json.RawMessage {
	text, err := imageio.RecipeFile(f, name)
	if err != nil || !json.Valid([]byte(text)) {
		return nil
	}
	return json.RawMessage(text)
}

// unfit reports a file that is not a picture that can be read.
func unfit(err error) error {
	e := asError(err)
	e.Status = http.StatusUnsupportedMediaType
	return e
}

// decode reads a picture of the folder at the size that fit says. A few are decoded at a time.
func (s *Server) decode(r *http.Request, file string, o imageio.ReadOptions) (*imageio.Image, error) {
	a := s.about(file)
	if a == nil {
		return nil, absent("there is no picture " + quoted(file))
	}
	select {
	case s.decodes <- struct{}{}:
		defer func() { <-s.decodes }()
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	var f *os.File
	var err error
	if a.still != "" {
		f, err = s.root.Open(a.still)
	} else {
		f, _, err = s.openFile(file, shown)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	o.MaxBytes = budget()
	im, err := imageio.ReadFile(f, file, o)
	if err != nil {
		return nil, unfit(err)
	}
	return im, nil
}

// thumbSizes are the longer sides of small pictures.
var thumbSizes = []int{64, 128, 256, 512, largestThumb}

const largestThumb = 768

// thumbSize returns the size of small pictures that is nearest to a wish, from above.
func thumbSize(text string) int {
	wish, err := strconv.Atoi(text)
	if err != nil {
		return 256
	}
	return thumbSizes[min(sort.SearchInts(thumbSizes, wish), len(thumbSizes)-1)]
}

// thumbName returns the path of something small that is kept of a file, without an ending. It changes when the
// file does.
func thumbName(file string, info fs.FileInfo, what any) string {
	sum := sha256.Sum256(fmt.Append(nil, file, "\n", stamp(info), "\n", what))
	return path.Join(hidden, "thumbs", hex.EncodeToString(sum[:12]))
}

// thumb returns the path of a small copy of a picture, a JPEG, and a name that changes when the picture does.
func (s *Server) thumb(r *http.Request, file string, size int) (copied, tag string, err error) {
	info, err := s.stat(file, shown)
	if err != nil || !info.Mode().IsRegular() && !info.IsDir() {
		return "", "", absent("there is no file " + quoted(file))
	}
	name := thumbName(file, info, size)
	copied, tag = name+".jpg", path.Base(name)
	if _, err := s.root.Stat(copied); err == nil {
		return copied, tag, nil
	}
	// What is cut short is shown as far as it goes; a job that reads it says so.
	im, err := s.decode(r, file, imageio.ReadOptions{Fit: atMost(size), AllowTruncated: true})
	if err != nil {
		return "", "", err
	}
	return copied, tag, imageio.Write(s.path(copied), im, imageio.Meta{Quality: 90})
}

// atMost makes pictures smaller whose longer side is longer.
func atMost(longer int) imageio.Fit {
	return func(w, h int) imageio.View {
		if max(w, h) > longer {
			w, h = imageio.FitSize(w, h, longer)
		}
		return imageio.View{W: w, H: h}
	}
}

// path returns the full path of one of the studio's own files, for packages that do not take an os.Root.
func (s *Server) path(file string) string { return filepath.Join(s.dir, filepath.FromSlash(file)) }

func (s *Server) getThumb(w http.ResponseWriter, r *http.Request) (any, error) {
	copied, tag, err := s.thumb(r, r.PathValue("file"), thumbSize(r.URL.Query().Get("size")))
	if err != nil {
		return nil, err
	}
	f, err := s.root.Open(copied)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	w.Header().Set("ETag", `"`+tag+`"`)
	return nil, send(w, r, f, "image/jpeg")
}

// send answers with an open file.
func send(w http.ResponseWriter, r *http.Request, f *os.File, kind string) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", kind)
	http.ServeContent(w, r, "", info.ModTime(), f)
	return nil
}

// kinds are the media types of what is served, by the ending; anything else is bytes.
var kinds = map[string]string{
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
	".tif": "image/tiff", ".tiff": "image/tiff", ".bmp": "image/bmp", ".apng": "image/apng",
}

func kindOf(file string) string {
	return cmp.Or(kinds[ending(file)], clipKinds[ending(file)], "application/octet-stream")
}

// formats are what pictures can be converted to.
var formats = map[string]string{"png": ".png", "jpeg": ".jpg", "tiff": ".tif"}

func (s *Server) getFile(w http.ResponseWriter, r *http.Request) (any, error) {
	file, query := r.PathValue("file"), r.URL.Query()
	name := path.Base(file)
	f, info, err := s.openFile(file, shown)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if query.Has("format") {
		ending, is := formats[query.Get("format")]
		if !is {
			return nil, refused("a picture can be png, jpeg or tiff", "").of("format")
		}
		if kindOf(file) != kindOf(ending) {
			name = strings.TrimSuffix(name, path.Ext(name)) + ending
			converted, err := s.convert(r, file, ending)
			if err != nil {
				return nil, err
			}
			defer os.Remove(converted.Name())
			defer converted.Close()
			f = converted
		}
	}
	if query.Has("download") || query.Has("format") {
		w.Header().Set("Content-Disposition", disposition(name))
	}
	if !query.Has("format") {
		w.Header().Set("ETag", `"`+strings.ReplaceAll(stamp(info), " ", "-")+`"`)
	}
	return nil, send(w, r, f, kindOf(name))
}

// disposition names a file that is to be saved (RFC 6266).
func disposition(name string) string {
	var b strings.Builder
	for _, c := range []byte(name) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return "attachment; filename*=UTF-8''" + b.String()
}

// convert writes a picture in another format, with the recipe in it, and opens that. The caller removes it.
func (s *Server) convert(r *http.Request, file, ending string) (*os.File, error) {
	im, err := s.decode(r, file, imageio.ReadOptions{})
	if err != nil {
		return nil, err
	}
	name := s.work(ending)
	meta := imageio.Meta{}
	if f, _, err := s.openFile(file, shown); err == nil {
		meta.Recipe = string(recipeOf(f, file))
		f.Close()
	}
	if im.Profile != nil && im.Profile.Invertible() {
		meta.Profile = im.Profile
	}
	if err := imageio.Write(name, im, meta); err != nil {
		return nil, err
	}
	f, err := os.Open(name)
	if err != nil {
		os.Remove(name)
	}
	return f, err
}

// getFiles lists the pictures, or the weights, of a folder.
func (s *Server) getFiles(_ http.ResponseWriter, r *http.Request) (any, error) {
	var all []File
	var err error
	switch folder := r.URL.Query().Get("folder"); folder {
	case "weights":
		all, err = s.list(folder)
		for _, file := range s.config.Weights {
			if info, statErr := os.Stat(file); statErr == nil {
				all = append(all, File{File: file, Bytes: info.Size(), Modified: info.ModTime()})
			}
		}
	case "in", "masks", "out":
		if folder == "in" && r.URL.Query().Has("clips") {
			all, err = s.clips(r.Context())
			break
		}
		all, err = s.pictures(folder)
	default:
		return nil, refused("the folder must be in, masks, out or weights", "").of("folder")
	}
	return map[string]any{"files": all}, err
}

// hash returns the SHA-256 of a file of the folder in hexadecimal, empty if it cannot be read.
func (s *Server) hash(file string) string {
	f, info, err := s.openFile(file, folders)
	if err != nil {
		return ""
	}
	defer f.Close()
	sum, _ := s.hashes.of(file, info, func() any {
		h := sha256.New()
		if _, err := io.Copy(h, f); err != nil {
			return ""
		}
		return hex.EncodeToString(h.Sum(nil))
	}).(string)
	return sum
}
