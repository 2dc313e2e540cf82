package studio

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"oneiro/internal/disk"
)

// uploaded is the answer to a picture that was sent.
type uploaded struct {
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Bytes  int64  `json:"bytes"`
	Made   bool   `json:"made"` // has a recipe
	Film   *clip  `json:"film,omitempty"`
}

// uploadFolders has the folder of each kind of picture.
var uploadFolders = map[string]string{"": "in", "in": "in", "init": "in", "palette": "in", "clip": "in",
	"mask": "masks"}

// work returns the name of a file in progress.
func (s *Server) work(ending string) string {
	return filepath.Join(s.dir, hidden, "work", rand.Text()+ending)
}

// endings are those of each kind of picture; the first is given to a name without one of them.
var endings = map[string][]string{
	"PNG": {".png", ".apng"}, "JPEG": {".jpg", ".jpeg"}, "TIFF": {".tif", ".tiff"}, "GIF": {".gif"}, "WebP": {".webp"},
	"BMP": {".bmp"},
}

// arriving is an upload before it is a file of a folder.
type arriving struct {
	kind, name string
	what, flag string // of the limit
	limit      int64
}

// arrival says what is uploaded by a request. It refuses what is too large before anything is read.
func (s *Server) arrival(r *http.Request) (*arriving, error) {
	query := r.URL.Query()
	a := &arriving{query.Get("kind"), cleanName(query.Get("name")), "picture", "--upload-limit", s.config.MaxUpload}
	if a.kind == "clip" {
		a.what, a.flag, a.limit = "film", "--clip-limit", s.config.MaxClip
	}
	if _, is := uploadFolders[a.kind]; !is {
		return nil, refused("the kind must be in, init, palette, clip or mask", "").of("kind")
	}
	if r.ContentLength > a.limit {
		return nil, a.tooLarge()
	}
	if free, err := disk.Free(s.dir); err == nil && r.ContentLength > free {
		return nil, &Error{Status: http.StatusInsufficientStorage,
			Text: "the disk has only " + megabytes(free) + " left", Hint: "make room first"}
	}
	return a, nil
}

func (a *arriving) tooLarge() *Error {
	return &Error{Status: http.StatusRequestEntityTooLarge, Text: "the " + a.what + " has more than " + megabytes(a.limit),
		Hint: "copy it into the folder " + uploadFolders[a.kind] + " of the studio, or start that with " + a.flag}
}

// putUpload takes a picture or a film. The body is streamed to a hidden file, which is moved into its folder
// once it is known to be what it should.
func (s *Server) putUpload(w http.ResponseWriter, r *http.Request) (any, error) {
	a, err := s.arrival(r)
	if err != nil {
		drain(r.Body)
		return nil, err
	}
	if a.kind == "clip" { // which may come a long way
		out := http.NewResponseController(w)
		out.SetReadDeadline(time.Now().Add(time.Hour))
		out.SetWriteDeadline(time.Now().Add(time.Hour + asking))
	}
	f, err := os.OpenFile(s.work(ending(a.name)), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, sum), io.LimitReader(r.Body, a.limit+1))
	if n > a.limit {
		drain(r.Body)
		return nil, a.tooLarge()
	}
	if err != nil {
		return nil, refused("the "+a.what+" did not arrive: "+err.Error(), "send it again")
	}
	answer := uploaded{SHA256: hex.EncodeToString(sum.Sum(nil)), Bytes: n}
	var film *received
	if a.kind == "clip" {
		if film, err = s.receiveClip(r.Context(), f, a.name); err != nil {
			return nil, err
		}
		defer os.Remove(film.still)
		answer.Film, answer.Width, answer.Height = film.clip, film.Width, film.Height
	}
	about, err := inspect(f, a.name)
	switch {
	case err == nil:
		a.complete(about.Kind)
		answer.Width, answer.Height, answer.Made = about.Width, about.Height, about.made != nil
	case film == nil:
		return nil, err
	}
	return s.arrive(f.Name(), a, answer, film)
}

// complete gives a picture a name that fits its kind.
func (a *arriving) complete(kind string) {
	if a.name == "" {
		a.name = "picture-" + time.Now().Format("20060102-150405")
	}
	if !hasEnding(a.name, endings[kind]) {
		a.name += endings[kind][0]
	}
}

// arrive moves a file into its folder, unless its bytes are there already.
func (s *Server) arrive(path string, a *arriving, answer uploaded, film *received) (any, error) {
	folder := uploadFolders[a.kind]
	s.moving.Lock()
	defer s.moving.Unlock()
	if answer.File = s.find(answer.SHA256, answer.Bytes, folder); answer.File != "" {
		return answer, nil
	}
	answer.File = s.freeName(folder, a.name)
	if err := s.root.Rename(s.own(path), answer.File); err != nil {
		return nil, err
	}
	if film != nil {
		if err := film.keep(s, answer.File); err != nil {
			return nil, err
		}
	}
	s.hub.send("files", 0, map[string]string{"folder": folder})
	return created{answer}, nil
}

// drain reads the rest of a body, up to a limit: a client reads the answer only after it has sent everything.
func drain(body io.Reader) { io.CopyN(io.Discard, body, 1<<30) }

func hasEnding(name string, of []string) bool {
	for _, ending := range of {
		if strings.EqualFold(path.Ext(name), ending) {
			return true
		}
	}
	return false
}

// find returns the file in some folders that has the given bytes, or nothing.
func (s *Server) find(sha256 string, bytes int64, in ...string) string {
	for _, folder := range in {
		all, _ := s.list(folder)
		for _, f := range all {
			if (bytes == 0 || f.Bytes == bytes) && s.hash(f.File) == sha256 {
				return f.File
			}
		}
	}
	return ""
}
