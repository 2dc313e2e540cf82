package farm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"oneiro/internal/imageio"
)

// The endings of files that a run needs to go on, and that are no results.
var keptEndings = []string{".checkpoint", ".state"}

// filesIn lists the files below the folder of results, by their paths with slashes.
func filesIn(dir string) (all []string, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // it was replaced meanwhile
			return nil
		}
		if err != nil || !d.Type().IsRegular() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		name, err := filepath.Rel(dir, path)
		all = append(all, filepath.ToSlash(name))
		return err
	})
	return all, err
}

func isKept(name string) bool {
	for _, ending := range keptEndings {
		if strings.HasSuffix(name, ending) {
			return true
		}
	}
	return false
}

// results stores what came out.
func (r *run) results(ctx context.Context) ([]File, error) {
	dir := filepath.Join(r.dir, "out")
	names, err := filesIn(dir)
	if err != nil {
		return nil, err
	}
	all := []File{}
	for _, name := range names {
		if isKept(name) {
			continue
		}
		file, err := r.result(dir, name)
		if err != nil {
			return nil, err
		}
		if err := r.insistPut(ctx, file.SHA256, filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			return nil, err
		}
		all = append(all, file)
	}
	if len(all) == 0 && r.item.Shard == "" {
		return nil, &ProgramError{Kind: "output", Message: "oneiro wrote nothing"}
	}
	return all, nil
}

// result describes a file that came out. The error says that it was made with another engine than the recipe
// names.
func (r *run) result(dir, name string) (f File, err error) {
	path := filepath.Join(dir, filepath.FromSlash(name))
	f.Name = name
	if f.SHA256, f.Bytes, err = hashFile(path); err != nil {
		return f, err
	}
	text, err := imageio.ReadRecipe(path)
	if err != nil { // no picture, or one without
		return f, nil
	}
	var made recipe
	if err := json.Unmarshal([]byte(text), &made); err != nil {
		return f, err
	}
	f.Pixels = made.Pixels
	if !sameEngine(&made.Engine, &r.want.Engine) {
		return f, &ProgramError{
			Kind: "engine", Message: fmt.Sprintf("this worker computes with %s, and the recipe asks for %s",
				engineText(&made.Engine), engineText(&r.want.Engine)),
			Fix: "start the worker with other options, or leave the job to other machines",
		}
	}
	return f, nil
}

func engineText(e *recipeEngine) string {
	text, _ := json.Marshal(e)
	return string(text)
}

// insistPut stores a file, and waits for room or for the server if there is none. What a job has computed is
// not thrown away because a disk is full.
func (r *run) insistPut(ctx context.Context, sum, path string) error {
	for {
		err := r.put(ctx, r.Farm.files, "", sum, path)
		if _, is := errors.AsType[*HashError](err); err == nil || is || ctx.Err() != nil {
			return err
		}
		r.log.Warn("the farm does not take the result", "error", err)
		select {
		case <-time.After(2 * time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := r.update(ctx, func(*Job) {}); errors.Is(err, errLost) {
			return err
		}
	}
}

// sameness returns what results have in common that are the same to the last bit: the hash of the pixels of a
// picture, or the hash of all files by their names.
func sameness(files []File) string {
	h := sha256.New()
	for _, f := range files {
		is := f.Pixels
		if is == "" {
			is = f.SHA256
		}
		if len(files) == 1 {
			return is
		}
		fmt.Fprintf(h, "%s  %s\n", is, f.Name)
	}
	return hex.EncodeToString(h.Sum(nil))
}
