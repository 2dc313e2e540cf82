package farm

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"oneiro/internal/quote"
)

// FetchOptions are those of fetching results.
type FetchOptions struct {
	Sets []string // empty for all
	Dir  string
	// Replace has files replaced that are other ones.
	Replace bool
	// Forget removes jobs, sets and results whose files are all there.
	Forget bool
	// Program puts the frames of films together.
	Program Program
	Told    func(path string)
}

// Fetched is what became of results.
type Fetched struct {
	Written int      `json:"written"` // files
	There   int      `json:"there"`   // files that were there already
	Films   []string `json:"films"`   // that were put together
	Jobs    int      `json:"jobs"`    // whose results are here
	Left    int      `json:"left"`    // jobs that have not ended
	Failed  int      `json:"failed"`  // jobs without a result
	// Others are files that are there and are other ones.
	Others []string `json:"others"`
}

// Fetch writes results into a folder.
func (f *Farm) Fetch(ctx context.Context, o FetchOptions) (*Fetched, error) {
	sets, err := f.choose(ctx, o.Sets)
	if err != nil {
		return nil, err
	}
	jobs, err := f.allJobs(ctx)
	if err != nil {
		return nil, err
	}
	r := &Fetched{Films: []string{}, Others: []string{}}
	for _, s := range sets {
		complete := true
		films := map[string]int{} // parts that are there, by their output
		for i := range s.Entries {
			e := &s.Entries[i]
			j := jobs[e.Job]
			switch {
			case j == nil || !j.State.Ended():
				r.Left++
				complete = false
			case j.State != Done:
				r.Failed++
				complete = false
			case e.Output != "":
				others := len(r.Others)
				if err := f.fetch(ctx, e, j, &o, r); err != nil {
					return r, err
				}
				r.Jobs++
				complete = complete && len(r.Others) == others
				if e.Parts == 0 {
					continue
				}
				if films[e.Output]++; films[e.Output] == e.Parts {
					if err := f.join(ctx, e, &o, r); err != nil {
						return r, err
					}
				}
			}
		}
		if o.Forget && complete {
			if err := f.Forget(ctx, s); err != nil {
				return r, err
			}
		}
	}
	return r, nil
}

// fetch writes the files of a job.
func (f *Farm) fetch(ctx context.Context, e *Entry, j *Job, o *FetchOptions, r *Fetched) error {
	if e.Parts > 0 && f.joined(e, o) {
		r.There += len(j.Files)
		return nil
	}
	for _, file := range j.Files {
		name := e.Target(file.Name)
		if !isInside(name) {
			return pathError("a result", name)
		}
		path := filepath.Join(o.Dir, filepath.FromSlash(name))
		if sum, _, err := hashFile(path); err == nil {
			if sum == file.SHA256 {
				r.There++
				continue
			}
			if !o.Replace {
				r.Others = append(r.Others, path)
				continue
			}
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := f.get(ctx, f.files, "", file.SHA256, path); err != nil {
			return err
		}
		r.Written++
		if o.Told != nil {
			o.Told(path)
		}
	}
	return nil
}

// joined tells whether a film is there that is put together of its frames.
func (f *Farm) joined(e *Entry, o *FetchOptions) bool {
	_, rest := outputKind(e.Output)
	return rest != "" && !strings.Contains(rest, "%") && isFile(filepath.Join(o.Dir, filepath.FromSlash(e.Output)))
}

// join puts the frames of a film together, with the program: that is what its --resume does if all are there.
func (f *Farm) join(ctx context.Context, e *Entry, o *FetchOptions, r *Fetched) error {
	_, rest := outputKind(e.Output)
	if rest == "" || strings.Contains(rest, "%") || f.joined(e, o) { // frames are what is wanted
		return nil
	}
	if o.Program == nil {
		return &UsageError{"the film " + quote.Path(e.Output) + " has to be put together by the program oneiro",
			"put it beside oneiro-farm, or name it: --program FILE"}
	}
	entry, err := f.items.Get(ctx, e.Job)
	if err != nil {
		return err
	}
	var item Item
	if err := json.Unmarshal(entry.Value(), &item); err != nil {
		return err
	}
	want, err := item.parse()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "oneiro-farm-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	in := filepath.Join(dir, "in")
	if err := f.getInputs(ctx, &item, in); err != nil {
		return err
	}
	recipe := filepath.Join(dir, "recipe.json")
	if err := os.WriteFile(recipe, item.Recipe, 0o600); err != nil {
		return err
	}
	output := filepath.Join(o.Dir, filepath.FromSlash(e.Output))
	args := []string{"again", recipe, "--output=" + output, "--resume", "--quiet", "--json"}
	if want.Engine.Tile == 0 && (want.Engine.Device == "" || want.Engine.Device == "cpu") {
		args = append(args, "--tile=off")
	}
	if len(item.Inputs) > 0 {
		args = append(args, "--find="+in)
	}
	if _, err := o.Program.run(ctx, args...); err != nil {
		return err
	}
	r.Films = append(r.Films, output)
	if o.Told != nil {
		o.Told(output)
	}
	return nil
}

// getInputs writes the inputs of an item into a folder, each into one of its own.
func (f *Farm) getInputs(ctx context.Context, item *Item, dir string) error {
	for i, in := range item.Inputs {
		to := filepath.Join(dir, strconv.Itoa(i), in.Name)
		files := in.Files
		if files == nil {
			files = []File{{SHA256: in.SHA256}}
		}
		for _, file := range files {
			path := filepath.Join(to, filepath.FromSlash(file.Name))
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				return err
			}
			if err := f.get(ctx, f.files, "", file.SHA256, path); err != nil {
				return err
			}
		}
	}
	return nil
}

// Forget removes a set with its jobs, and the files that no other job needs. Jobs that have not ended stay.
func (f *Farm) Forget(ctx context.Context, s *Set) error {
	sets, err := f.Sets(ctx)
	if err != nil {
		return err
	}
	jobs, err := f.allJobs(ctx)
	if err != nil {
		return err
	}
	items, err := f.allItems(ctx)
	if err != nil {
		return err
	}
	ofOthers := map[string]bool{}
	for _, other := range sets {
		for _, e := range other.Entries {
			ofOthers[e.Job] = ofOthers[e.Job] || other.ID != s.ID
		}
	}
	if err := f.forgetSet(ctx, s); err != nil {
		return err
	}
	gone := map[string]bool{} // files that may have to go
	for _, e := range s.Entries {
		j := jobs[e.Job]
		if ofOthers[e.Job] || j == nil || !j.State.Ended() {
			continue
		}
		for _, sum := range filesOf(j, items[e.Job]) {
			gone[sum] = true
		}
		if err := f.jobs.Purge(ctx, e.Job); err != nil {
			return err
		}
		if err := f.items.Purge(ctx, e.Job); err != nil {
			return err
		}
		delete(jobs, e.Job)
	}
	for id, j := range jobs {
		for _, sum := range filesOf(j, items[id]) {
			delete(gone, sum)
		}
	}
	for sum := range gone {
		if err := f.files.Delete(ctx, sum); err != nil && !errors.Is(err, jetstream.ErrObjectNotFound) {
			return err
		}
	}
	return nil
}

// allItems reads what all jobs are, by their IDs.
func (f *Farm) allItems(ctx context.Context) (map[string]*Item, error) {
	all := map[string]*Item{}
	err := each(ctx, f.items, func(entry jetstream.KeyValueEntry) error {
		item := new(Item)
		all[entry.Key()] = item
		return json.Unmarshal(entry.Value(), item)
	})
	return all, err
}

// filesOf lists the hashes of all files that a job needs or has made.
func filesOf(j *Job, item *Item) (all []string) {
	for _, file := range j.Files {
		all = append(all, file.SHA256)
	}
	if item == nil {
		return all
	}
	for _, in := range item.Inputs {
		if in.Files == nil {
			all = append(all, in.SHA256)
		}
		for _, file := range in.Files {
			all = append(all, file.SHA256)
		}
	}
	return all
}
