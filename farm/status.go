package farm

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Status is how far a farm has come.
type Status struct {
	Config  Config      `json:"config"`
	Sets    []SetStatus `json:"sets"`
	Total   Counts      `json:"total"`
	Running []*Job      `json:"running"`
	Failed  []*Job      `json:"failed"`
	// Apart are results that were computed twice and differ.
	Apart   []Apart   `json:"apart"`
	Audited int       `json:"audited"` // jobs that were computed twice
	Workers []*Worker `json:"workers"`
	// Stuck are the classes of jobs that wait and that no worker can do.
	Stuck map[string]int `json:"stuck,omitempty"`
	// Queued is how many messages the queue has: of all jobs that wait or run.
	Queued uint64 `json:"queued"`
	Bytes  uint64 `json:"bytes"` // of all files
	// Rate is how many jobs were done in a second lately, and Left how long the rest takes; 0 if that is not
	// known.
	Rate float64 `json:"rate"`
	Left Seconds `json:"left"`
}

// Counts counts jobs by their states.
type Counts struct {
	Jobs      int `json:"jobs"`
	Waiting   int `json:"waiting"`
	Running   int `json:"running"`
	Done      int `json:"done"`
	Failed    int `json:"failed"`
	Cancelled int `json:"cancelled"`
	Missing   int `json:"missing"` // that were not submitted to the end
}

func (c *Counts) add(j *Job) {
	c.Jobs++
	if j == nil {
		c.Missing++
		return
	}
	switch j.State {
	case Waiting:
		c.Waiting++
	case Running:
		c.Running++
	case Done:
		c.Done++
	case Failed:
		c.Failed++
	case Cancelled:
		c.Cancelled++
	}
}

// SetStatus is how far a set has come.
type SetStatus struct {
	ID      string    `json:"id"`
	Line    string    `json:"line"`
	Created time.Time `json:"created"`
	Counts
}

// Apart is two results that should be the same.
type Apart struct {
	Job     string    `json:"job"`
	Again   string    `json:"again"`
	Workers [2]string `json:"workers"`
	Hashes  [2]string `json:"hashes"`
}

// lately is how far back jobs count for the rate.
const lately = 10 * time.Minute

// Status asks how far the farm has come, or some of its sets.
func (f *Farm) Status(ctx context.Context, sets []string) (*Status, error) {
	if err := f.refresh(ctx); err != nil {
		return nil, err
	}
	s := &Status{Config: f.Config, Running: []*Job{}, Failed: []*Job{}, Apart: []Apart{}}
	chosen, err := f.choose(ctx, sets)
	if err != nil {
		return nil, err
	}
	all, err := f.allJobs(ctx)
	if err != nil {
		return nil, err
	}
	if s.Workers, err = f.Workers(ctx); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var ended []time.Time
	s.Sets = []SetStatus{}
	for _, set := range chosen {
		of := SetStatus{ID: set.ID, Line: set.Line, Created: set.Created}
		for _, e := range set.Entries {
			j := all[e.Job]
			of.add(j)
			if seen[e.Job] {
				continue
			}
			seen[e.Job] = true
			s.Total.add(j)
			if j != nil {
				s.note(j, all)
				if j.State == Done {
					ended = append(ended, j.Ended)
				}
			}
		}
		s.Sets = append(s.Sets, of)
	}
	s.estimate(ended)
	slices.SortFunc(s.Running, func(a, b *Job) int { return strings.Compare(a.Worker+a.ID, b.Worker+b.ID) })
	slices.SortFunc(s.Failed, func(a, b *Job) int { return a.Ended.Compare(b.Ended) })
	info, err := f.work.Info(ctx)
	if err != nil {
		return nil, err
	}
	s.Queued = info.State.Msgs
	if files, err := f.files.Status(ctx); err == nil {
		s.Bytes = files.Size()
	}
	return s, nil
}

// note counts a job.
func (s *Status) note(j *Job, all map[string]*Job) {
	switch j.State {
	case Running:
		s.Running = append(s.Running, j)
	case Failed:
		s.Failed = append(s.Failed, j)
	case Waiting:
		if !slices.ContainsFunc(s.Workers, func(w *Worker) bool { return slices.Contains(w.Classes, j.Class) }) {
			if s.Stuck == nil {
				s.Stuck = map[string]int{}
			}
			s.Stuck[j.Class]++
		}
	case Done:
		of := all[j.AuditOf]
		if of == nil || of.State != Done {
			return
		}
		s.Audited++
		if of.Same != j.Same {
			s.Apart = append(s.Apart, Apart{of.ID, j.ID, [2]string{of.Worker, j.Worker}, [2]string{of.Same, j.Same}})
		}
	}
}

// estimate says how fast jobs are done. Those that ended before the last pause do not count.
func (s *Status) estimate(ended []time.Time) {
	now := time.Now()
	ended = slices.DeleteFunc(ended, func(t time.Time) bool { return now.Sub(t) > lately })
	if len(ended) < 2 {
		return
	}
	slices.SortFunc(ended, time.Time.Compare)
	if span := now.Sub(ended[0]).Seconds(); span > 0 {
		s.Rate = float64(len(ended)-1) / span
	}
	if s.Rate > 0 {
		s.Left = Seconds(float64(s.Total.Waiting+s.Total.Running) / s.Rate)
	}
}

// choose returns the sets whose names begin as some texts do, or all. The error is a *UsageError if there is
// none.
func (f *Farm) choose(ctx context.Context, names []string) ([]*Set, error) {
	all, err := f.Sets(ctx)
	if err != nil || len(names) == 0 {
		return all, err
	}
	var chosen []*Set
	for _, name := range names {
		of := slices.DeleteFunc(slices.Clone(all), func(s *Set) bool { return name == "" || !strings.HasPrefix(s.ID, name) })
		if len(of) != 1 {
			return nil, &UsageError{"there is no set " + quoted(name), "oneiro-farm status lists them"}
		}
		chosen = append(chosen, of[0])
	}
	return chosen, nil
}

// jobsNamed returns the jobs that some texts name, as sets or by how their IDs begin; all if there are none.
func (f *Farm) jobsNamed(ctx context.Context, names []string) ([]*Job, error) {
	all, err := f.allJobs(ctx)
	if err != nil {
		return nil, err
	}
	sets, err := f.Sets(ctx)
	if err != nil {
		return nil, err
	}
	wanted := map[string]bool{}
	for _, name := range names {
		found := false
		for _, s := range sets {
			if strings.HasPrefix(s.ID, name) {
				found = true
				for _, e := range s.Entries {
					wanted[e.Job] = true
				}
			}
		}
		for id := range all {
			if strings.HasPrefix(id, name) && len(name) >= 6 {
				found, wanted[id] = true, true
			}
		}
		if !found {
			return nil, &UsageError{"there is no set and no job " + quoted(name), "oneiro-farm status lists them"}
		}
	}
	var jobs []*Job
	for id, j := range all {
		if len(names) == 0 || wanted[id] {
			jobs = append(jobs, j)
		}
	}
	slices.SortFunc(jobs, func(a, b *Job) int { return strings.Compare(a.ID, b.ID) })
	return jobs, nil
}

// Every lists all jobs.
func (f *Farm) Every(ctx context.Context) ([]*Job, error) { return f.jobsNamed(ctx, nil) }
