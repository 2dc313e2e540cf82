package farm

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"oneiro/internal/quote"
)

// State says what becomes of a job.
type State string

// The states of a job.
const (
	Waiting   State = "waiting"
	Running   State = "running"
	Done      State = "done"
	Failed    State = "failed" // set aside
	Cancelled State = "cancelled"
)

// Ended says that nothing more will happen by itself.
func (s State) Ended() bool { return s == Done || s == Failed || s == Cancelled }

// Priorities are those that jobs may have, the first to be done first.
var Priorities = []string{"high", "normal", "low"}

// Job is how far a job has come.
type Job struct {
	ID       string `json:"id"`
	Command  string `json:"command"`
	Class    string `json:"class"`
	Priority string `json:"priority"`
	State    State  `json:"state"`

	Submitted time.Time `json:"submitted"`
	Started   time.Time `json:"started,omitzero"` // for the last time
	Ended     time.Time `json:"ended,omitzero"`

	Worker string `json:"worker,omitempty"`
	// Attempt is a random number that a worker gives itself for a job.
	Attempt string  `json:"attempt,omitempty"`
	Step    int     `json:"step,omitempty"`  // or frame
	Steps   int     `json:"steps,omitempty"` // 0 if that is not known
	Resumed int     `json:"resumed,omitempty"`
	Left    Seconds `json:"left,omitempty"` // that the rest takes; 0 if that is not known
	Seconds Seconds `json:"seconds,omitempty"`
	// Losses is how many workers vanished with the job, and HandedBack how many were told to end.
	Losses     int       `json:"losses,omitempty"`
	HandedBack int       `json:"handed_back,omitempty"`
	Failures   []Failure `json:"failures,omitempty"`

	Files []File `json:"files,omitempty"` // that came out
	// Same is what two results have in common if they are the same to the last bit.
	Same string `json:"same,omitempty"`
	// AuditOf is the job that is done once more.
	AuditOf string `json:"audit_of,omitempty"`

	revision uint64
}

// Failure is why a job failed on a worker.
type Failure struct {
	Worker  string    `json:"worker"`
	Time    time.Time `json:"time"`
	Kind    string    `json:"kind"` // as oneiro's --json has it
	Message string    `json:"message"`
	Hint    string    `json:"hint,omitempty"`
}

// Short is how people see the ID of a job or a set.
func Short(id string) string { return id[:min(len(id), 12)] }

func quoted(text string) string { return quote.Text(text) }

// job reads a job. It is nil if there is none.
func (f *Farm) job(ctx context.Context, id string) (*Job, error) {
	entry, err := f.jobs.Get(ctx, id)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parseJob(entry)
}

func parseJob(entry jetstream.KeyValueEntry) (*Job, error) {
	j := new(Job)
	if err := json.Unmarshal(entry.Value(), j); err != nil {
		return nil, err
	}
	j.revision = entry.Revision()
	return j, nil
}

// save writes a job in place of the revision that was read. The error is one of lostRace if there is a newer
// one.
func (f *Farm) save(ctx context.Context, j *Job) error {
	text, err := json.Marshal(j)
	if err != nil {
		return err
	}
	var revision uint64
	if j.revision == 0 {
		revision, err = f.jobs.Create(ctx, j.ID, text)
	} else {
		revision, err = f.jobs.Update(ctx, j.ID, text, j.revision)
	}
	if err != nil {
		return full("jobs", err)
	}
	j.revision = revision
	return nil
}

// allJobs reads all jobs, by their IDs.
func (f *Farm) allJobs(ctx context.Context) (map[string]*Job, error) {
	all := map[string]*Job{}
	err := each(ctx, f.jobs, func(entry jetstream.KeyValueEntry) error {
		j, err := parseJob(entry)
		if err == nil {
			all[j.ID] = j
		}
		return err
	})
	return all, err
}

// each calls what with the values of a bucket.
func each(ctx context.Context, kv jetstream.KeyValue, what func(jetstream.KeyValueEntry) error) error {
	w, err := kv.WatchAll(ctx, jetstream.IgnoreDeletes())
	if err != nil {
		return err
	}
	defer w.Stop()
	for {
		select {
		case entry := <-w.Updates():
			if entry == nil {
				return nil
			}
			if err := what(entry); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// subject returns that of the message of a job.
func (f *Farm) subject(j *Job) string {
	return f.name + ".work." + j.Priority + "." + j.Class + "." + j.ID
}

// queue puts the message of a job into the stream. If it is there already, nothing happens.
func (f *Farm) queue(ctx context.Context, j *Job) error {
	_, err := f.js.Publish(ctx, f.subject(j), nil, jetstream.WithRetryAttempts(5))
	return queued(err)
}

// queued returns the error of a message that was put into the stream.
func queued(err error) error {
	var api *jetstream.APIError
	if errors.As(err, &api) && api.Description == "maximum messages per subject exceeded" {
		return nil
	}
	return full("jobs", err)
}

// wakeSubject is where workers hear that there is something to do.
func (f *Farm) wakeSubject() string { return f.name + ".wake" }

func (f *Farm) wake() { f.conn.Publish(f.wakeSubject(), nil) }

// checkPriority returns a *UsageError if there is no such priority.
func checkPriority(p string) error {
	if !slices.Contains(Priorities, p) {
		return &UsageError{"there is no priority " + quoted(p), "choose high, normal or low"}
	}
	return nil
}
