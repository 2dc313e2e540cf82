package studio

import (
	"encoding/json"
	"net/http"
)

// postScore measures a result.
func (s *Server) postScore(w http.ResponseWriter, r *http.Request) (any, error) {
	var wish struct {
		File    string
		Content string
		Style   Files
	}
	if err := read(w, r, &wish); err != nil {
		return nil, err
	}
	spec := Spec{Command: "score", Inputs: map[string]Files{"result": {Names: []string{wish.File}}, "style": wish.Style}}
	if wish.Content != "" {
		spec.Inputs["content"] = Files{Names: []string{wish.Content}}
	}
	c, err := s.checked(&spec)
	if err != nil {
		return nil, err
	}
	var report json.RawMessage
	err = s.ask(r.Context(), &report, append(c.arguments(&spec, ""), "--json")...)
	return report, err
}
