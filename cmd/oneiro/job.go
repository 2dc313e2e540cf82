package main

import (
	"context"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"oneiro/internal/option"
	"oneiro/nn"
	"oneiro/render"
	"oneiro/zoo"
)

// jobOptions are what all pipelines have in common beside the options of package render.
type jobOptions struct {
	modelOptions
	engineOptions
	inputOptions
	judgeOptions
	tuneOptions
	filmOptions
	Output                string
	PrintEvery, SaveEvery int
	JPEGQuality           int
	StripRecipe           bool
	SaveCanvas            string // a file, or empty
	Checkpoint            interval
	Resume                bool
	Depth                 string // bits of a sample, or empty
	Preview               string // a file, or empty
	PreviewEvery          interval
	DryRun                string // one of the words below, or empty
	JSON, Quiet           bool

	resumed *render.Checkpoint // that the command resume opened
	// recolors are done to every picture that is written.
	recolors []recoloring
	// stopAfter ends the run after the picture that SaveEvery has saved after so many steps; 0 lets it finish.
	stopAfter int
}

// depth returns how many bits a sample of the result has, 0 for as many as a sample of what goes in.
func (o *jobOptions) depth() int { return map[string]int{"8": 8, "16": 16}[o.Depth] }

// maxInterval is the largest number of steps between two reports or pictures.
const maxInterval = 1_000_000

// jobTable has the options of jobOptions that are not those of network or engine.
var jobTable = option.Table{
	{Name: "output", Field: "Output", Unit: "file",
		Help:  "picture to write, .png, .jpg or .tif, or - for standard output; the default replaces no file",
		Names: option.File, Endings: writtenEndings, Basic: true},
	{Name: "save-every", Field: "SaveEvery", Unit: "steps",
		Help: "also save a picture every so many steps, as out_0050.png", Zero: "turns it off",
		Range: option.Between(1, maxInterval)},
	{Name: "jpeg-quality", Field: "JPEGQuality", Unit: "number",
		Help: "quality of a .jpg picture: less makes a smaller file", Range: option.Between(1, 100)},
	{Name: "strip-recipe", Field: "StripRecipe",
		Help: "leave the recipe out of the picture: settings, and names and hashes of the inputs"},
	{Name: "save-canvas", Field: "SaveCanvas", Unit: "file",
		Help: "also write the weights of canvas head, decoder or cppn, .safetensors: to start from, or for " +
			"oneiro render",
		Names: option.File, Endings: []string{"safetensors"}},
	{Name: "checkpoint", Field: "Checkpoint", Unit: "time",
		Help: "write out.png.checkpoint, to resume from, every so much time of work, such as 5m, or off",
	},
	{Name: "resume", Field: "Resume", Help: "go on from the checkpoint of this output, if there is one"},
	{Name: "depth", Field: "Depth", Unit: "bits", Help: "bits in a sample of a .png or .tif picture",
		Choices: []string{"8", "16"}, Default: "that of the picture that goes in"},
	{Name: "print-every", Field: "PrintEvery", Unit: "steps", Help: "report progress every so many steps",
		Zero: "turns it off", Range: option.Between(1, maxInterval)},
	{Name: "preview", Field: "Preview", Unit: "file",
		Help:  "also show the picture so far in this .jpg, with up to 768 pixels a side",
		Names: option.File, Endings: previewEndings},
	{Name: "preview-every", Field: "PreviewEvery", Unit: "time", Help: "how often that is done, such as 10s"},
	{Name: "dry-run", Field: "DryRun", Unit: "how",
		Help: "check everything, and end before the first step: plan says what would be done, time also how long it takes, " +
			"and recipe, with --json, what another computer needs to do it",
		Choices: []string{dryPlan, dryTime, dryRecipe}, Zero: "runs"},
	{Name: "json", Field: "JSON", Help: "print each report, and the end, as a line of JSON"},
	{Name: "quiet", Field: "Quiet", Help: "print only errors, and what --json asks for"},
}.In("Output")

// What is done with --dry-run.
const (
	dryPlan   = "plan"
	dryTime   = "time"
	dryRecipe = "recipe"
)

// job is a run of a pipeline.
type job struct {
	jobOptions
	fs             *pflag.FlagSet
	stdout, stderr io.Writer
	planning       bool // only: pictures and weights need not be there

	resources
	render      renderJob
	plans       []render.SizePlan
	output      output
	spooled     string // the file that the standard input was copied to
	checkpoints checkpoints
	sheet       func([]*render.Picture) *render.Picture // of the task
	notes       []string                                // of the job, to be said before it runs
	margins     []string                                // what is left out of style pictures
	score       scoring                                 // of the result, if that is asked for
	shown       preview
}

// resources are what jobs of the same command line can share, one after the other.
type resources struct {
	net     *nn.Network
	params  *zoo.Params
	tensors nn.Params // params, as render reads them
	engine  *render.Engine
	tiles   tiles
	hashes  *fileHashes
}

// openEngine opens the engine, unless an earlier job has.
func (r *resources) openEngine(o *engineOptions) (err error) {
	if r.engine == nil {
		r.engine, r.tiles, err = o.open()
	}
	return err
}

// close closes the engine and the weights, if they are open.
func (r *resources) close() {
	if r.engine != nil {
		r.engine.Close()
	}
	if r.params != nil {
		r.params.Close()
	}
}

// renderJob is a *render.Job, or what stands in for one in tests.
type renderJob interface {
	Iterations(size int) int
	Plans(*render.Engine) []render.SizePlan
	Run(context.Context, *render.Engine, render.Events) (*render.Result, error)
}

// runJob does what the command line of a pipeline says.
func runJob(cmd *cobra.Command, p *pipeline, o jobOptions, args []string) error {
	j := &job{jobOptions: o, fs: cmd.Flags(), stdout: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr()}
	j.hashes = new(fileHashes)
	if j.Quiet {
		j.stderr = io.Discard
	}
	defer j.close()
	if err := checkPaths(args); err != nil {
		return err
	}
	if err := j.checkStream(); err != nil {
		return err
	}
	args, spooled, remove, err := spool(args, cmd.InOrStdin())
	defer remove()
	if err != nil {
		return err
	}
	j.spooled = spooled
	if err := j.openModel(); err != nil {
		return err
	}
	values := given(j.fs, p.table())
	if p.instead != nil {
		if done, err := p.instead(j, values); done {
			return err
		}
	}
	if j.Tune > 0 && j.DryRun == "" {
		if values, err = j.tuned(cmd.Context(), p, args, values); err != nil {
			return err
		}
	}
	t, err := j.describe(p, args, values)
	if err != nil {
		return err
	}
	if j.DryRun != "" {
		return j.rehearse(cmd.Context(), t)
	}
	if t.atlas != nil {
		return j.makeAtlas(cmd.Context(), t)
	}
	if t.film != nil {
		return j.makeFilm(cmd.Context(), t)
	}
	if err := j.plan(t); err != nil {
		return err
	}
	j.begin(0)
	return j.run(cmd.Context())
}

// prepare opens everything else that the run needs, checks all options and plans the run.
func (j *job) prepare(p *pipeline, args []string, values option.Values) error {
	t, err := j.describe(p, args, values)
	if err != nil {
		return err
	}
	return j.plan(t)
}

// describe opens pictures and engine and says what to run. The recipe is complete, but for hashes that are not
// known yet.
func (j *job) describe(p *pipeline, args []string, values option.Values) (*task, error) {
	wrong := engineTable.Check(&j.engineOptions)
	if !j.planning {
		wrong = append(jobTable.Check(&j.jobOptions), wrong...)
		wrong = append(wrong, inputTable.Check(&j.inputOptions)...)
	}
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	t, err := p.task(j, args, values)
	if err != nil {
		return nil, err
	}
	if err := j.openEngine(&j.engineOptions); err != nil {
		return nil, err
	}
	if err := j.openRecolorings(); err != nil {
		return nil, err
	}
	if !j.planning {
		t.recipe.Engine = j.recipeEngine(j.resources.tiles)
		j.output.begin(j, t.recipe)
	}
	return t, nil
}

// plan plans the run and reads what it needs.
func (j *job) plan(t *task) error {
	job, err := render.New(t.spec, j.net, j.tensors)
	if err != nil {
		return j.output.named(err)
	}
	j.render, j.plans, j.sheet, j.notes = job, job.Plans(j.engine), t.sheet, job.Notes()
	if err := j.checkCanvasFile(&t.spec); err != nil {
		return err
	}
	if !j.planning {
		if err := j.prepareScore(t); err != nil {
			return err
		}
		j.output.recipe.Engine.Tile = int(job.Tile())
		if err := j.openFiles(); err != nil {
			return err
		}
	}
	if c := j.checkpoints.from; c != nil {
		if err := job.Resume(c); err != nil {
			return err
		}
	}
	if j.planning {
		return nil
	}
	if err := j.output.holds(j.plans); err != nil || j.DryRun != "" {
		return err
	}
	return mismatch(job.Read(j.engine), j.params, j.net)
}

// openFiles checks what will be written, and opens the checkpoint. With --dry-run recipe that is another
// computer's business.
func (j *job) openFiles() error {
	if j.DryRun == dryRecipe {
		return nil
	}
	if err := j.output.check(); err != nil {
		return err
	}
	if err := j.checkPreview(); err != nil {
		return err
	}
	return j.openCheckpoint()
}

// openModel describes the network and opens its weights.
func (j *job) openModel() (err error) {
	if j.net, err = j.network(); err != nil {
		return err
	}
	if j.planning && j.net.Name != builtin && j.Weights == "" {
		return nil
	}
	if err = j.modelOptions.check(j.net); err != nil {
		return err
	}
	j.params, err = j.modelOptions.open()
	j.tensors = j.params
	return err
}

// close closes what the job has opened.
func (j *job) close() {
	j.checkpoints.close()
	j.score.close()
	j.resources.close()
}

// followNeuralStyle chooses what else gives numbers like those of the program neural-style-pt, unless it is
// given: tiles that round least, and its reports.
func (j *job) followNeuralStyle() {
	if j.Winograd == "" && !j.onGPU() {
		j.Winograd = "4"
	}
	if !j.fs.Changed("print-every") {
		j.PrintEvery = 50
	}
}

// class is a render.ClassFinder.
func (j *job) class(name string) (int, error) {
	if j.params == nil && name != "" { // all classes cost the same
		return 0, nil
	}
	return classIndex(name, j.params)
}

// base returns the name of a file without its folder, or nothing for nothing.
func base(path string) string {
	if path == "" {
		return ""
	}
	return filepath.Base(path)
}
