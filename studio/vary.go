package studio

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
)

// maxSheet is how many jobs a sheet may have.
const maxSheet = 64

// postVary makes jobs that differ in the seed and in the weight of the style. Seeds of which there is a job
// that does the same are passed over.
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
	for seed := first; len(specs) < seeds*max(len(weights), 1); seed++ {
		of := variants(&wish.Spec, seed, weights)
		if !slices.ContainsFunc(of, func(spec Spec) bool { return s.queue.has(c, &spec) }) { // what was made is known
			specs = append(specs, of...)
		}
	}
	jobs, err := s.queue.add(c, specs, true)
	if err != nil {
		return nil, err
	}
	return created{map[string]any{"sheet": jobs[0].Sheet, "jobs": jobs}}, nil
}

// variants returns a job with another seed, once for each weight of the style, if there are any.
func variants(of *Spec, seed uint64, weights []float64) (all []Spec) {
	for i := range max(len(weights), 1) {
		spec := Spec{Command: of.Command, Inputs: of.Inputs, Options: map[string]string{}}
		maps.Copy(spec.Options, of.Options)
		spec.Options["seed"] = strconv.FormatUint(seed, 10)
		if len(weights) > 0 {
			spec.Options["style-weight"] = strconv.FormatFloat(weights[i], 'g', -1, 64)
		}
		all = append(all, spec)
	}
	return all
}

// has returns whether there is a job that does the same, whatever its picture is called.
func (q *queue) has(c *Command, spec *Spec) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range q.jobs {
		if j.State != Failed && c.same(&j.Spec, spec) {
			return true
		}
	}
	return false
}

// same returns whether two jobs do the same. What is not said is as by default.
func (c *Command) same(a, b *Spec) bool {
	if a.Command != c.Name || b.Command != c.Name {
		return false
	}
	value := func(s *Spec, name string) string {
		text, is := s.Options[name]
		if d := c.options[name].Default; !is && d != nil {
			text = fmt.Sprint(d)
		}
		return text
	}
	for _, name := range c.Order {
		if name != "output" && value(a, name) != value(b, name) {
			return false
		}
	}
	for _, in := range c.Inputs {
		if !slices.Equal(a.Inputs[in.Role].Names, b.Inputs[in.Role].Names) {
			return false
		}
	}
	return true
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
