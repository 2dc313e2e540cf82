package farm

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"oneiro/internal/filelock"
)

// WorkOptions are those of a worker.
type WorkOptions struct {
	Program Program
	// Dir is a folder for the cache and for what jobs write.
	Dir     string
	Name    string
	Jobs    int // at a time
	Threads int // of each; 0: all that there are, divided by Jobs
	Memory  string
	Scratch string
	// Classes, if there are any, are those to take.
	Classes []string
	// Once has the worker end when nothing is left to do.
	Once bool
	// CacheBytes is how large the cache may get; 0 for no limit.
	CacheBytes int64
	// Checkpoint is how often what a job needs to go on is sent.
	Checkpoint time.Duration
	// Grace is how long a job may take to end when it is told to.
	Grace time.Duration
	Log   *slog.Logger
}

// Worker is what a worker says of itself.
type Worker struct {
	Name    string    `json:"name"`
	Version string    `json:"version"`
	Classes []string  `json:"classes"`
	Threads int       `json:"threads"` // of each job
	Jobs    []string  `json:"jobs"`    // that it does now
	Since   time.Time `json:"since"`
	Done    int       `json:"done"`
}

// worker takes jobs and does them.
type worker struct {
	*Farm
	WorkOptions
	machine *Machine
	cache   *cache
	jobsDir string

	mu      sync.Mutex
	self    Worker
	told    time.Time // when self was last written
	passing map[string]time.Time
}

// Work does jobs until the context ends, which hands back those that run. The error is nil after that.
func (f *Farm) Work(ctx context.Context, o WorkOptions) error {
	w := &worker{Farm: f, WorkOptions: o, passing: map[string]time.Time{}}
	var err error
	if w.machine, err = o.Program.Machine(ctx); err != nil {
		return err
	}
	w.Jobs = max(w.Jobs, 1)
	if w.Threads == 0 {
		w.Threads = max(w.machine.Threads/w.Jobs, 1)
	}
	if err := w.checkVersion(ctx); err != nil {
		return err
	}
	if err := w.chooseClasses(); err != nil {
		return err
	}
	release, err := w.folders()
	if err != nil {
		return err
	}
	defer release()
	w.self = Worker{
		Name: o.Name, Version: w.machine.Version, Classes: w.machine.Classes, Threads: w.Threads, Jobs: []string{},
		Since: time.Now().UTC(),
	}
	return w.loop(ctx)
}

// checkVersion returns a *VersionError if the farm works with another version of the program.
func (w *worker) checkVersion(ctx context.Context) error {
	if err := w.refresh(ctx); err != nil {
		return err
	}
	if v := w.Config.Version; v != "" && v != w.machine.Version {
		return &VersionError{v, w.machine.Version}
	}
	return nil
}

func (w *worker) chooseClasses() error {
	if len(w.Classes) == 0 {
		return nil
	}
	for _, c := range w.Classes {
		if !slices.Contains(w.machine.Classes, c) {
			return &UsageError{"this machine cannot do jobs of the class " + quoted(c),
				"it can do " + strings.Join(w.machine.Classes, ", ")}
		}
	}
	w.machine.Classes = w.Classes
	return nil
}

// folders makes those of the worker, and removes what workers that were killed have left.
func (w *worker) folders() (release func(), err error) {
	w.Dir = absolute(w.Dir)
	w.cache = &cache{dir: filepath.Join(w.Dir, "cache"), most: w.CacheBytes}
	all := filepath.Join(w.Dir, "jobs")
	for _, dir := range []string{w.cache.dir, all} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	entries, _ := os.ReadDir(all)
	for _, e := range entries {
		lock := filepath.Join(all, e.Name(), "lock")
		if free, err := filelock.Take(lock); err == nil {
			free()
			os.RemoveAll(filepath.Join(all, e.Name()))
		}
	}
	if w.jobsDir, err = os.MkdirTemp(all, "worker-"); err != nil {
		return nil, err
	}
	free, err := filelock.Take(filepath.Join(w.jobsDir, "lock"))
	return func() {
		free()
		os.RemoveAll(w.jobsDir)
	}, err
}

// taken is a message, and the job that it is of.
type taken struct {
	jetstream.Msg
	id string
}

// idle is how long a worker waits for something to do before it looks again without being told.
const idle = 2 * time.Second

// loop takes jobs and does them, several at a time.
func (w *worker) loop(ctx context.Context) error {
	consumers, err := w.consumers(ctx)
	if err != nil {
		return err
	}
	wake := make(chan *nats.Msg, 1)
	sub, err := w.conn.ChanSubscribe(w.wakeSubject(), wake)
	if err != nil {
		return err
	}
	defer sub.Unsubscribe()
	w.tell(ctx, true)
	defer w.leave()
	alive := make(chan struct{})
	defer close(alive)
	go w.renew(alive)

	// A mistake that is not a job's ends all of them.
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	slots := make(chan struct{}, w.Jobs)
	var running sync.WaitGroup
	defer running.Wait()
	for {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return ended(ctx)
		}
		t, err := w.take(ctx, consumers)
		if err != nil && ctx.Err() == nil {
			w.Log.Warn("the farm cannot be asked", "error", err)
		}
		if t == nil {
			<-slots
			if ctx.Err() != nil {
				return ended(ctx)
			}
			if w.Once && err == nil && w.isOver(ctx) {
				running.Wait()
				if w.isOver(ctx) {
					return ended(ctx)
				}
			}
			select {
			case <-wake:
			case <-time.After(idle):
			case <-ctx.Done():
			}
			continue
		}
		running.Go(func() {
			defer func() {
				<-slots
				select {
				case wake <- nil:
				default:
				}
			}()
			if err := w.do(ctx, t); err != nil {
				end(err)
			}
		})
	}
}

// ended returns what ended the work, nil if the worker was told to end.
func ended(ctx context.Context) error {
	cause := context.Cause(ctx)
	_, version := errors.AsType[*VersionError](cause)
	if _, program := errors.AsType[*ProgramError](cause); version || program {
		return cause
	}
	return nil
}

// consumers returns those of the queue that the machine can serve, the most urgent first.
func (w *worker) consumers(ctx context.Context) (all []jetstream.Consumer, err error) {
	for _, priority := range Priorities {
		for _, class := range w.machine.Classes {
			c, err := w.work.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
				Durable: priority + "-" + class, FilterSubject: w.name + ".work." + priority + "." + class + ".*",
				AckPolicy: jetstream.AckExplicitPolicy, AckWait: w.Config.Lease.Duration(), MaxDeliver: -1,
				MaxAckPending: -1,
			})
			if err != nil {
				return nil, err
			}
			all = append(all, c)
		}
	}
	return all, nil
}

// take takes the most urgent job. It is nil if there is none.
func (w *worker) take(ctx context.Context, consumers []jetstream.Consumer) (*taken, error) {
	for _, c := range consumers {
		batch, err := c.FetchNoWait(1)
		if err != nil {
			return nil, err
		}
		for m := range batch.Messages() {
			words := strings.Split(m.Subject(), ".")
			return &taken{m, words[len(words)-1]}, nil
		}
		if err := batch.Error(); err != nil && ctx.Err() == nil {
			return nil, err
		}
	}
	return nil, nil
}

// isOver tells whether nothing is left that the machine could do, now or when another worker vanishes.
func (w *worker) isOver(ctx context.Context) bool {
	for _, class := range w.machine.Classes {
		info, err := w.work.Info(ctx, jetstream.WithSubjectFilter(w.name+".work.*."+class+".*"))
		if err != nil || len(info.State.Subjects) > 0 {
			return false
		}
	}
	return true
}

// lease is how long a worker has before a job is given to another one.
func (w *worker) lease() time.Duration { return w.Config.Lease.Duration() }

// do does a job. The error is one that all other jobs would have, too.
func (w *worker) do(ctx context.Context, t *taken) error {
	m, _ := t.Metadata()
	log := w.Log.With("job", Short(t.id))
	j, err := w.claim(ctx, t)
	switch {
	case err != nil:
		if ctx.Err() == nil {
			log.Warn("the job cannot be taken", "error", err)
		}
		t.NakWithDelay(time.Second)
		return nil
	case j == nil:
		return nil
	}
	w.doing(j.ID, true)
	defer w.doing(j.ID, false)
	if m != nil && j.Losses > 0 {
		log.Info("a worker vanished with this job", "times", j.Losses)
	}
	log.Info("begin", "command", j.Command)
	r := &run{worker: w, taken: t, job: j, log: log}
	return r.do(ctx)
}

// claim writes into a job that it is this worker's. The job is nil if it is not to be done, or not by this
// worker.
func (w *worker) claim(ctx context.Context, t *taken) (*Job, error) {
	for {
		j, err := w.job(ctx, t.id)
		if err != nil {
			return nil, err
		}
		if j == nil || j.State.Ended() {
			return nil, t.Ack()
		}
		if w.leaves(ctx, j) {
			return nil, t.NakWithDelay(2 * time.Second)
		}
		if j.State == Running { // and nobody says so any more
			j.Losses++
		}
		if j.Losses > w.Config.Losses {
			j.State, j.Ended = Failed, time.Now().UTC()
			j.Failures = append(j.Failures, Failure{
				Worker: j.Worker, Time: time.Now().UTC(), Kind: "lost",
				Message: fmt.Sprintf("%d workers vanished while they did this job", j.Losses),
				Hint:    "does it take more memory than they have? oneiro-farm work --memory",
			})
		} else {
			j.State, j.Started, j.Worker, j.Attempt = Running, time.Now().UTC(), w.Name, rand.Text()
			j.Step, j.Resumed, j.Left = 0, 0, 0
		}
		err = w.save(ctx, j)
		switch {
		case lostRace(err):
			continue
		case err != nil:
			return nil, err
		case j.State == Failed:
			return nil, t.Ack()
		}
		return j, nil
	}
}

// leaves tells whether a job is better left to another worker, for a while: it failed here before, or this
// worker has made what is to be compared.
func (w *worker) leaves(ctx context.Context, j *Job) bool {
	mine := slices.ContainsFunc(j.Failures, func(f Failure) bool { return f.Worker == w.Name })
	if j.AuditOf != "" && !mine {
		if of, err := w.job(ctx, j.AuditOf); err == nil && of != nil {
			mine = of.Worker == w.Name || of.State == Waiting
		}
	}
	if !mine {
		return false
	}
	w.mu.Lock()
	since, is := w.passing[j.ID]
	if !is {
		since = time.Now()
		w.passing[j.ID] = since
	}
	w.mu.Unlock()
	if time.Since(since) > patience {
		return false
	}
	others, err := w.Workers(ctx)
	return err == nil && slices.ContainsFunc(others, func(o *Worker) bool {
		return o.Name != w.Name && slices.Contains(o.Classes, j.Class)
	})
}

// patience is how long a worker leaves a job to others that do not take it.
const patience = 30 * time.Second

// doing notes that a job begins or ends.
func (w *worker) doing(id string, begins bool) {
	w.mu.Lock()
	if begins {
		w.self.Jobs = append(slices.Clip(w.self.Jobs), id)
	} else {
		w.self.Jobs = slices.DeleteFunc(slices.Clone(w.self.Jobs), func(j string) bool { return j == id })
	}
	w.mu.Unlock()
	w.tell(context.Background(), false)
}

// tell says what the worker is, but not more than once a second unless it has to.
func (w *worker) tell(ctx context.Context, now bool) {
	w.mu.Lock()
	if !now && time.Since(w.told) < time.Second {
		w.mu.Unlock()
		return
	}
	w.told = time.Now()
	text, err := json.Marshal(&w.self)
	w.mu.Unlock()
	if err == nil {
		w.workers.Put(ctx, workerKey(w.Name), text)
	}
}

// renew says that the worker is alive.
func (w *worker) renew(end <-chan struct{}) {
	for {
		select {
		case <-time.After(min(w.lease()/3, 5*time.Second)):
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			w.tell(ctx, true)
			cancel()
		case <-end:
			return
		}
	}
}

// leave says that the worker is gone.
func (w *worker) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	w.workers.Purge(ctx, workerKey(w.Name))
}

// workerKey returns the key of a worker: its name, as keys may be written.
func workerKey(name string) string {
	var b strings.Builder
	for _, c := range []byte(name) {
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "_%02x", c)
	}
	return b.String()
}

// Workers lists those that are there.
func (f *Farm) Workers(ctx context.Context) (all []*Worker, err error) {
	err = each(ctx, f.workers, func(entry jetstream.KeyValueEntry) error {
		w := new(Worker)
		all = append(all, w)
		return json.Unmarshal(entry.Value(), w)
	})
	slices.SortFunc(all, func(a, b *Worker) int { return strings.Compare(a.Name, b.Name) })
	return all, err
}
