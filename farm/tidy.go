package farm

import (
	"context"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Tidy removes what interrupted work has left: parts of files whose end was never sent, which nobody can name,
// and checkpoints of jobs that have ended. What is younger than some age stays: it may be on its way.
func (f *Farm) Tidy(ctx context.Context, age time.Duration) error {
	jobs, err := f.allJobs(ctx)
	if err != nil {
		return err
	}
	kept, err := f.checkpoints.List(ctx)
	if err != nil && err != jetstream.ErrNoObjectsFound {
		return err
	}
	for _, o := range kept {
		id, _, _ := strings.Cut(o.Name, "/")
		if j := jobs[id]; (j == nil || j.State.Ended()) && time.Since(o.ModTime) > age {
			if err := f.checkpoints.Delete(ctx, o.Name); err != nil {
				return err
			}
		}
	}
	for _, bucket := range []string{"files", "checkpoints"} {
		if err := f.tidyBucket(ctx, f.name+"-"+bucket, age); err != nil {
			return err
		}
	}
	return nil
}

// tidyBucket removes parts of files that no file of a bucket has.
func (f *Farm) tidyBucket(ctx context.Context, bucket string, age time.Duration) error {
	store, err := f.js.ObjectStore(ctx, bucket)
	if err != nil {
		return err
	}
	stream, err := f.js.Stream(ctx, "OBJ_"+bucket)
	if err != nil {
		return err
	}
	chunks := "$O." + bucket + ".C."
	// Parts are listed before files: what is finished in between is found among the files.
	info, err := stream.Info(ctx, jetstream.WithSubjectFilter(chunks+">"))
	if err != nil {
		return err
	}
	all, err := store.List(ctx)
	if err != nil && err != jetstream.ErrNoObjectsFound {
		return err
	}
	known := map[string]bool{}
	for _, o := range all {
		known[o.NUID] = true
	}
	for subject := range info.State.Subjects {
		if known[strings.TrimPrefix(subject, chunks)] {
			continue
		}
		last, err := stream.GetLastMsgForSubject(ctx, subject)
		if err != nil || time.Since(last.Time) < age {
			continue
		}
		if err := stream.Purge(ctx, jetstream.WithPurgeSubject(subject)); err != nil {
			return err
		}
	}
	return nil
}
