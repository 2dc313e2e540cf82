package studio

import (
	"encoding/json"
	"net/http"
	"path"
	"strings"
)

// made is what the studio reads of the recipe in a picture; docs/json.md has all.
type made struct {
	Command string
	Inputs  []struct{ Role, Name, SHA256 string }
	Network struct{ Name, File string }
	Options map[string]string
	Step    int
	Frame   int
	Score   *struct{ Numbers map[string]float64 }
}

// read parses a recipe. It is not to be trusted.
func (m *made) read(text json.RawMessage) *made {
	if text == nil || json.Unmarshal(text, m) != nil {
		return nil
	}
	return m
}

// moves returns whether that makes a film. A picture with the number of a frame is one of it.
func (m *made) moves() bool {
	return m.Frame == 0 && (strings.HasPrefix(m.Command, "film") || m.Options["frames"] != "")
}

// Result is a picture as the gallery shows it.
type Result struct {
	File
	Command string             `json:"command"`
	Method  string             `json:"method,omitempty"` // of style, if it is not the usual one
	Network string             `json:"network"`
	Style   []string           `json:"style"`
	Content string             `json:"content"`
	Score   map[string]float64 `json:"score"`
	Seconds float64            `json:"seconds,omitempty"`
	Film    bool               `json:"film,omitempty"`  // it moves
	Still   bool               `json:"still,omitempty"` // and only /thumb shows it: it is no picture
	Job     int                `json:"job,omitempty"`
	Step    int                `json:"step,omitempty"` // of a run that did not come to its end
}

// getGallery lists the results, newest first.
func (s *Server) getGallery(http.ResponseWriter, *http.Request) (any, error) {
	files, err := s.pictures("out")
	if err != nil {
		return nil, err
	}
	jobs := map[string]*Job{}
	for _, j := range s.queue.all() {
		if j.Output != nil {
			jobs[*j.Output] = j
		}
	}
	all := make([]Result, 0, len(files))
	for _, f := range files {
		r := Result{File: f, Style: []string{}}
		a := s.about(f.File)
		r.Still = a != nil && a.still != ""
		r.Film = r.Still || ending(f.File) == ".gif" || ending(f.File) == ".apng"
		if a != nil && a.made != nil {
			m := a.made
			r.Film = r.Film || m.moves()
			r.Command, r.Method, r.Network, r.Step = m.Command, m.Options["method"], m.Network.Name, m.Step
			for _, in := range m.Inputs {
				switch in.Role {
				case "style":
					r.Style = append(r.Style, in.Name)
				case "content", "image":
					r.Content = in.Name
				}
			}
			if m.Score != nil {
				r.Score = m.Score.Numbers
			}
		}
		if j := jobs[f.File]; j != nil {
			r.Job, r.Seconds = j.ID, j.Seconds
		}
		all = append(all, r)
	}
	return map[string]any{"pictures": all}, nil
}

// getRecipe says how a picture was made, with its inputs where they are now.
func (s *Server) getRecipe(_ http.ResponseWriter, r *http.Request) (any, error) {
	file := r.URL.Query().Get("file")
	if err := s.isInput(file); err != nil {
		return nil, err.of("file")
	}
	var found json.RawMessage
	err := s.ask(r.Context(), &found, "recipe", argument(file), "--json", "--find="+s.places())
	return found, err
}

// postTrash puts a picture into the trash.
func (s *Server) postTrash(w http.ResponseWriter, r *http.Request) (any, error) {
	var wish struct{ File string }
	if err := read(w, r, &wish); err != nil {
		return nil, err
	}
	f, _, err := s.openFile(wish.File, shown)
	if err != nil {
		return nil, err
	}
	f.Close()
	if id := s.queue.needs(wish.File); id != 0 {
		return nil, conflict(wish.File+" is needed by a job that waits or runs", "cancel that first")
	}
	return s.move(wish.File, path.Join("trash", path.Dir(wish.File)))
}

// trashFrames puts the frames of a film that will not be made into the trash.
func (s *Server) trashFrames(target string) {
	s.moving.Lock()
	defer s.moving.Unlock()
	frames := target + framesEnding
	if !s.exists(frames) {
		return
	}
	folder := path.Join("trash", path.Dir(target))
	if err := s.root.MkdirAll(folder, 0o777); err != nil {
		s.log("the frames %s are left: %v", frames, err)
		return
	}
	if err := s.root.Rename(frames, s.freeName(folder, path.Base(frames))); err != nil {
		s.log("the frames %s are left: %v", frames, err)
	}
}

// postUndo takes a picture out of the trash again.
func (s *Server) postUndo(w http.ResponseWriter, r *http.Request) (any, error) {
	var wish struct{ File string }
	if err := read(w, r, &wish); err != nil {
		return nil, err
	}
	f, _, err := s.openFile(wish.File, []string{"trash"})
	if err != nil {
		return nil, err
	}
	f.Close()
	folder := path.Dir(wish.File)[len("trash"):]
	if folder = path.Join(".", folder); !isIn(folder+"/x", shown) {
		return nil, absent("it is not known where " + quoted(wish.File) + " was")
	}
	return s.move(wish.File, folder)
}

// move moves a file to a folder, under a name that is free there. The frames of a film that lie beside it go
// along.
func (s *Server) move(file, folder string) (any, error) {
	s.moving.Lock()
	defer s.moving.Unlock()
	if err := s.root.MkdirAll(folder, 0o777); err != nil {
		return nil, err
	}
	to := s.freeName(folder, path.Base(file))
	if err := s.root.Rename(file, to); err != nil {
		return nil, err
	}
	s.root.Rename(file+framesEnding, to+framesEnding) // or there are none
	s.hub.send("gallery", 0, struct{}{})
	s.hub.send("files", 0, map[string]string{"folder": folder})
	return map[string]string{"file": to}, nil
}
