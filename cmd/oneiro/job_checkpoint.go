package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"oneiro/internal/atomicfile"
	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/render"
)

// checkpointEnding follows the name of the output in that of its checkpoint.
const checkpointEnding = ".checkpoint"

// defaultInterval is how often checkpoints are written.
const defaultInterval = interval(time.Minute)

// checkpoints is the checkpoint of a job: a file beside the output.
type checkpoints struct {
	path string             // empty for none
	from *render.Checkpoint // that the run goes on from; nil if it starts anew
	// last is the file that this run wrote last or went on from, or one that was there before it. Another one
	// is that of another run.
	last   os.FileInfo
	mine   bool  // last is of this run
	failed bool  // it could not be written, and that was said
	none   error // why there can be no checkpoints, although they are asked for
}

// checkpointAbout is what a checkpoint says beside the recipe of its run: what is this machine's business
// alone.
type checkpointAbout struct {
	Files  located `json:"files"`  // absolute paths; stream for what came from the standard input
	Output string  `json:"output"` // an absolute path
	Free   bool    `json:"free"`   // the output was not named, and replaces nothing
	// Options are flags that no recipe has.
	Options option.Values `json:"options"`
}

// checkpointOptions are those that a checkpoint says beside the recipe of its run.
func checkpointOptions() option.Table {
	var all option.Table
	all = append(all, jobTable.Without("output", "resume", "json", "quiet", "dry-run")...)
	all = append(all, engineTable.Without("device", "kernels", "winograd", "tf32")...)
	all = append(all, judgeTable...)
	return append(all, inputTable...)
}

// aboutCheckpoint returns what the checkpoints of the job say.
func (j *job) aboutCheckpoint() checkpointAbout {
	absolute := func(path string) string {
		if full, err := filepath.Abs(path); err == nil && path != "" {
			return full
		}
		return path
	}
	table := checkpointOptions()
	about := checkpointAbout{
		Output: absolute(j.output.path), Free: j.output.unnamed, Options: given(j.fs, table),
	}
	for name, value := range about.Options {
		if table.Lookup(name).Names == option.File {
			about.Options[name] = absolute(value)
		}
	}
	for _, in := range j.output.pictures {
		path := absolute(in.path)
		if in.path != "" && in.path == j.spooled {
			path = stream
		}
		about.Files.Inputs = append(about.Files.Inputs, path)
	}
	about.Files.Weights = absolute(j.Weights)
	return about
}

// openCheckpoint finds the checkpoint of the job, and opens it if the run is to go on from it.
func (j *job) openCheckpoint() error {
	c := &j.checkpoints
	if j.output.path == stream {
		if j.Resume {
			return &usageError{"--resume needs a file", "name one with --output"}
		}
		return nil
	}
	c.path = j.output.path + checkpointEnding
	if j.Checkpoint != never { // which also removes what a killed run has left
		if c.none = atomicfile.Check(c.path); c.none != nil { // such as a name that is too long
			j.Checkpoint = never
		}
	}
	c.last, _ = os.Stat(c.path)
	if c.from = j.resumed; c.from == nil && j.Resume && c.last != nil {
		var err error
		if c.from, err = openCheckpoint(c.path); err != nil {
			return err
		}
	}
	if c.from == nil {
		return nil
	}
	said, err := about(c.from)
	if err != nil {
		return err
	}
	if err := j.sameRun(); err != nil {
		return err
	}
	j.output.unnamed = said.Free
	c.mine = c.last != nil && c.from.IsFile(c.last)
	return nil
}

// openCheckpoint opens a checkpoint. The error names the file.
func openCheckpoint(path string) (*render.Checkpoint, error) {
	c, err := render.OpenCheckpoint(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &usageError{"there is no checkpoint " + quote(path), "check the path"}
	}
	return c, err
}

// sameRun checks that the checkpoint is of this run.
func (j *job) sameRun() error {
	c := j.checkpoints.from
	all := c.Recipe.Differences(j.output.complete())
	if len(all) == 0 {
		return nil
	}
	var problems []string
	for _, d := range all {
		problems = append(problems, d.String())
	}
	return &render.CheckpointError{
		File: c.Path(), Of: "run", Problem: strings.Join(problems, "; "),
		Fix: "use the same options, files and program again, or leave out --resume to start over",
	}
}

// replaced says that a checkpoint of another run is there, and what happens to it. It is empty if there is
// none.
func (j *job) replaced() string {
	c := &j.checkpoints
	if c.last == nil || c.mine {
		return ""
	}
	then := "its own checkpoints will replace that one"
	if j.Checkpoint == never {
		then = "that one stays"
	}
	path := shown(c.path)
	return fmt.Sprintf("%s is of another run, which did not end: this one starts anew, and %s; "+
		"oneiro resume %s goes on with the other", path, then, path)
}

// checkpointing returns to whom a run hands its states, and how often.
func (r *running) checkpointing() render.Checkpoints {
	if r.checkpoints.path == "" || r.Checkpoint == never {
		return render.Checkpoints{}
	}
	return render.Checkpoints{Every: time.Duration(r.Checkpoint), Save: r.saveState}
}

// saveState writes a checkpoint. A run whose checkpoints cannot be written goes on without.
func (r *running) saveState(s *render.State) {
	c := &r.checkpoints
	err := c.write(func(w io.Writer) error { return s.Write(w, *r.output.complete(), r.aboutCheckpoint()) })
	if err != nil {
		if !c.failed {
			c.failed = true
			r.progress.end()
			r.warn(fmt.Sprintf("the run goes on without a checkpoint of step %d: %v", s.Step(), err))
		}
		return
	}
	c.failed = false
	if r.JSON {
		r.check(writeLine(r.stdout, checkpointEvent{"checkpoint", c.path, s.Step()}))
	}
}

// checkpointEvent is a line of --json: a checkpoint was written.
type checkpointEvent struct {
	Event string `json:"event"` // "checkpoint"
	File  string `json:"file"`
	Step  int    `json:"step"` // that was the last
}

// write replaces the checkpoint, unless that of another run has come in its place.
func (c *checkpoints) write(fill func(io.Writer) error) error {
	now, err := os.Stat(c.path)
	if err == nil && (c.last == nil || !os.SameFile(now, c.last)) {
		return fmt.Errorf("another run writes %s", quote(c.path))
	}
	if err := atomicfile.Write(c.path, fill); err != nil {
		return err
	}
	c.last, err = os.Stat(c.path)
	c.mine = err == nil
	return nil
}

// there returns whether there is a checkpoint of this run.
func (c *checkpoints) there() bool {
	now, err := os.Stat(c.path)
	return err == nil && c.mine && os.SameFile(now, c.last)
}

// remove removes the checkpoint, if it is of this run.
func (c *checkpoints) remove() {
	if c.there() {
		os.Remove(c.path)
	}
}

// close closes the checkpoint that the run went on from.
func (c *checkpoints) close() {
	if c.from != nil {
		c.from.Close()
	}
}

// name returns the path of the checkpoint of this run, empty if there is none.
func (c *checkpoints) name() string {
	if c.there() {
		return c.path
	}
	return ""
}

// printResume says how to go on with a run that ended before its time, if it can go on.
func (r *running) printResume() {
	if name := r.checkpoints.name(); name != "" {
		fmt.Fprintf(r.stderr, "resume with: oneiro resume %s\n", shown(name))
	}
}

// resumable returns the path that a run goes on to write to which --output is not given: the first of those
// that it may have chosen that has a checkpoint.
func resumable(path string) (string, bool) {
	for n := 1; ; n++ {
		name := nameNumber(path, n)
		if exists(name + checkpointEnding) {
			return name, true
		}
		if !exists(name) {
			return "", false
		}
	}
}

// partOf returns whether a file is a picture that a run saved before its end.
func partOf(path string, run *render.Recipe) bool {
	text, err := imageio.ReadRecipe(path)
	if err != nil {
		return false
	}
	r, err := render.ParseRecipe(text)
	return err == nil && r.Step > 0 && len(r.Differences(run)) == 0
}

// about returns what the program has said in a checkpoint.
func about(c *render.Checkpoint) (checkpointAbout, error) {
	var a checkpointAbout
	err := json.Unmarshal(c.About, &a)
	if err == nil && (len(a.Files.Inputs) != len(c.Recipe.Inputs) || a.Output == "") {
		err = errors.New("files are missing")
	}
	if err != nil {
		err = &render.CheckpointDamagedError{File: c.Path(), Problem: "it does not say what it is of: " + err.Error()}
	}
	return a, err
}
