package studio

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"

	"oneiro/internal/subprocess"
)

// child is the process of a job.
type child struct {
	cmd    *exec.Cmd
	stdout io.ReadCloser

	mu      sync.Mutex
	stopped bool // was asked to end
	halted  bool // by somebody who does not want it to go on by itself
	killed  bool // was ended
	started bool
}

// interrupt asks the child to save the picture so far and a checkpoint, and to end. halt means that the job is
// to stay stopped, also after a restart of the server.
func (c *child) interrupt(halt bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.halted = c.halted || halt
	if c.stopped = true; c.started {
		subprocess.Terminate(c.cmd, c.stdout)
	}
}

// kill ends the child at once.
func (c *child) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.killed = true; c.started {
		c.cmd.Process.Kill()
	}
}

// start starts the process, unless the job was ended before that.
func (c *child) start() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped || c.killed {
		return errors.New("it was ended before it began")
	}
	err := c.cmd.Start()
	c.started = err == nil
	return err
}

// how returns what was asked of the child.
func (c *child) how() (stopped, halted, killed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stopped, c.halted, c.killed
}

// program returns a command that runs the program in the folder.
func (s *Server) program(ctx context.Context, args ...string) *exec.Cmd {
	all := append(append([]string{}, s.config.Program...), args...)
	cmd := exec.CommandContext(ctx, all[0], all[1:]...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), s.config.Env...)
	cmd.WaitDelay = 10 * time.Second
	subprocess.Detach(cmd, false)
	return cmd
}

// message is a line of the program's JSON: docs/json.md has all.
type message struct {
	Event    string          `json:"event"`
	Step     int             `json:"step"`
	Steps    int             `json:"steps"`
	Resumed  int             `json:"resumed"`
	Width    int             `json:"width"`
	Height   int             `json:"height"`
	Loss     *number         `json:"loss"`
	Terms    json.RawMessage `json:"terms"`
	Seconds  float64         `json:"seconds"`
	Left     *float64        `json:"left_seconds"`
	Expected int64           `json:"expected_peak_bytes"`
	Peak     int64           `json:"peak_bytes"`
	FLOPs    float64         `json:"flops"`
	Output   string          `json:"output"`
	Frame    int             `json:"frame"`
	Frames   int             `json:"frames"`
	Made     int             `json:"made"` // frames of a film, and how many there will be
	Total    int             `json:"total"`
	Warp     *number         `json:"warp_error"`
	Channel  int             `json:"channel"`
	Channels int             `json:"channels"`
	Message  string          `json:"message"`
	Hint     string          `json:"hint"`
	Mistakes []mistake       `json:"mistakes"`
	Score    json.RawMessage `json:"score"`
	Numbers  json.RawMessage `json:"numbers"` // of the command score
}

// mistake is what is wrong with one option.
type mistake struct {
	Option  string `json:"option"`
	Problem string `json:"problem"`
	Fix     string `json:"fix"`
}

// previewEvery is how often a child shows the picture so far.
const previewEvery = "2s"

// words returns the command line of a job: to begin it, or to go on with it.
func (q *queue) words(c *Command, j *Job) []string {
	if j.Checkpoint && q.s.exists(j.checkpointPath()) {
		return append([]string{"resume", argument(j.checkpointPath())}, runWords(j)...)
	}
	args := c.arguments(&j.Spec, j.Target)
	if j.Checkpoint { // of a film, which goes on by its frames
		args = append(args, "--resume")
	}
	if c.Runs {
		return append(args, runWords(j)...)
	}
	return append(args, "--json")
}

func runWords(j *Job) []string {
	return []string{"--json", "--quiet", "--print-every=1",
		"--preview=" + previewPath(j.ID), "--preview-every=" + previewEvery}
}

// run runs a job to its end, whatever that is.
func (q *queue) run(j *Job) {
	// Linux sends the signal for the death of a parent when the thread that started the child ends.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	q.mu.Lock()
	c, err := q.s.command(j.Command)
	var cmd *exec.Cmd
	if err == nil {
		if j.Checkpoint = q.goesOn(j); j.Checkpoint {
			q.s.readCurve(j)
		} else {
			j.forget()
			q.s.root.Remove(curvePath(j.ID))
		}
		now := time.Now()
		j.State, j.Ended, j.Error = Running, nil, nil
		if j.Started == nil {
			j.Started = &now
		}
		cmd = q.s.program(context.Background(), q.words(c, j)...)
	}
	k := &child{cmd: cmd}
	q.current = k
	closing := q.closing
	q.mu.Unlock()
	if closing {
		k.interrupt(false)
	}
	var last message
	tail := &tail{most: 8 << 10}
	if err == nil {
		last, err = q.watch(j, k, tail)
		q.s.about(j.Target) // which takes a while for a film, and is known from now on
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.current = nil
	q.finish(j, k, last, err, tail.String())
}

// watch starts the process of a job and reads its events until it ends. last is the last one that is not a
// step.
func (q *queue) watch(j *Job, k *child, stderr io.Writer) (last message, err error) {
	k.cmd.Stderr = stderr
	if k.stdout, err = k.cmd.StdoutPipe(); err != nil {
		return last, err
	}
	q.mu.Lock()
	err = k.start()
	if err == nil {
		j.PID = k.cmd.Process.Pid
		q.put(j)
	}
	q.mu.Unlock()
	if err != nil {
		return last, err
	}
	told := time.Time{}
	lines := bufio.NewScanner(k.stdout)
	lines.Buffer(make([]byte, 64<<10), 16<<20)
	for lines.Scan() {
		var m message
		if json.Unmarshal(lines.Bytes(), &m) != nil {
			continue
		}
		if m.Event != "step" {
			last = m
		}
		q.mu.Lock()
		q.hear(j, &m, &told)
		q.mu.Unlock()
	}
	if lines.Err() != nil { // a line without an end, or a pipe that was closed
		io.Copy(io.Discard, k.stdout)
	}
	return last, k.cmd.Wait()
}

// stepEvery is the least time between two step events of a job.
const stepEvery = 100 * time.Millisecond

// hear handles an event of a child.
func (q *queue) hear(j *Job, m *message, told *time.Time) {
	switch m.Event {
	case "start":
		j.Steps, j.Memory, j.Width, j.Height = m.Steps, m.Expected, m.Width, m.Height
		if j.flops = m.FLOPs; m.Frames > 0 {
			j.films, j.Steps, j.flops = true, m.Frames, m.FLOPs*float64(m.Frames)
		} else {
			j.Step = m.Resumed
		}
		if j.Checkpoint {
			j.flops = 0
		}
		q.s.hub.send("job", j.ID, j.withoutCurve())
	case "step":
		j.Step, j.Steps, j.Seconds, j.ETA, j.Terms = m.Step, m.Steps, m.Seconds, m.Left, m.Terms
		q.step(j, m, told)
	case "frame":
		j.films = true
		j.Step, j.Steps, j.ETA = max(m.Made, m.Frame), max(m.Total, m.Frames), m.Left
		j.Seconds += m.Seconds
		j.Terms = nil
		if m.Warp != nil {
			j.Terms, _ = json.Marshal(map[string]number{"warp error": *m.Warp})
		}
		q.step(j, m, told)
	case "channel":
		j.Step, j.Steps, j.ETA = m.Channel, m.Channels, m.Left
		j.Seconds = time.Since(*j.Started).Seconds()
		q.tell(j)
	case "preview":
		j.Preview++
		q.s.hub.send("preview", j.ID, map[string]int{"id": j.ID, "v": j.Preview})
	case "checkpoint":
		if !j.Checkpoint {
			j.Checkpoint = true
			q.put(j)
		}
	case "warning":
		if len(j.Warnings) < 20 {
			j.Warnings = append(j.Warnings, m.Message)
		}
	}
}

// step notes a step, or a frame of a film.
func (q *queue) step(j *Job, m *message, told *time.Time) {
	j.Loss = number(math.NaN())
	if m.Loss != nil {
		j.Loss = *m.Loss
	}
	if m.Peak > 0 {
		j.Memory = m.Peak
	}
	j.Curve.add(j.Step, j.Loss, j.Terms)
	if now := time.Now(); now.Sub(*told) >= stepEvery {
		*told = now
		q.tell(j)
	}
}

// tell sends how far a job has come.
func (q *queue) tell(j *Job) {
	q.s.hub.send("step", j.ID, map[string]any{
		"id": j.ID, "step": j.Step, "steps": j.Steps, "loss": j.Loss, "terms": j.Terms, "seconds": j.Seconds,
		"eta": j.ETA, "memory": j.Memory,
	})
}

// finish records how a job ended.
func (q *queue) finish(j *Job, k *child, last message, err error, said string) {
	stopped, halted, killed := k.how()
	now := time.Now()
	j.PID, j.ETA = 0, nil
	j.Checkpoint = q.goesOn(j)
	q.s.writeCurve(j)
	there := j.Target != "" && q.s.exists(j.Target)
	if last.Output != "" || there {
		j.Output = nil
		if there {
			j.Output = &j.Target
			j.Width, j.Height = q.s.size(j.Target)
		}
	}
	if last.Peak > 0 {
		j.Memory = last.Peak
	}
	if last.Seconds > 0 {
		j.Seconds = max(j.Seconds, last.Seconds) // of a film that went on, those before are not in it
	} else if !j.runs && j.Started != nil {
		j.Seconds = now.Sub(*j.Started).Seconds()
	}
	switch {
	case killed:
		q.drop(j)
		return
	case err == nil:
		j.State, j.Ended, j.Score = Done, &now, last.Score
		if last.Numbers != nil {
			j.Score = last.Numbers
		}
		switch {
		case j.films:
			j.Step, j.Steps = max(j.Step, j.Steps), max(j.Step, j.Steps)
		case last.Steps > 0 && j.Steps > 0: // of an atlas, these are channels
			j.Step = min(last.Steps, j.Steps)
		case last.Steps > 0:
			j.Step = last.Steps
		}
	case q.closing && stopped && !halted: // it goes on when the folder is opened again
		q.note(entry{Job: j.withoutCurve()})
		return
	case stopped, last.Event == "interrupted":
		j.State, j.Ended = Stopped, &now
	default:
		j.State, j.Ended, j.Error = Failed, &now, failure(last, said, err)
	}
	if j.State == Done && j.runs {
		q.s.speeds.learn(j)
	}
	q.put(j)
	q.forgetOld()
	if j.Output != nil {
		q.s.hub.send("gallery", 0, struct{}{})
	}
}

// failure returns the error that a child reported.
func failure(last message, said string, err error) *Error {
	if last.Event == "error" || last.Event == "failed" && last.Message != "" {
		e := &Error{Text: last.Message, Hint: last.Hint, mistakes: last.Mistakes}
		if len(last.Mistakes) > 0 {
			e.Option = last.Mistakes[0].Option
		} else if name, is := strings.CutPrefix(last.Message, "--"); is { // --size must be a whole number
			e.Option, _, _ = strings.Cut(name, " ")
		}
		return e
	}
	e := &Error{}
	for line := range strings.Lines(said) {
		line = strings.TrimSpace(line)
		if text, is := strings.CutPrefix(line, "oneiro: "); is {
			e.Text = text
		} else if text, is := strings.CutPrefix(line, "hint: "); is {
			e.Hint = text
		}
	}
	if e.Text == "" {
		e.Text = "the program ended with " + err.Error()
	}
	return e
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	most int
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if n := len(t.text) - t.most; n > 0 {
		t.text = append(t.text[:0], t.text[n:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.ToValidUTF8(t.text, []byte("?")))
}
