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
)

// uploaded is the answer to a picture that was sent.
type uploaded struct {
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Bytes  int64  `json:"bytes"`
	Made   bool   `json:"made"` // has a recipe
}

// uploadFolders has the folder of each kind of picture.
var uploadFolders = map[string]string{"": "in", "in": "in", "init": "in", "palette": "in", "mask": "masks"}

// work returns the name of a file in progress.
func (s *Server) work(ending string) string {
	return filepath.Join(s.dir, hidden, "work", rand.Text()+ending)
}

// endings are those of each kind of picture; the first is given to a name without one of them.
var endings = map[string][]string{
	"PNG": {".png"}, "JPEG": {".jpg", ".jpeg"}, "TIFF": {".tif", ".tiff"}, "GIF": {".gif"}, "WebP": {".webp"},
	"BMP": {".bmp"},
}

// putUpload takes a picture. The body is streamed to a hidden file, which is moved into its folder once it is
// known to be a picture.
func (s *Server) putUpload(_ http.ResponseWriter, r *http.Request) (any, error) {
	folder, is := uploadFolders[r.URL.Query().Get("kind")]
	if !is {
		return nil, refused("the kind must be in, init, palette or mask", "").of("kind")
	}
	name := cleanName(r.URL.Query().Get("name"))
	tooLarge := &Error{Status: http.StatusRequestEntityTooLarge,
		Text: "the picture has more than " + megabytes(s.config.MaxUpload),
		Hint: "copy it into the folder " + folder + " of the studio, or start that with --upload-limit"}
	if r.ContentLength > s.config.MaxUpload {
		drain(r.Body)
		return nil, tooLarge
	}
	f, err := os.OpenFile(s.work(""), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, sum), io.LimitReader(r.Body, s.config.MaxUpload+1))
	if n > s.config.MaxUpload {
		drain(r.Body)
		return nil, tooLarge
	}
	if err != nil {
		return nil, refused("the picture did not arrive: "+err.Error(), "send it again")
	}
	about, err := inspect(f, name)
	if err != nil {
		return nil, err
	}
	if name == "" {
		name = "picture-" + time.Now().Format("20060102-150405")
	}
	if !hasEnding(name, endings[about.Kind]) {
		name += endings[about.Kind][0]
	}
	answer := uploaded{
		SHA256: hex.EncodeToString(sum.Sum(nil)), Width: about.Width, Height: about.Height, Bytes: n,
		Made: about.Recipe != nil,
	}
	s.moving.Lock()
	defer s.moving.Unlock()
	if answer.File = s.find(answer.SHA256, n, folder); answer.File != "" {
		return answer, nil
	}
	answer.File = s.freeName(folder, name)
	if err := s.root.Rename(path.Join(hidden, "work", filepath.Base(f.Name())), answer.File); err != nil {
		return nil, err
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
