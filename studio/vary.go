package studio

import (
	"fmt"
	"net/http"
	"strconv"
)

// maxSheet is how many jobs a sheet may have.
const maxSheet = 64

// postVary makes jobs that differ in the seed and in the weight of the style.
func (s *Server) postVary(w http.ResponseWriter, r *http.Request) (any, error) {
	var wish struct {
		Spec
		Seeds   int
		Weights []float64
	}
	if err := read(w, r, &wish); err != nil {
		return nil, err
	}
	c, err := s.checked(&wish.Spec)
	if err != nil {
		return nil, err
	}
	seeds, weights := max(wish.Seeds, 1), wish.Weights
	if n := seeds * max(len(weights), 1); n > maxSheet || seeds > maxSheet {
		return nil, refused(fmt.Sprintf("a sheet has at most %d pictures", maxSheet), "").of("seeds")
	}
	if _, is := c.options["style-weight"]; len(weights) > 0 && !is {
		return nil, refused(c.Name+" has no style-weight", "vary the seed alone").of("weights")
	}
	first := uint64(0)
	if text := wish.Options["seed"]; text != "" {
		if first, err = strconv.ParseUint(text, 0, 64); err != nil {
			return nil, refused("the seed must be a whole number of 0 or more", "").of("seed")
		}
	}
	var specs []Spec
	add := func(seed uint64, weight string) {
		spec := Spec{Command: wish.Command, Inputs: wish.Inputs, Options: map[string]string{}}
		for name, value := range wish.Options {
			spec.Options[name] = value
		}
		spec.Options["seed"] = strconv.FormatUint(seed, 10)
		if weight != "" {
			spec.Options["style-weight"] = weight
		}
		specs = append(specs, spec)
	}
	for k := range seeds {
		for _, weight := range weights {
			add(first+uint64(k), strconv.FormatFloat(weight, 'g', -1, 64))
		}
		if len(weights) == 0 {
			add(first+uint64(k), "")
		}
	}
	jobs, err := s.queue.add(c, specs, true)
	if err != nil {
		return nil, err
	}
	return created{map[string]any{"sheet": jobs[0].Sheet, "jobs": jobs}}, nil
}

// postLarger makes a picture again, larger.
func (s *Server) postLarger(w http.ResponseWriter, r *http.Request) (any, error) {
	var wish struct {
		File string
		Size int
	}
	if err := read(w, r, &wish); err != nil {
		return nil, err
	}
	return s.enqueue(Spec{
		Command: "again", Inputs: map[string]Files{"picture": {Names: []string{wish.File}}},
		Options: map[string]string{"size": strconv.Itoa(wish.Size)},
	})
}
