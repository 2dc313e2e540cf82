package studio

import (
	"encoding/json"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// postRegions proposes regions of a photograph.
func (s *Server) postRegions(w http.ResponseWriter, r *http.Request) (any, error) {
	var wish struct {
		File  string
		Count int
	}
	if err := read(w, r, &wish); err != nil {
		return nil, err
	}
	spec := Spec{Command: "regions", Inputs: map[string]Files{"photo": {Names: []string{wish.File}}}}
	if wish.Count != 0 {
		spec.Options = map[string]string{"count": strconv.Itoa(wish.Count)}
	}
	c, err := s.checked(&spec)
	if err != nil {
		return nil, err
	}
	out := s.work(".png")
	defer os.Remove(out)
	var report struct {
		Regions json.RawMessage
	}
	if err := s.ask(r.Context(), &report, append(c.arguments(&spec, s.own(out)), "--json")...); err != nil {
		return nil, err
	}
	name := path.Base(wish.File)
	s.moving.Lock()
	defer s.moving.Unlock()
	file := s.freeName("masks", strings.TrimSuffix(name, path.Ext(name))+"-regions.png")
	if err := s.root.Rename(s.own(out), file); err != nil {
		return nil, err
	}
	s.hub.send("files", 0, map[string]string{"folder": "masks"})
	return created{map[string]any{"file": file, "regions": report.Regions}}, nil
}

// own returns the path of a file of the studio's own relative to the folder.
func (s *Server) own(full string) string { return path.Join(hidden, "work", filepath.Base(full)) }
