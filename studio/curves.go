package studio

import (
	"encoding/json"
	"io"
	"path"
	"strconv"

	"oneiro/internal/atomicfile"
)

// curvePath returns where the curve of a job that has ended is kept.
func curvePath(id int) string { return path.Join(hidden, "curves", strconv.Itoa(id)+".json") }

// writeCurve moves the curve of a job from memory to the disk, where it is when somebody asks. A failure costs
// nothing but the curve.
func (s *Server) writeCurve(j *Job) {
	if len(j.Curve.points) == 0 {
		return
	}
	text, err := json.Marshal(j.Curve)
	if err == nil {
		err = atomicfile.Write(s.path(curvePath(j.ID)), func(w io.Writer) error {
			_, err := w.Write(text)
			return err
		})
	}
	if err != nil {
		s.log("the curve of job %d is lost: %v", j.ID, err)
	}
	j.Curve = curve{}
}

// readCurve reads the curve of a job again, if it is on the disk.
func (s *Server) readCurve(j *Job) {
	if len(j.Curve.points) > 0 {
		return
	}
	if text, err := s.root.ReadFile(curvePath(j.ID)); err == nil {
		json.Unmarshal(text, &j.Curve)
	}
}
