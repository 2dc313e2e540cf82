package studio

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strings"

	"oneiro/internal/atomicfile"
)

// clipKinds are the media types of films that are no pictures, by the ending. What moves and is a picture, such
// as a GIF, is served and shown as one.
var clipKinds = map[string]string{
	".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime", ".webm": "video/webm", ".ogv": "video/ogg",
	".mkv": "video/x-matroska", ".avi": "video/x-msvideo", ".mpg": "video/mpeg", ".mpeg": "video/mpeg",
	".ts": "video/mp2t", ".mts": "video/mp2t", ".m2ts": "video/mp2t", ".3gp": "video/3gpp", ".flv": "video/x-flv",
	".wmv": "video/x-ms-wmv", ".y4m": "application/octet-stream",
}

// clip is what the program says of a film.
type clip struct {
	Width   int     `json:"width"`
	Height  int     `json:"height"`
	Frames  *int    `json:"frames"` // nil if that is not known
	FPS     float64 `json:"fps"`
	Seconds float64 `json:"seconds"`
}

// ending returns the ending of a file in lower case, with its dot.
func ending(file string) string { return strings.ToLower(path.Ext(file)) }

// isFilm returns whether a file is a film and no picture, by its name; a folder is one of numbered pictures.
func isFilm(file string, info fs.FileInfo) bool { return info.IsDir() || clipKinds[ending(file)] != "" }

// isClip checks that a job may read a film.
func (s *Server) isClip(file string) *Error {
	if info, err := s.stat(file, folders); err != nil || !info.Mode().IsRegular() && !info.IsDir() {
		return absent("there is no file " + quoted(file))
	}
	return nil
}

// askClip asks the program what a film is. It writes the first frame to still, a JPEG.
func (s *Server) askClip(ctx context.Context, file, still string) (*clip, error) {
	c := new(clip)
	return c, s.ask(ctx, c, "clip", argument(file), "--json", "--output="+still,
		fmt.Sprint("--size=", largestThumb), fmt.Sprint("--memory=", budget()))
}

// clip returns what is known of a film in one of the folders, and a picture of its first frame. Both are kept
// beside the small pictures.
func (s *Server) clip(ctx context.Context, file string) (c *clip, still string, err error) {
	info, err := s.stat(file, shown)
	if err != nil {
		return nil, "", absent("there is no film " + quoted(file))
	}
	name := thumbName(file, info, "clip")
	still = name + ".jpg"
	if text, err := s.root.ReadFile(name + ".json"); err == nil && json.Unmarshal(text, &c) == nil {
		return c, still, nil
	}
	if c, err = s.askClip(ctx, file, still); err == nil {
		err = s.keepClip(name, c)
	}
	return c, still, err
}

// keepClip keeps what the program said of a film.
func (s *Server) keepClip(name string, c *clip) error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return atomicfile.Write(s.path(name+".json"), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// aboutClip returns what is known of a film as of a picture.
func (s *Server) aboutClip(file string) (*about, error) {
	c, still, err := s.clip(context.Background(), file)
	if err != nil {
		return nil, err
	}
	return &about{Width: c.Width, Height: c.Height, still: still}, nil
}

// mayMove returns whether a file begins as a picture that may move does.
func mayMove(f io.Reader) bool {
	head := make([]byte, 64<<10)
	n, _ := io.ReadFull(f, head)
	head = head[:n]
	return bytes.HasPrefix(head, []byte("GIF8")) || bytes.HasPrefix(head, []byte("RIFF")) ||
		bytes.HasPrefix(head, []byte("\x89PNG")) && bytes.Contains(head, []byte("acTL"))
}

// clips lists the films among what was dropped, newest first.
func (s *Server) clips(ctx context.Context) ([]File, error) {
	all, err := s.list("in")
	if err != nil {
		return nil, err
	}
	found := all[:0]
	for _, f := range all {
		info, err := s.stat(f.File, shown)
		if err != nil {
			continue
		}
		if !isFilm(f.File, info) {
			file, _, err := s.openFile(f.File, shown)
			if err != nil {
				continue
			}
			moves := mayMove(file)
			file.Close()
			if !moves {
				continue
			}
		}
		answer, _ := s.films.of(f.File, info, func() any {
			c, _, err := s.clip(ctx, f.File)
			if err != nil || c.Frames != nil && *c.Frames < 2 {
				return (*clip)(nil)
			}
			return c
		}).(*clip)
		if answer != nil {
			f.Width, f.Height, f.Seconds = answer.Width, answer.Height, answer.Seconds
			found = append(found, f)
		}
	}
	return found, nil
}

// received is a film that has arrived in full and is no part of a folder yet.
type received struct {
	*clip
	still string // full path
}

// receiveClip checks a film that was uploaded under a name.
func (s *Server) receiveClip(ctx context.Context, f *os.File, name string) (*received, error) {
	if kindOf(name) == "application/octet-stream" && clipKinds[ending(name)] == "" {
		return nil, &Error{Status: http.StatusUnsupportedMediaType, Text: quoted(name) + " has no ending of a film",
			Hint: "call it .mp4, .gif or what else it is"}
	}
	r := &received{still: s.work(".jpg")}
	file := s.own(f.Name())
	var err error
	if r.clip, err = s.askClip(ctx, file, s.own(r.still)); err != nil {
		e := asError(err)
		if e.Status == http.StatusUnprocessableEntity {
			e.Status = http.StatusUnsupportedMediaType
		}
		e.Text, e.Hint = strings.ReplaceAll(e.Text, file, name), strings.ReplaceAll(e.Hint, file, name)
		return nil, e
	}
	return r, nil
}

// keep keeps what is known of a film that is now a file of a folder.
func (r *received) keep(s *Server, file string) error {
	info, err := s.stat(file, shown)
	if err != nil {
		return err
	}
	name := thumbName(file, info, "clip")
	if err := os.Rename(r.still, s.path(name+".jpg")); err != nil {
		return err
	}
	return s.keepClip(name, r.clip)
}
