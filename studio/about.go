package studio

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// getAbout says what there is to choose from.
func (s *Server) getAbout(_ http.ResponseWriter, r *http.Request) (any, error) {
	weights, err := s.weights(r.Context())
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"version": s.config.Version, "folder": s.dir, "commands": s.config.Commands, "weights": weights,
		"presets": append([]Preset{}, s.config.Presets...), "bookmarks": append([]Bookmark{}, s.config.Bookmarks...),
		"upload_limit": s.config.MaxUpload, "clip_limit": s.config.MaxClip,
	}, nil
}

// Weights is a file or a folder of weights.
type Weights struct {
	File    string `json:"file"`
	Network string `json:"network"` // empty if it is not known
	Problem string `json:"problem,omitempty"`
}

// weights lists the files of weights that jobs may use.
func (s *Server) weights(ctx context.Context) ([]Weights, error) {
	files, err := s.list("weights")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, f := range files {
		names = append(names, f.File)
	}
	all := []Weights{}
	for _, file := range append(names, s.config.Weights...) {
		w := Weights{File: file}
		if w.Network, err = s.network(ctx, file); err != nil {
			w.Problem = err.Error()
		}
		all = append(all, w)
	}
	return all, nil
}

// network returns the network that a file of weights is of; none is the built-in one.
func (s *Server) network(ctx context.Context, file string) (string, error) {
	if file == "" {
		return "builtin", nil
	}
	c, err := s.command("vis")
	if err != nil {
		return "", err
	}
	if err := s.checkValue(c, "weights", file); err != nil {
		return "", err.of("weights")
	}
	full := file
	if !filepath.IsAbs(file) {
		full = s.path(file)
	}
	info, err := os.Stat(full)
	if err != nil {
		return "", absent("there is no file " + quoted(file)).of("weights")
	}
	type answer struct {
		name string
		err  error
	}
	found := s.networks.of(file, info, func() any {
		var start struct {
			Recipe struct{ Network struct{ Name string } }
		}
		err := s.ask(ctx, &start, "vis", "--weights="+file, "--dry-run=plan", "--json", "--quiet", "--checkpoint=off")
		if ctx.Err() != nil {
			return nil
		}
		return answer{start.Recipe.Network.Name, err}
	})
	if found, is := found.(answer); is {
		return found.name, found.err
	}
	return "", ctx.Err()
}

// layer is a layer of a network.
type layer struct {
	Name     string `json:"name"`
	Kind     string `json:"kind"`
	Channels int    `json:"channels"`
}

// layers lists the layers of a network.
func (s *Server) layers(ctx context.Context, network string) ([]layer, error) {
	var found []struct {
		Name, Kind string
		Shape      []int `json:"shape_hwc"`
	}
	if err := s.ask(ctx, &found, "nets", network, "--json"); err != nil {
		return nil, err
	}
	all := make([]layer, len(found))
	for i, l := range found {
		all[i] = layer{Name: l.Name, Kind: l.Kind}
		if len(l.Shape) == 3 {
			all[i].Channels = l.Shape[2]
		}
	}
	return all, nil
}

func (s *Server) getLayers(_ http.ResponseWriter, r *http.Request) (any, error) {
	network, err := s.network(r.Context(), r.URL.Query().Get("weights"))
	if err != nil {
		return nil, err
	}
	all, err := s.layers(r.Context(), network)
	return map[string]any{"network": network, "layers": all}, err
}

// getClasses lists the classes that a network knows.
func (s *Server) getClasses(_ http.ResponseWriter, r *http.Request) (any, error) {
	args := []string{"classes", "--json"}
	if weights := r.URL.Query().Get("weights"); weights != "" {
		if _, err := s.network(r.Context(), weights); err != nil { // which checks the path
			return nil, err
		}
		args = append(args, "--weights="+weights)
	}
	var all []struct {
		Class int      `json:"class"`
		Names []string `json:"names"`
	}
	err := s.ask(r.Context(), &all, args...)
	return map[string]any{"classes": all}, err
}

func (s *Server) getBookmarks(_ http.ResponseWriter, r *http.Request) (any, error) {
	network, err := s.network(r.Context(), r.URL.Query().Get("weights"))
	if err != nil {
		return nil, err
	}
	words := []string{}
	for _, b := range s.config.Bookmarks {
		if strings.EqualFold(b.Network, network) {
			words = append(words, b.Word)
		}
	}
	return map[string]any{"network": network, "words": words}, nil
}
