package farm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// manifest lists the files of a checkpoint: all that lies in the folder of results, the frames of a film
// included.
type manifest []keptFile

// keptFile is a file, as it was when it was sent.
type keptFile struct {
	File
	Time int64 `json:"time"` // of the last change, in nanoseconds, on the machine that sent it
}

// checkpoint sends what the job needs to go on elsewhere: files that are new or have changed, and then the list
// of all. What is not in the list any more is removed. If the farm does not take it, the last one stays.
func (r *run) checkpoint(ctx context.Context) {
	if err := r.sendCheckpoint(ctx); err != nil {
		r.log.Warn("the farm has not got a checkpoint", "error", err)
	}
}

func (r *run) sendCheckpoint(ctx context.Context) error {
	dir := filepath.Join(r.dir, "out")
	names, err := filesIn(dir)
	if err != nil {
		return err
	}
	had := map[string]keptFile{}
	for _, k := range r.kept {
		had[k.Name] = k
	}
	next := manifest{}
	for _, name := range names {
		path := filepath.Join(dir, filepath.FromSlash(name))
		info, err := os.Stat(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		k, is := had[name]
		if !is || k.Bytes != info.Size() || k.Time != info.ModTime().UnixNano() {
			if k, err = r.keep(ctx, name, path); errors.Is(err, os.ErrNotExist) {
				continue
			}
			if err != nil {
				return err
			}
		}
		next = append(next, k)
	}
	if len(next) == 0 {
		return nil
	}
	text, err := json.Marshal(next)
	if err != nil {
		return err
	}
	if _, err := r.checkpoints.Put(ctx, jetstream.ObjectMeta{Name: r.job.ID}, bytes.NewReader(text)); err != nil {
		return full("files", err)
	}
	old := r.kept
	r.kept = next
	r.forgetFiles(ctx, old, next)
	r.log.Debug("checkpoint", "files", len(next))
	return nil
}

// keep sends a file. It is opened once: the program may replace it meanwhile.
func (r *run) keep(ctx context.Context, name, path string) (k keptFile, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return k, err
	}
	k.Name, k.Time = name, info.ModTime().UnixNano()
	copied := filepath.Join(r.dir, "sent")
	os.Remove(copied)
	if err := os.Link(path, copied); err != nil { // which stays as it is: the program replaces files
		if err := copyFile(path, copied); err != nil {
			return k, err
		}
	}
	defer os.Remove(copied)
	if k.SHA256, k.Bytes, err = hashFile(copied); err != nil {
		return k, err
	}
	return k, r.put(ctx, r.checkpoints, r.job.ID+"/", k.SHA256, copied)
}

// restore puts the files of the last checkpoint into the folder of results.
func (r *run) restore(ctx context.Context) error {
	r.kept = nil
	o, err := r.checkpoints.Get(ctx, r.job.ID)
	if errors.Is(err, jetstream.ErrObjectNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	defer o.Close()
	text, err := io.ReadAll(o)
	if err != nil {
		return err
	}
	var all manifest
	if err := json.Unmarshal(text, &all); err != nil {
		r.log.Warn("the checkpoint cannot be used", "error", err)
		return nil
	}
	for i := range all {
		k := &all[i]
		if !isInside(k.Name) || !strings.HasPrefix(k.Name, outputStem) {
			return pathError("a checkpoint", k.Name)
		}
		path := filepath.Join(r.dir, "out", filepath.FromSlash(k.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := r.get(ctx, r.checkpoints, r.job.ID+"/", k.SHA256, path); err != nil {
			r.log.Warn("the checkpoint cannot be used", "error", err)
			os.RemoveAll(filepath.Join(r.dir, "out"))
			return os.Mkdir(filepath.Join(r.dir, "out"), 0o700)
		}
		if info, err := os.Stat(path); err == nil {
			k.Time = info.ModTime().UnixNano()
		}
	}
	r.kept = all
	r.log.Info("goes on from a checkpoint", "files", len(all))
	return nil
}

// forgetFiles removes files of a checkpoint that another one does not have.
func (r *run) forgetFiles(ctx context.Context, old, next manifest) {
	needed := map[string]bool{}
	for _, k := range next {
		needed[k.SHA256] = true
	}
	for _, k := range old {
		if !needed[k.SHA256] {
			needed[k.SHA256] = true
			r.checkpoints.Delete(ctx, r.job.ID+"/"+k.SHA256)
		}
	}
}

// forgetCheckpoint removes the checkpoint of the job.
func (r *run) forgetCheckpoint(ctx context.Context) {
	if r.kept == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	r.checkpoints.Delete(ctx, r.job.ID)
	r.forgetFiles(ctx, r.kept, nil)
	r.kept = nil
}
