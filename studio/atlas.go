package studio

import (
	"net/http"
	"path"

	"oneiro/internal/sheet"
)

// atlas is a sheet of all channels of a layer, and where each of them is on it.
type atlas struct {
	State    State       `json:"state"` // empty if nobody has asked for it
	Job      int         `json:"job,omitempty"`
	File     string      `json:"file,omitempty"`
	Columns  int         `json:"columns"`
	Rows     int         `json:"rows"`
	Tile     sheet.Place `json:"tile"` // in pixels of the file: the first tile, and the step to the next
	Channels int         `json:"channels"`
}

// getAtlas says how far the atlas of a layer is. POST makes it.
func (s *Server) getAtlas(_ http.ResponseWriter, r *http.Request) (any, error) {
	weights, name := r.URL.Query().Get("weights"), r.URL.Query().Get("layer")
	network, err := s.network(r.Context(), weights)
	if err != nil {
		return nil, err
	}
	all, err := s.layers(r.Context(), network)
	if err != nil {
		return nil, err
	}
	a := atlas{}
	for _, l := range all {
		if l.Name == name {
			a.Channels = l.Channels
		}
	}
	if a.Channels == 0 {
		return nil, absent("there is no layer " + quoted(name) + " in " + network)
	}
	a.Columns = sheet.Columns(a.Channels)
	a.Rows = (a.Channels + a.Columns - 1) / a.Columns
	for _, j := range s.queue.all() {
		if j.Command == "vis" && j.Options["atlas"] == name && j.Options["weights"] == weights && j.State != Failed {
			a.State, a.Job = j.State, j.ID
			break
		}
	}
	pictures, err := s.pictures("out")
	if err != nil {
		return nil, err
	}
	for _, f := range pictures {
		m := s.about(f.File).made
		if m == nil || m.Command != "vis" || m.Options["atlas"] != name || m.Network.Name != network || weights != "" &&
			m.Network.File != path.Base(weights) {
			continue
		}
		a.State, a.File = Done, f.File
		a.Tile = sheet.Even(f.Width, f.Height, a.Columns, a.Rows)
		break
	}
	return a, nil
}

// postAtlas makes the atlas of a layer.
func (s *Server) postAtlas(w http.ResponseWriter, r *http.Request) (any, error) {
	var wish struct{ Weights, Layer string }
	if err := read(w, r, &wish); err != nil {
		return nil, err
	}
	spec := Spec{Command: "vis", Options: map[string]string{"atlas": wish.Layer}}
	if wish.Weights != "" {
		spec.Options["weights"] = wish.Weights
	}
	return s.enqueue(spec)
}
