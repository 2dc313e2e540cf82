package studio

import (
	"net/http"
	"os"
	"strconv"
)

// recoloring is a wish for other colours.
type recoloring struct {
	File     string
	Content  string
	Colors   string
	Strength *float64
	Palette  string
}

// spec returns the job that does it.
func (c *recoloring) spec() Spec {
	spec := Spec{Command: "recolor", Options: map[string]string{},
		Inputs: map[string]Files{"result": {Names: []string{c.File}}}}
	if c.Content != "" {
		spec.Inputs["photo"] = Files{Names: []string{c.Content}}
	}
	if c.Colors != "" {
		spec.Options["colors"] = c.Colors
	}
	if c.Strength != nil {
		spec.Options["colors-strength"] = strconv.FormatFloat(*c.Strength, 'g', -1, 64)
	}
	if c.Palette != "" {
		spec.Options["palette"] = c.Palette
	}
	return spec
}

// postRecolor shows a picture in other colours at once, small.
func (s *Server) postRecolor(w http.ResponseWriter, r *http.Request) (any, error) {
	var wish recoloring
	if err := read(w, r, &wish); err != nil {
		return nil, err
	}
	spec := wish.spec()
	if _, err := s.checked(&spec); err != nil {
		return nil, err
	}
	for _, file := range []*string{&wish.File, &wish.Content, &wish.Palette} {
		if *file == "" {
			continue
		}
		small, _, err := s.thumb(r, *file, largestThumb)
		if err != nil {
			return nil, err
		}
		*file = small
	}
	spec = wish.spec()
	c, _ := s.command("recolor")
	out := s.work(".jpg")
	defer os.Remove(out)
	if err := s.ask(r.Context(), nil, append(c.arguments(&spec, s.own(out)), "--quiet", "--json")...); err != nil {
		return nil, err
	}
	f, err := os.Open(out)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	w.Header().Set("Cache-Control", "no-store")
	return nil, send(w, r, f, "image/jpeg")
}
