package studio

import (
	"net/http"
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
