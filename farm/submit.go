package farm

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"oneiro/internal/quote"
)

// Order is what is submitted.
type Order struct {
	// Lines are those of oneiro's --dry-run recipe, a job each.
	Lines    []byte
	Line     string // for people
	Priority string
	// Audit is the share of jobs that is done twice.
	Audit float64
	// Version is that of the program which wrote the lines; Renew gives the farm that version.
	Version string
	Renew   bool
	// Told is called when something was done.
	Told func(done, total int)
}

// Receipt is what became of an order.
type Receipt struct {
	Set  *Set `json:"set"`
	New  int  `json:"new"`  // jobs
	Old  int  `json:"old"`  // jobs that the farm knew
	Sent int  `json:"sent"` // files
}

// prepared is a job that is to be submitted.
type prepared struct {
	item  Item
	entry Entry
	from  map[string]string // where inputs are, by their SHA-256
	class string
	named string // the command
	of    string // the job that is done once more
}

// Submit submits jobs. Files are sent first, then what the jobs are, then the jobs: who is interrupted submits
// again, and what is there is not sent once more.
func (f *Farm) Submit(ctx context.Context, o Order) (*Receipt, error) {
	if err := checkPriority(o.Priority); err != nil {
		return nil, err
	}
	if err := f.agree(ctx, o.Version, o.Renew); err != nil {
		return nil, err
	}
	all, err := prepare(&o)
	if err != nil {
		return nil, err
	}
	all = audited(all, o.Audit)
	r := &Receipt{Set: &Set{Line: o.Line, Created: time.Now().UTC()}}
	for i := range all {
		r.Set.Entries = append(r.Set.Entries, all[i].entry)
	}
	r.Set.ID = setID(r.Set.Entries)
	if r.Sent, err = f.send(ctx, all); err != nil {
		return r, err
	}
	if err := f.saveSet(ctx, r.Set); err != nil {
		return r, err
	}
	err = f.enter(ctx, all, &o, r)
	f.wake()
	return r, err
}

// agree checks that the farm works with a version of the program, or makes it so if it has none yet.
func (f *Farm) agree(ctx context.Context, version string, renew bool) error {
	if err := f.refresh(ctx); err != nil {
		return err
	}
	if f.Config.Version == version {
		return nil
	}
	if f.Config.Version != "" {
		info, err := f.work.Info(ctx)
		if err != nil {
			return err
		}
		if !renew || info.State.Msgs > 0 {
			return &VersionError{f.Config.Version, version}
		}
	}
	f.Config.Version = version
	return f.saveConfig(ctx)
}

// prepare makes jobs of lines. The error is a *RecipeError or a *UsageError, or that of an input.
func prepare(o *Order) ([]prepared, error) {
	inputs := map[string]Input{} // by path
	outputs := map[string]bool{}
	var all []prepared
	for d := json.NewDecoder(strings.NewReader(string(o.Lines))); d.More(); {
		var e event
		if err := d.Decode(&e); err != nil {
			return nil, &RecipeError{"line " + fmt.Sprint(len(all)+1) + " is not JSON",
				"give what oneiro ... --dry-run recipe --json prints"}
		}
		switch {
		case e.Event == "warning":
			continue
		case e.Event != "start" || e.Files == nil:
			return nil, &RecipeError{"it does not say where the files are",
				"give what oneiro ... --dry-run recipe --json prints, or a picture that oneiro made"}
		}
		more, err := jobsOf(&e, o.Version, inputs)
		if err != nil {
			return nil, err
		}
		name := strings.ToLower(more[0].entry.Output)
		if outputs[name] {
			return nil, &UsageError{"two jobs would write " + quote.Path(more[0].entry.Output), "give them other outputs"}
		}
		outputs[name] = true
		all = append(all, more...)
	}
	if len(all) == 0 {
		return nil, &UsageError{"there is nothing to submit", "name a command after --, or a picture that oneiro made"}
	}
	return all, nil
}

// jobsOf returns the jobs of a line: one, or one for each shot of a film.
func jobsOf(e *event, version string, inputs map[string]Input) ([]prepared, error) {
	output := outputPath(e.Output)
	if e.Output == "-" {
		return nil, &UsageError{"a farm does not write to the standard output", "name a file: -o out.png"}
	}
	_, rest := outputKind(output)
	p := prepared{item: Item{Format: itemFormat, Output: outputStem + rest, Inputs: []Input{}}, from: map[string]string{}}
	p.entry.Output = output
	var r recipe
	err := json.Unmarshal(e.Recipe, &r)
	if err == nil {
		p.item.Recipe, err = plainRecipe(e.Recipe, version)
	}
	if err != nil {
		return nil, err
	}
	if err := p.inputs(e, &r, inputs); err != nil {
		return nil, err
	}
	for name, value := range e.Options {
		if slices.Contains(ofTheMachine, name) {
			continue
		}
		if p.item.Options == nil {
			p.item.Options = map[string]string{}
		}
		p.item.Options[name] = value
	}
	if _, err := p.item.parse(); err != nil {
		return nil, err
	}
	if p.class, err = classOf(&r.Engine); err != nil {
		return nil, err
	}
	p.named = r.Command
	parts := len(e.Shots)
	if parts < 2 {
		p.entry.Job = p.item.ID()
		return []prepared{p}, nil
	}
	var all []prepared
	for i := range parts {
		part := p
		part.item.Shard, part.entry.Parts = fmt.Sprintf("%d/%d", i+1, parts), parts
		part.entry.Job = part.item.ID()
		all = append(all, part)
	}
	return all, nil
}

// inputs adds what the recipe names.
func (p *prepared) inputs(e *event, r *recipe, known map[string]Input) error {
	add := func(name, sum, path string) error {
		if name == "" || p.from[sum] != "" {
			return nil
		}
		if sum == "" {
			return &RecipeError{"it has no SHA-256 of " + quoted(name), "name files and folders, not patterns or streams"}
		}
		in, is := known[path]
		if !is {
			var err error
			if in, err = readInput(path); err != nil {
				return err
			}
			known[path] = in
		}
		if in.SHA256 != sum {
			return &HashError{quote.Path(path), sum, in.SHA256}
		}
		in.Name = name
		p.item.Inputs, p.from[sum] = append(p.item.Inputs, in), path
		return nil
	}
	if len(e.Files.Inputs) != len(r.Inputs) {
		return &RecipeError{"it does not say where all its files are", ""}
	}
	for i, in := range r.Inputs {
		if err := add(in.Name, in.SHA256, e.Files.Inputs[i]); err != nil {
			return err
		}
	}
	return add(r.Network.File, r.Network.SHA256, e.Files.Weights)
}

// audited adds a second job for a share of jobs, which their IDs choose.
func audited(all []prepared, share float64) []prepared {
	if share <= 0 {
		return all
	}
	order := slices.SortedFunc(slices.Values(all), func(a, b prepared) int { return cmp.Compare(a.entry.Job, b.entry.Job) })
	n := min(int(share*float64(len(all))+0.999999), len(all))
	for _, p := range order[:n] {
		p.of = p.entry.Job
		p.item.Copy = 1
		p.entry = Entry{Job: p.item.ID()}
		all = append(all, p)
	}
	return all
}

// send stores the inputs of jobs, and returns how many of them.
func (f *Farm) send(ctx context.Context, all []prepared) (n int, err error) {
	done := map[string]bool{}
	for i := range all {
		for j := range all[i].item.Inputs {
			in := &all[i].item.Inputs[j]
			if done[in.SHA256] {
				continue
			}
			done[in.SHA256] = true
			if err := f.putInput(ctx, in, all[i].from[in.SHA256]); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}

// window is how many jobs are on the way to the server at a time.
const window = 256

// enter enters the jobs into the farm.
func (f *Farm) enter(ctx context.Context, all []prepared, o *Order, r *Receipt) error {
	known, err := f.allJobs(ctx)
	if err != nil {
		return err
	}
	now := time.Now().UTC()
	seen := map[string]bool{}
	for part := range slices.Chunk(all, window) {
		var jobs []*Job
		values := map[string][]byte{}
		for i := range part {
			p := &part[i]
			id := p.entry.Job
			if j := known[id]; j != nil || seen[id] {
				r.Old++
				if j != nil && j.State == Waiting { // its message may be missing
					jobs = append(jobs, j)
				}
				continue
			}
			seen[id] = true
			text, err := json.Marshal(&p.item)
			if err != nil {
				return err
			}
			values[id] = text
			jobs = append(jobs, &Job{
				ID: id, Command: p.named, Class: p.class, Priority: o.Priority, State: Waiting, Submitted: now, AuditOf: p.of,
			})
		}
		if err := f.enterPart(ctx, jobs, values, r); err != nil {
			return err
		}
		if o.Told != nil {
			o.Told(r.New+r.Old, len(all))
		}
	}
	return nil
}

// enterPart writes what jobs are, then how far they are, and then puts them into the queue; many at a time.
func (f *Farm) enterPart(ctx context.Context, jobs []*Job, items map[string][]byte, r *Receipt) error {
	if err := f.createAll(ctx, f.name+"-items", items); err != nil {
		return err
	}
	states := map[string][]byte{}
	for _, j := range jobs {
		if j.revision == 0 {
			text, err := json.Marshal(j)
			if err != nil {
				return err
			}
			states[j.ID] = text
		}
	}
	if err := f.createAll(ctx, f.name+"-jobs", states); err != nil {
		return err
	}
	var waiting []jetstream.PubAckFuture
	for _, j := range jobs {
		p, err := f.js.PublishMsgAsync(&nats.Msg{Subject: f.subject(j)})
		if err != nil {
			return err
		}
		waiting = append(waiting, p)
	}
	for i, p := range waiting {
		if err := outcome(ctx, p); queued(err) != nil {
			return queued(err)
		}
		if jobs[i].revision == 0 {
			r.New++
		}
	}
	return nil
}

// createAll creates values in a bucket. Those that are there stay.
func (f *Farm) createAll(ctx context.Context, bucket string, values map[string][]byte) error {
	var waiting []jetstream.PubAckFuture
	for _, key := range slices.Sorted(maps.Keys(values)) {
		m := nats.NewMsg("$KV." + bucket + "." + key)
		m.Header.Set(jetstream.ExpectedLastSubjSeqHeader, "0")
		m.Data = values[key]
		p, err := f.js.PublishMsgAsync(m)
		if err != nil {
			return err
		}
		waiting = append(waiting, p)
	}
	for _, p := range waiting {
		if err := outcome(ctx, p); err != nil && !lostRace(err) {
			return full("jobs", err)
		}
	}
	return nil
}

// outcome waits for the answer to a message.
func outcome(ctx context.Context, p jetstream.PubAckFuture) error {
	select {
	case <-p.Ok():
		return nil
	case err := <-p.Err():
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(30 * time.Second):
		return errors.New("the farm does not answer")
	}
}

// absolute returns a path from the root.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}
