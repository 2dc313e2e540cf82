package farm

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"oneiro/internal/atomicfile"
	"oneiro/internal/subprocess"
)

// run is a job on a worker, from when it is taken to its end.
type run struct {
	*worker
	*taken
	log  *slog.Logger
	item *Item
	want *recipe
	dir  string

	mu  sync.Mutex
	job *Job

	kept manifest // of the last checkpoint
}

// errLost ends a run whose job is somebody else's by now, or nobody's.
var errLost = errors.New("the job is not this worker's any more")

// do does the job and records how that ended. The error is one that all other jobs would have, too.
func (r *run) do(ctx context.Context) error {
	alive := make(chan struct{})
	defer close(alive)
	go r.beat(alive)
	files, err := r.make(ctx)
	background := context.WithoutCancel(ctx)
	var broken *ProgramError
	switch wrong := new(VersionError); {
	case errors.Is(err, errLost):
		r.log.Info("dropped: it was cancelled, or another worker does it")
		r.Ack() // of a message that is gone
		return nil
	case err == nil:
		ctx, cancel := r.rest(ctx)
		defer cancel()
		if err = r.finish(ctx, files); err == nil {
			return nil
		}
		if errors.Is(err, errLost) {
			r.Ack()
			return nil
		}
		r.handBack(background)
		return nil
	case errors.As(err, &wrong):
		r.handBack(background)
		return wrong
	case errors.As(err, &broken) && broken.Kind == kindProgram: // or this worker would fail all jobs
		r.handBack(background)
		return broken
	case ctx.Err() != nil:
		r.handBack(background)
		return nil
	}
	r.fail(background, err)
	return nil
}

// rest returns a context for what is left to do when the program has ended well: if the worker was told to end
// meanwhile, there is still some time for it.
func (r *run) rest(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx.Err() == nil {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(context.WithoutCancel(ctx), r.Grace)
}

// beat says that the job is alive.
func (r *run) beat(end <-chan struct{}) {
	for {
		select {
		case <-time.After(r.lease() / 3):
			r.InProgress()
		case <-end:
			return
		}
	}
}

// update changes the record of the job. If somebody else has changed it, the error is errLost.
func (r *run) update(ctx context.Context, change func(j *Job)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		next := *r.job
		change(&next)
		err := r.save(ctx, &next)
		if err == nil {
			r.job = &next
			return nil
		}
		if !lostRace(err) {
			return err
		}
		now, err := r.Farm.job(ctx, r.job.ID)
		switch {
		case err != nil:
			return err
		case now == nil || now.Attempt != r.job.Attempt || now.State != Running:
			return errLost
		}
		r.job = now // an answer of the server was lost
	}
}

// insist is update until the server can be reached.
func (r *run) insist(ctx context.Context, change func(j *Job)) error {
	for {
		once, cancel := context.WithTimeout(ctx, 10*time.Second)
		err := r.update(once, change)
		cancel()
		if err == nil || errors.Is(err, errLost) {
			return err
		}
		r.log.Warn("the farm does not take the state of the job", "error", err)
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return err
		}
	}
}

// make fetches what the job needs, runs the program and returns what came out.
func (r *run) make(ctx context.Context) (files []File, err error) {
	if r.dir, err = os.MkdirTemp(r.jobsDir, "job-"); err != nil {
		return nil, err
	}
	defer os.RemoveAll(r.dir)
	for again := false; ; again = true {
		if err := r.prepare(ctx); err != nil {
			return nil, err
		}
		failed, err := r.execute(ctx)
		if err != nil {
			return nil, err
		}
		switch {
		case failed == nil:
			ctx, cancel := r.rest(ctx)
			defer cancel()
			return r.results(ctx)
		case failed.Kind == "missing" && !again: // what is in the cache is damaged
			r.log.Warn("inputs are fetched again", "error", failed)
			for _, in := range r.item.Inputs {
				r.cache.drop(in.SHA256)
				for _, file := range in.Files {
					r.cache.drop(file.SHA256)
				}
			}
		case r.kept != nil && !again: // perhaps because of the checkpoint
			r.log.Warn("the job begins anew", "error", failed)
			r.forgetCheckpoint(ctx)
		default:
			return nil, failed
		}
		if err := clearFolder(r.dir); err != nil {
			return nil, err
		}
	}
}

func clearFolder(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return os.Mkdir(dir, 0o700)
}

// prepare fills the folder of the job.
func (r *run) prepare(ctx context.Context) error {
	entry, err := r.items.Get(ctx, r.job.ID)
	if err != nil {
		return fmt.Errorf("what the job is: %w", err)
	}
	r.item = new(Item)
	if err := json.Unmarshal(entry.Value(), r.item); err != nil {
		return err
	}
	if id := r.item.ID(); id != r.job.ID {
		return &HashError{"the description of the job", r.job.ID, id}
	}
	if r.want, err = r.item.parse(); err != nil {
		return err
	}
	if r.want.Version != r.machine.Version {
		return &VersionError{r.want.Version, r.machine.Version}
	}
	if err := os.WriteFile(filepath.Join(r.dir, "recipe.json"), r.item.Recipe, 0o600); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(r.dir, "out"), 0o700); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(r.dir, "in"), 0o700); err != nil {
		return err
	}
	for i, in := range r.item.Inputs {
		to := filepath.Join(r.dir, "in", strconv.Itoa(i), in.Name)
		files := in.Files
		if files == nil {
			files = []File{{SHA256: in.SHA256, Bytes: in.Bytes}}
		}
		for _, file := range files {
			if err := r.cache.link(ctx, r.Farm, file, filepath.Join(to, filepath.FromSlash(file.Name))); err != nil {
				return err
			}
		}
	}
	return r.restore(ctx)
}

// arguments returns the command line of the job.
func (r *run) arguments() []string {
	output := r.item.Output
	args := []string{"again", "recipe.json", "--output=" + filepath.Join("out", output), "--resume", "--json", "--quiet",
		"--print-every=1", "--checkpoint=" + r.Checkpoint.String(), "--threads=" + strconv.Itoa(r.Threads)}
	if len(r.item.Inputs) > 0 {
		args = append(args, "--find=in")
	}
	if r.Memory != "" {
		args = append(args, "--memory="+r.Memory)
	}
	engine := &r.want.Engine
	device := r.machine.Devices[r.job.Class]
	switch {
	case device != "":
		args = append(args, "--device="+device)
	case engine.Tile == 0: // or it would be computed on tiles where memory is short, which are other bytes
		args = append(args, "--tile=off")
	}
	if r.Scratch != "" && device == "" {
		args = append(args, "--scratch="+r.Scratch)
	}
	if r.item.Shard != "" {
		args = append(args, "--shard="+r.item.Shard)
	}
	for _, name := range slices.Sorted(maps.Keys(r.item.Options)) {
		args = append(args, "--"+name+"="+r.item.Options[name])
	}
	return args
}

// execute runs the program. failed is what the program reported; err is why it was ended, or could not begin.
func (r *run) execute(ctx context.Context) (failed *ProgramError, err error) {
	// Linux sends the signal for the death of a parent when the thread that started the child ends.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	lost, lose := context.WithCancelCause(ctx)
	defer lose(nil)
	cmd := r.Program.command(context.Background(), r.arguments()...)
	cmd.Dir = r.dir
	stderr := &tail{most: 8 << 10}
	cmd.Stderr = stderr
	cmd.WaitDelay = 10 * time.Second
	subprocess.Detach(cmd, true) // another worker goes on with its job
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, &ProgramError{
			Kind: kindProgram, Message: "oneiro cannot be run: " + err.Error(), Fix: "was it replaced or removed? see --program",
		}
	}
	ended := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		r.end(lost, cmd, stdout, ended)
	}()
	reporter := make(chan struct{})
	now := new(progress)
	go func() {
		defer close(reporter)
		r.report(lost, now, lose, ended)
	}()
	last := now.follow(stdout)
	err = cmd.Wait()
	close(ended)
	<-watched
	<-reporter
	cause := context.Cause(lost)
	switch {
	case errors.Is(cause, errLost):
		return nil, errLost
	case err == nil:
		return nil, nil
	case ctx.Err() != nil:
		r.checkpoint(context.WithoutCancel(ctx))
		return nil, ctx.Err()
	}
	return failure(last, stderr.String(), err), nil
}

// end ends the program when the context ends: at once if the job is lost, else with a checkpoint.
func (r *run) end(ctx context.Context, cmd *exec.Cmd, stdout io.Closer, ended <-chan struct{}) {
	select {
	case <-ended:
		return
	case <-ctx.Done():
	}
	if errors.Is(context.Cause(ctx), errLost) {
		cmd.Process.Kill()
		return
	}
	subprocess.Terminate(cmd, stdout)
	select {
	case <-ended:
	case <-time.After(r.Grace):
		r.log.Warn("the program does not end, and is killed")
		cmd.Process.Kill()
	}
}

// progress is how far the program has come.
type progress struct {
	mu    sync.Mutex
	now   Job
	dirty bool // there is something to write down
	saved bool // there is a checkpoint that was not sent
}

// follow reads the events of the program until it ends. The last one that is not a step is returned.
func (p *progress) follow(stdout io.Reader) (last event) {
	lines := bufio.NewScanner(stdout)
	lines.Buffer(make([]byte, 64<<10), 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		p.mu.Lock()
		switch e.Event {
		case "start":
			p.now.Steps, p.now.Resumed, p.now.Step, p.dirty = e.Steps, e.Resumed, e.Resumed, true
		case "step":
			p.now.Step, p.now.Steps, p.dirty = e.Step, e.Steps, true
			if p.now.Left = 0; e.Left != nil {
				p.now.Left = Seconds(*e.Left)
			}
		case "frame":
			p.now.Step, p.now.Steps, p.now.Left, p.dirty, p.saved = e.Frame, e.Frames, 0, true, true
		case "checkpoint":
			p.saved = true
		}
		p.mu.Unlock()
		if e.Event != "step" {
			last = e
		}
	}
	if lines.Err() != nil {
		io.Copy(io.Discard, stdout)
	}
	return last
}

// reportEvery is how often the progress of a job is written down.
const reportEvery = 2 * time.Second

// report writes down how far the program has come, and sends checkpoints, until it ends. If the job is lost, it
// calls lose.
func (r *run) report(ctx context.Context, p *progress, lose context.CancelCauseFunc, ended <-chan struct{}) {
	sent := time.Now()
	for {
		select {
		case <-time.After(reportEvery):
		case <-ended:
			return
		case <-ctx.Done():
			return
		}
		p.mu.Lock()
		now, saved := p.now, p.saved
		dirty := p.dirty
		p.dirty = false
		p.mu.Unlock()
		once, cancel := context.WithTimeout(ctx, 5*time.Second)
		err := r.update(once, func(j *Job) {
			if dirty {
				j.Step, j.Steps, j.Resumed, j.Left = now.Step, now.Steps, now.Resumed, now.Left
			}
		})
		cancel()
		if errors.Is(err, errLost) {
			lose(errLost)
			return
		}
		if saved && time.Since(sent) >= r.Checkpoint {
			p.mu.Lock()
			p.saved = false
			p.mu.Unlock()
			r.checkpoint(ctx)
			sent = time.Now()
		}
	}
}

// finish records the result. It returns an error only if the context ends before the farm takes it.
func (r *run) finish(ctx context.Context, files []File) error {
	err := r.insist(ctx, func(j *Job) {
		j.State, j.Ended, j.Files, j.Same = Done, time.Now().UTC(), files, sameness(files)
		j.Seconds, j.Left = Seconds(j.Ended.Sub(j.Started).Seconds()), 0
		j.Step = j.Steps
	})
	if err != nil {
		return err
	}
	r.Ack()
	r.forgetCheckpoint(ctx)
	r.worker.mu.Lock()
	r.self.Done++
	r.worker.mu.Unlock()
	r.log.Info("done", "seconds", fmt.Sprintf("%.1f", float64(r.job.Seconds)))
	return nil
}

// handBack gives a job to the worker that takes it next.
func (r *run) handBack(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	err := r.update(ctx, func(j *Job) { j.State, j.Worker, j.HandedBack = Waiting, "", j.HandedBack+1 })
	if errors.Is(err, errLost) {
		r.Ack()
		return
	}
	r.Nak()
	r.conn.FlushWithContext(ctx)
	r.wake()
	r.log.Info("handed back")
}

// kindProgram is the kind of errors that are the worker's: the program cannot be run.
const kindProgram = "program"

// permanent are the kinds of errors that every worker would get.
var permanent = []string{"usage", "picture", "weights", "recipe", "diverged"}

// fail records why a job failed, and has it tried again, on another worker if there is one, or sets it aside.
func (r *run) fail(ctx context.Context, why error) {
	f := Failure{Worker: r.Name, Time: time.Now().UTC(), Kind: "other", Message: why.Error()}
	if h, is := why.(interface{ Hint() string }); is {
		f.Hint = h.Hint()
	}
	last := false
	switch e := why.(type) {
	case *ProgramError:
		f.Kind = e.Kind
		last = slices.Contains(permanent, e.Kind)
	case *RecipeError:
		f.Kind, last = "recipe", true
	case *HashError:
		f.Kind = "hash"
	case *FullError:
		f.Kind = "full"
	case *atomicfile.Error:
		f.Kind = "output"
	}
	r.log.Warn("failed", "error", why)
	err := r.insist(ctx, func(j *Job) {
		j.Failures = append(slices.Clip(j.Failures), f)
		last = last || len(j.Failures) >= r.Config.Tries
		if j.State, j.Worker = Waiting, ""; last {
			j.State, j.Ended, j.Worker = Failed, time.Now().UTC(), r.Name
		}
	})
	switch {
	case errors.Is(err, errLost):
		r.Ack()
	case last:
		r.Ack()
		r.forgetCheckpoint(ctx)
	default:
		r.NakWithDelay(time.Second)
	}
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
	return string(t.text)
}
