package studio

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// places returns where files are looked for: in the folder, and among the weights outside.
func (s *Server) places() string {
	return strings.Join(append([]string{"."}, s.config.Weights...), ",")
}

// enqueue checks a job and puts it into the queue.
func (s *Server) enqueue(spec Spec) (any, error) {
	c, err := s.checked(&spec)
	if err != nil {
		return nil, err
	}
	jobs, err := s.queue.add(c, []Spec{spec}, false)
	if err != nil {
		return nil, err
	}
	return created{jobs[0]}, nil
}

// plan is what a job would do.
type plan struct {
	Seconds *float64 `json:"seconds"` // about; null if that is not known
	Peak    int64    `json:"peak_bytes"`
	Disk    int64    `json:"disk_bytes,omitempty"`
	Width   int      `json:"width"`
	Height  int      `json:"height"`
	Steps   int      `json:"steps"`
	Frames  int      `json:"frames,omitempty"`
}

// wrong is what is wrong with a job.
type wrong struct {
	Option  string `json:"option,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// checkAnswer is the answer to a job that is only checked.
type checkAnswer struct {
	Line   string  `json:"line"`
	Errors []wrong `json:"errors"`
	Plan   *plan   `json:"plan"`
}

// postCheck says what a job would do, without doing it. With ?plan=no it answers at once, with the line alone.
func (s *Server) postCheck(w http.ResponseWriter, r *http.Request) (any, error) {
	var spec Spec
	if err := read(w, r, &spec); err != nil {
		return nil, err
	}
	answer := checkAnswer{Errors: []wrong{}}
	c, err := s.checked(&spec)
	if err != nil {
		e := asError(err)
		answer.Errors = append(answer.Errors, wrong{e.Option, e.Text, e.Hint})
		return answer, nil
	}
	target := s.queue.nextTarget(c, &spec)
	args := c.arguments(&spec, target)
	answer.Line = line(args)
	if !c.Runs || r.URL.Query().Get("plan") == "no" {
		return answer, nil
	}
	speed, how := s.speeds.of(&spec), "plan"
	if speed == 0 {
		how = "time"
	}
	var start struct {
		message
		Wait *float64 `json:"expected_seconds"`
		Disk int64    `json:"expected_disk_bytes"`
	}
	args = append(args, "--json", "--quiet", "--dry-run="+how, "--checkpoint=off")
	if err := s.ask(r.Context(), &start, args...); err != nil {
		e := asError(err)
		if e.Status != http.StatusUnprocessableEntity {
			return nil, err
		}
		for _, m := range e.mistakes {
			answer.Errors = append(answer.Errors, wrong{m.Option, "--" + m.Option + " " + m.Problem, m.Fix})
		}
		if len(e.mistakes) == 0 {
			answer.Errors = append(answer.Errors, wrong{e.Option, e.Text, e.Hint})
		}
		return answer, nil
	}
	p := &plan{Peak: start.Expected, Disk: start.Disk, Width: start.Width, Height: start.Height, Steps: start.Steps,
		Frames: start.Frames}
	work := start.FLOPs * float64(max(start.Frames, 1))
	switch {
	case start.Wait != nil && *start.Wait > 0:
		p.Seconds = start.Wait
		s.speeds.set(&spec, work / *start.Wait)
	case speed > 0:
		seconds := work / speed
		p.Seconds = &seconds
	}
	answer.Plan = p
	return answer, nil
}

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

// needs returns a job that waits or runs and reads a file, 0 if there is none.
func (q *queue) needs(file string) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range q.sorted() {
		if j.State != Waiting && j.State != Running {
			continue
		}
		for _, in := range j.Inputs {
			if slices.Contains(in.Names, file) {
				return j.ID
			}
		}
		for _, value := range j.Options {
			if strings.Contains(value, file) {
				return j.ID
			}
		}
	}
	return 0
}
