package farm

import (
	"context"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Cancel ends jobs that have not ended, and returns how many. Names are those of sets, or the beginnings of
// IDs of jobs; without any all jobs are meant. A worker that does one of them hears of it within seconds.
func (f *Farm) Cancel(ctx context.Context, names []string) (int, error) {
	return f.changeAll(ctx, names, func(j *Job) bool {
		if j.State.Ended() {
			return false
		}
		j.State, j.Ended = Cancelled, time.Now().UTC()
		return true
	}, func(j *Job) error {
		return f.work.Purge(ctx, jetstream.WithPurgeSubject(f.subject(j)))
	})
}

// Retry has jobs that were set aside or cancelled done after all, and returns how many. A job that waits
// without a message, because its submission was interrupted, gets one.
func (f *Farm) Retry(ctx context.Context, names []string) (n int, err error) {
	n, err = f.changeAll(ctx, names, func(j *Job) bool {
		switch j.State {
		case Failed, Cancelled:
			j.State, j.Ended, j.Losses, j.Failures, j.Worker = Waiting, time.Time{}, 0, nil, ""
			return true
		}
		return false
	}, func(*Job) error { return nil })
	if err != nil {
		return n, err
	}
	jobs, err := f.jobsNamed(ctx, names)
	if err != nil {
		return n, err
	}
	for _, j := range jobs {
		if j.State == Waiting {
			if err := f.queue(ctx, j); err != nil {
				return n, err
			}
		}
	}
	f.wake()
	return n, nil
}

// changeAll changes jobs and then calls after with each that was changed.
func (f *Farm) changeAll(ctx context.Context, names []string, change func(*Job) bool, after func(*Job) error,
) (n int, err error) {
	jobs, err := f.jobsNamed(ctx, names)
	if err != nil {
		return 0, err
	}
	for _, j := range jobs {
		for j != nil && change(j) {
			err := f.save(ctx, j)
			if lostRace(err) {
				if j, err = f.job(ctx, j.ID); err != nil {
					return n, err
				}
				continue
			}
			if err != nil {
				return n, err
			}
			if err := after(j); err != nil {
				return n, err
			}
			n++
			break
		}
	}
	return n, nil
}
