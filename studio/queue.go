package studio

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	maxWaiting = 1000 // jobs
	maxEnded   = 500  // jobs that are remembered; the oldest go, their pictures stay
)

// queue runs jobs, one at a time, and remembers them.
type queue struct {
	s       *Server
	journal *journal

	mu      sync.Mutex
	jobs    map[int]*Job
	order   []int // of those that wait
	last    int   // ID
	current *child
	closing bool
	failed  error         // of the journal
	wake    chan struct{} // has room for one
	stop    chan struct{}
	ended   sync.WaitGroup
	started bool
}

// openQueue reads the journal. A job that was running when the last server ended becomes the first in the
// queue.
func openQueue(s *Server) (*queue, error) {
	q := &queue{s: s, jobs: map[int]*Job{}, wake: make(chan struct{}, 1), stop: make(chan struct{})}
	bad, err := readJournal(s.root, func(e entry) {
		switch {
		case e.Job != nil:
			if e.Job.State != Waiting {
				q.unqueue(e.Job.ID)
			} else if !slices.Contains(q.order, e.Job.ID) {
				q.order = append(q.order, e.Job.ID)
			}
			q.jobs[e.Job.ID] = e.Job
			q.last = max(q.last, e.Job.ID)
		case e.Gone != 0:
			q.unqueue(e.Gone)
			delete(q.jobs, e.Gone)
		default:
			q.order, q.last = e.Order, max(q.last, e.Last)
		}
	})
	if err != nil {
		return nil, err
	}
	if bad > 0 {
		s.log("the journal has %d lines that cannot be read, which are left out", bad)
	}
	for _, j := range q.sorted() {
		if c, err := s.command(j.Command); err == nil {
			j.runs = c.Runs
		}
		if j.State == Running {
			q.interrupted(j)
		}
	}
	q.order = slices.DeleteFunc(q.order, func(id int) bool { return q.jobs[id] == nil || q.jobs[id].State != Waiting })
	for _, j := range q.sorted() {
		if j.State == Waiting && !slices.Contains(q.order, j.ID) {
			q.order = append(q.order, j.ID)
		}
	}
	q.journal, err = newJournal(s.path(journalName), q.entries())
	return q, err
}

// interrupted puts a job that was running when the last server ended at the front, unless its result is there.
func (q *queue) interrupted(j *Job) {
	await(j.PID)
	j.PID = 0
	j.Checkpoint = q.goesOn(j)
	// A film appears when all its frames are there.
	if a := q.s.about(j.Target); a != nil && !q.s.exists(j.checkpointPath()) {
		q.s.root.RemoveAll(j.Target + framesEnding)
		j.Checkpoint = false
		now := time.Now()
		j.State, j.Ended, j.Output = Done, &now, &j.Target
		j.Width, j.Height = a.Width, a.Height
		return
	}
	j.State = Waiting
	q.order = append([]int{j.ID}, q.order...)
}

// goesOn returns whether a job can go on from where it was: from a checkpoint, or from the frames of a film.
func (q *queue) goesOn(j *Job) bool {
	return j.runs && j.Target != "" && (q.s.exists(j.checkpointPath()) || q.s.exists(j.Target+framesEnding))
}

// entries returns the shortest journal of the present state.
func (q *queue) entries() []entry {
	var all []entry
	for _, j := range q.sorted() {
		all = append(all, entry{Job: j.withoutCurve()})
	}
	return append(all, entry{Order: q.order, Last: q.last})
}

// sorted returns all jobs by their numbers.
func (q *queue) sorted() []*Job {
	all := make([]*Job, 0, len(q.jobs))
	for _, j := range q.jobs {
		all = append(all, j)
	}
	sort.Slice(all, func(a, b int) bool { return all[a].ID < all[b].ID })
	return all
}

func (q *queue) unqueue(id int) {
	q.order = slices.DeleteFunc(q.order, func(other int) bool { return other == id })
}

// note writes a line of the journal. After the first failure the queue takes no more jobs.
func (q *queue) note(e entry) {
	if err := q.journal.write(e); err != nil && q.failed == nil {
		q.failed = err
		q.s.log("the journal cannot be written, and no more jobs are taken: %v", err)
	}
}

// put records the new state of a job and sends it to all clients.
func (q *queue) put(j *Job) {
	j = j.withoutCurve()
	q.note(entry{Job: j})
	q.s.hub.send("job", j.ID, j)
}

func (q *queue) reordered() {
	q.note(entry{Order: q.order})
	q.s.hub.send("order", 0, map[string]any{"order": q.order})
}

// add adds jobs.
func (q *queue) add(c *Command, specs []Spec, grouped bool) ([]*Job, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.failed != nil:
		return nil, q.unwritable()
	case q.closing:
		return nil, conflict("the studio is closing", "")
	case len(q.order)+len(specs) > maxWaiting:
		return nil, &Error{Status: 429, Text: "too many jobs wait", Hint: "the queue takes " + strconv.Itoa(maxWaiting)}
	}
	sheet := 0
	var made []*Job
	for _, spec := range specs {
		q.last++
		if grouped && sheet == 0 {
			sheet = q.last
		}
		j := &Job{ID: q.last, Spec: spec, State: Waiting, Created: time.Now(), Sheet: sheet, runs: c.Runs}
		j.forget()
		j.Target = q.target(c, &j.Spec, j.ID)
		j.Line = line(c.arguments(&j.Spec, j.Target))
		q.jobs[j.ID] = j
		q.order = append(q.order, j.ID)
		q.put(j)
		made = append(made, j.view())
	}
	if q.failed != nil { // with these: nobody would know of them after a restart
		for _, j := range made {
			q.drop(q.jobs[j.ID])
		}
		return nil, q.unwritable()
	}
	q.nudge()
	return made, nil
}

// unwritable says why there can be no more jobs.
func (q *queue) unwritable() error {
	reason := q.failed
	if p, is := errors.AsType[*fs.PathError](reason); is {
		reason = p.Err
	}
	return &Error{Status: http.StatusInsufficientStorage, Text: "the queue cannot be written to the disk: " + reason.Error(),
		Hint: "make room for it, and start the studio again"}
}

// nextTarget returns where the picture of a job would be that is added now.
func (q *queue) nextTarget(c *Command, spec *Spec) string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.target(c, spec, q.last+1)
}

// target chooses where the picture of a job will be: out/0007-style.png, or the name that was wished for.
func (q *queue) target(c *Command, spec *Spec, id int) string {
	if len(c.Endings) == 0 {
		return ""
	}
	wish := spec.Options["output"]
	name := cleanName(wish)
	if form, is := strings.CutPrefix(wish, "."); is || name == "" { // an ending alone, or nothing
		name = fmt.Sprintf("%04d-%s.%s", id, strings.ReplaceAll(c.Name, " ", "-"), cmp.Or(form, c.Endings[0]))
	}
	folder := "out"
	if c.Name == "regions" {
		folder = "masks"
	}
	q.s.moving.Lock()
	defer q.s.moving.Unlock()
	ext := path.Ext(name)
	file := path.Join(folder, name)
	taken := func() bool {
		return q.s.exists(file) || q.s.exists(file+".checkpoint") || q.s.exists(file+framesEnding) || q.isTarget(file)
	}
	for n := 2; taken(); n++ {
		file = path.Join(folder, fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), n, ext))
	}
	return file
}

// isTarget returns whether another job will write a file.
func (q *queue) isTarget(file string) bool {
	for _, other := range q.jobs {
		if other.Target == file && other.State != Done {
			return true
		}
	}
	return false
}

// exists returns whether there is anything under a name.
func (s *Server) exists(file string) bool {
	_, err := s.root.Lstat(file)
	return err == nil
}

// forgetOld forgets the oldest jobs that have ended, if there are many.
func (q *queue) forgetOld() {
	var ended []*Job
	for _, j := range q.sorted() {
		if j.State == Done {
			ended = append(ended, j)
		}
	}
	for len(ended) > maxEnded {
		q.drop(ended[0])
		ended = ended[1:]
	}
	if q.journal.lines > 20*(len(q.jobs)+100) {
		q.rewrite()
	}
}

// rewrite makes the journal short again.
func (q *queue) rewrite() {
	q.journal.file.Close()
	next, err := newJournal(q.s.path(journalName), q.entries())
	if err != nil {
		q.failed = err
		return
	}
	q.journal = next
}

// drop removes a job. Its picture stays; the frames of a film that was not finished go to the trash.
func (q *queue) drop(j *Job) {
	delete(q.jobs, j.ID)
	q.unqueue(j.ID)
	q.s.root.Remove(previewPath(j.ID))
	q.s.root.Remove(curvePath(j.ID))
	if j.runs && j.Target != "" && j.State != Done {
		q.s.root.Remove(j.checkpointPath())
		q.s.trashFrames(j.Target)
	}
	q.note(entry{Gone: j.ID})
	q.s.hub.send("gone", j.ID, map[string]int{"id": j.ID})
}

// previewPath returns where the program writes the picture so far.
func previewPath(id int) string { return path.Join(hidden, "previews", strconv.Itoa(id)+".jpg") }

// all returns the jobs as the page lists them: the running one, those that wait, and the others, newest first.
func (q *queue) all() []*Job {
	q.mu.Lock()
	defer q.mu.Unlock()
	var running, waiting, ended []*Job
	for _, j := range q.jobs {
		switch j.State {
		case Running:
			running = append(running, j.view())
		case Waiting:
		default:
			ended = append(ended, j.view())
		}
	}
	for _, id := range q.order {
		waiting = append(waiting, q.jobs[id].view())
	}
	at := func(j *Job) time.Time {
		if j.Ended != nil {
			return *j.Ended
		}
		return j.Created
	}
	sort.Slice(ended, func(a, b int) bool {
		if x, y := at(ended[a]), at(ended[b]); !x.Equal(y) {
			return x.After(y)
		}
		return ended[a].ID > ended[b].ID
	})
	return append(append(append([]*Job{}, running...), waiting...), ended...)
}

// change calls do with a job, and returns a copy of the job.
func (q *queue) change(id int, do func(j *Job) error) (*Job, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	j := q.jobs[id]
	if j == nil {
		return nil, absent("there is no job " + strconv.Itoa(id))
	}
	if err := do(j); err != nil {
		return nil, err
	}
	return j.view(), nil
}

// get returns a job, with its curve.
func (q *queue) get(id int) (*Job, error) {
	j, err := q.change(id, func(*Job) error { return nil })
	if err == nil {
		q.s.readCurve(j)
	}
	return j, err
}

// halt stops a job, and keeps its picture and its checkpoint.
func (q *queue) halt(id int) (*Job, error) {
	return q.change(id, func(j *Job) error {
		switch j.State {
		case Running:
			q.current.interrupt(true)
		case Waiting:
			q.unqueue(id)
			j.State = Stopped
			q.put(j)
		case Stopped:
		default:
			return conflict("the job has ended", "")
		}
		return nil
	})
}

// cancel ends a job and removes it. A picture that was saved when it was stopped stays.
func (q *queue) cancel(id int) (*Job, error) {
	return q.change(id, func(j *Job) error {
		switch j.State {
		case Running:
			q.current.kill()
		case Waiting, Stopped, Failed:
			q.drop(j)
		default:
			return conflict("the job is done", "put its picture into the trash")
		}
		return nil
	})
}

// remove removes a job that is not running. Its picture stays.
func (q *queue) remove(id int) (*Job, error) {
	return q.change(id, func(j *Job) error {
		if j.State == Running {
			return conflict("the job is running", "stop it first")
		}
		q.drop(j)
		return nil
	})
}

// resume puts a stopped or failed job into the queue again. It continues from its checkpoint, if there is one.
func (q *queue) resume(id int) (*Job, error) {
	return q.change(id, func(j *Job) error {
		if j.State != Stopped && j.State != Failed {
			return conflict("the job is "+string(j.State), "only one that was stopped or that failed can go on")
		}
		j.State, j.Error, j.Ended = Waiting, nil, nil
		q.order = append(q.order, id)
		q.put(j)
		q.nudge()
		return nil
	})
}

// place moves a waiting job to the place after another one; 0 stands for the front of the queue.
func (q *queue) place(id, after int) (*Job, error) {
	return q.change(id, func(j *Job) error {
		at := slices.Index(q.order, after) + 1
		switch {
		case j.State != Waiting:
			return conflict("the job does not wait", "")
		case id == after:
			return nil
		case after != 0 && at == 0 && (q.jobs[after] == nil || q.jobs[after].State != Running):
			return conflict("job "+strconv.Itoa(after)+" does not wait", "")
		}
		q.unqueue(id)
		at = slices.Index(q.order, after) + 1
		q.order = slices.Insert(q.order, at, id)
		q.reordered()
		return nil
	})
}

func (q *queue) nudge() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// start begins to run jobs.
func (q *queue) start() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.started || q.closing {
		return
	}
	q.started = true
	q.ended.Add(1)
	go q.loop()
}

func (q *queue) loop() {
	defer q.ended.Done()
	for {
		if j := q.next(); j != nil {
			q.run(j)
			continue
		}
		select {
		case <-q.wake:
		case <-q.stop:
			return
		}
	}
}

// next removes the first job from the queue and returns it, or nil if there is none.
func (q *queue) next() *Job {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closing || len(q.order) == 0 {
		return nil
	}
	j := q.jobs[q.order[0]]
	q.order = q.order[1:]
	return j
}

// close stops the running job, so that it continues when the folder is opened again.
func (q *queue) close() error {
	q.mu.Lock()
	if q.closing {
		q.mu.Unlock()
		return nil
	}
	q.closing = true
	close(q.stop)
	if q.current != nil {
		q.current.interrupt(false)
	}
	q.mu.Unlock()
	q.ended.Wait()
	return q.journal.file.Close()
}

// size returns the size of a result.
func (s *Server) size(file string) (w, h int) {
	if a := s.about(file); a != nil {
		return a.Width, a.Height
	}
	return 0, 0
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
