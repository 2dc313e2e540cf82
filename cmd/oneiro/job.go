package main

import (
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"oneiro/internal/option"
	"oneiro/nn"
	"oneiro/render"
	"oneiro/zoo"
)

// pipeline is a command that makes a picture with package render: style, dream and vis.
type pipeline struct {
	name, use, short, long, example string
	args                            cobra.PositionalArgs
	output                          string // the file written unless another is named
	options                         []optionSet
	// spec makes the run's specification of the values that the command line gives to options. The recipe has the
	// options that differ from their defaults.
	spec func(j *job, args []string, values option.Values) (render.Spec, render.Recipe, error)
	// instead, if there is one, does something other than a run if values ask for that.
	instead func(j *job, values option.Values) (done bool, err error)
}

// optionSet is a table of options with a struct that has their defaults.
type optionSet struct {
	option.Table
	defaults any
}

// pipelines returns the commands that make pictures.
func pipelines() []*pipeline {
	return []*pipeline{stylePipeline(), texturePipeline(), dreamPipeline(), visPipeline()}
}

func pipelineNames() []string {
	var names []string
	for _, p := range pipelines() {
		names = append(names, p.name)
	}
	return names
}

// pipelineOf returns the pipeline with a name. The error is a usageError.
func pipelineOf(name string) (*pipeline, error) {
	for _, p := range pipelines() {
		if p.name == name {
			return p, nil
		}
	}
	return nil, &usageError{quote(name) + " is not a command that makes pictures", "choose " + strings.Join(pipelineNames(), ", ")}
}

// table returns all options that are the pipeline's own.
func (p *pipeline) table() option.Table {
	var all option.Table
	for _, set := range p.options {
		all = append(all, set.Table...)
	}
	return all
}

// command returns the command of the pipeline, which does run.
func (p *pipeline) command() *cobra.Command {
	var o jobOptions
	cmd := &cobra.Command{Use: p.use, Short: p.short, Long: p.long, Example: p.example, Args: p.args}
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return runJob(cmd, p, o, args) }
	fs := cmd.Flags()
	fs.SortFlags = false
	for _, set := range p.sets(&o) {
		addFlags(fs, set.Table, set.defaults)
	}
	addHelpAll(cmd)
	addCompletions(cmd, &o.modelOptions)
	return cmd
}

// sets returns all options of the command; the common ones are bound to o.
func (p *pipeline) sets(o *jobOptions) []optionSet {
	common := p.common(o)
	return slices.Concat(common[:1], p.options, common[1:])
}

// common returns the options that all pipelines have, bound to o.
func (p *pipeline) common(o *jobOptions) []optionSet {
	o.Output, o.PrintEvery = p.output, 10
	return []optionSet{{jobTable, o}, {modelTable, &o.modelOptions}, {engineTable, &o.engineOptions}}
}

// jobOptions are what all pipelines have in common beside the options of package render.
type jobOptions struct {
	modelOptions
	engineOptions
	Output                string
	PrintEvery, SaveEvery int
	JSON, Quiet           bool
}

// jobTable has the options of jobOptions that are not those of network or engine.
var jobTable = option.Table{
	{Name: "output", Field: "Output", Unit: "file", Help: "picture to write, .png or .jpg", Default: "oneiro-COMMAND.png",
		Names: option.File, Basic: true},
	{Name: "save-every", Field: "SaveEvery", Unit: "steps", Help: "also save a picture every so many steps, as out_0050.png",
		Zero: "turns it off", Range: option.AtLeast(1)},
	{Name: "print-every", Field: "PrintEvery", Unit: "steps", Help: "report progress every so many steps", Zero: "turns it off",
		Range: option.AtLeast(1)},
	{Name: "json", Field: "JSON", Help: "print each report, and the end, as a line of JSON"},
	{Name: "quiet", Field: "Quiet", Help: "print only errors, and what --json asks for"},
}.In("Output")

// job is a run of a pipeline.
type job struct {
	jobOptions
	fs             *pflag.FlagSet
	stdout, stderr io.Writer
	planning       bool // only: pictures and weights need not be there

	net    *nn.Network
	params *zoo.Params
	engine *render.Engine
	render renderJob
	plans  []render.SizePlan
	output output
	show   func(*render.Result) // makes one picture of a result that has several; nil: it has one
}

// renderJob is a *render.Job, or what stands in for one in tests.
type renderJob interface {
	Iterations() int
	Plans(*render.Engine) []render.SizePlan
	Run(context.Context, *render.Engine, render.Events) (*render.Result, error)
}

// runJob does what the command line of a pipeline says.
func runJob(cmd *cobra.Command, p *pipeline, o jobOptions, args []string) error {
	j := &job{jobOptions: o, fs: cmd.Flags(), stdout: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr()}
	if j.Quiet {
		j.stderr = io.Discard
	}
	defer j.close()
	if err := j.openModel(); err != nil {
		return err
	}
	values := given(j.fs, p.table())
	if p.instead != nil {
		if done, err := p.instead(j, values); done {
			return err
		}
	}
	if err := j.prepare(p, args, values); err != nil {
		return err
	}
	return j.run(cmd.Context())
}

// prepare opens everything else that the run needs, checks all options and plans the run.
func (j *job) prepare(p *pipeline, args []string, values option.Values) error {
	wrong := append(jobTable.Check(&j.jobOptions), engineTable.Check(&j.engineOptions)...)
	if err := wrong.Err(); err != nil {
		return err
	}
	spec, recipe, err := p.spec(j, args, values)
	if err != nil {
		return err
	}
	var tiles tiles
	if j.engine, tiles, err = j.engineOptions.open(); err != nil {
		return err
	}
	if !j.planning {
		recipe.Engine = j.recipeEngine(tiles)
		j.output.begin(j, recipe)
		if err := j.output.check(); err != nil {
			return err
		}
	}
	var params nn.Params = nn.Shapes{}
	if !j.planning {
		params = j.params
	}
	job, err := render.New(spec, j.net, params)
	if err != nil {
		return mismatch(err, j.params, j.net.Name)
	}
	j.render, j.plans = job, job.Plans(j.engine)
	return nil
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
	j.params, err = j.modelOptions.open(j.net)
	return err
}

// close frees what prepare opened.
func (j *job) close() {
	if j.engine != nil {
		j.engine.Close()
	}
	if j.params != nil {
		j.params.Close()
	}
}

// followNeuralStyle chooses what else gives numbers like those of the program neural-style-pt, unless it is given: tiles
// that round least, and its reports.
func (j *job) followNeuralStyle() {
	if j.Tiles == "" && !j.onGPU() {
		j.Tiles = "4"
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
