package studio

import (
	"strings"
	"sync"
)

// speeds has the measured speed of each kind of job, in floating-point operations a second.
type speeds struct {
	mu  sync.Mutex
	all map[string]float64
}

// kind returns the options that the speed of a job depends on, as a key.
func (s *Spec) kind() string {
	key := s.Command
	names := []string{"weights", "model", "device", "optimizer", "kernels", "threads", "method", "canvas"}
	if strings.HasPrefix(key, "film") { // whose first frame takes longer than the others
		names = append(names, "iterations", "frame-iterations", "octaves", "frame-octaves")
	}
	for _, name := range names {
		key += "\n" + s.Options[name]
	}
	return key
}

// learn records the speed of a job that is done.
func (s *speeds) learn(j *Job) {
	if j.flops > 0 && j.Seconds > 1 {
		s.set(&j.Spec, j.flops/j.Seconds)
	}
}

func (s *speeds) set(spec *Spec, speed float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil || len(s.all) > 1000 {
		s.all = map[string]float64{}
	}
	s.all[spec.kind()] = speed
}

// of returns the speed of a kind of job, 0 if it is not known.
func (s *speeds) of(spec *Spec) float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[spec.kind()]
}
