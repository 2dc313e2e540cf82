package main

import (
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"oneiro/film"
	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/judge"
	"oneiro/render"
)

// pipeline is a command that makes a picture with package render, such as style.
type pipeline struct {
	name, use, short, long, example string
	args                            cobra.PositionalArgs
	output                          string // the file written unless another is named
	reads                           bool   // pictures
	tunes                           bool   // settings can be chosen by --tune
	films                           bool   // it makes films of clips
	options                         []optionSet
	// task says what to run, given the arguments and the options of the command line.
	task func(j *job, args []string, values option.Values) (*task, error)
	// instead, if there is one, does something other than a run if values ask for that.
	instead func(j *job, values option.Values) (done bool, err error)
}

// task is what a pipeline runs.
type task struct {
	spec   render.Spec
	recipe render.Recipe  // the options that differ from their defaults
	made   judge.Pictures // what the result is made of, for the judge
	atlas  *atlas         // to make instead of a picture; nil for none
	film   *filmTask      // to make instead of a picture; nil for none
	// sheet makes one picture of the pictures of a result that has several.
	sheet func(pictures []*render.Picture) *render.Picture
}

// optionSet is a table of options with a struct that has their defaults.
type optionSet struct {
	option.Table
	defaults any
}

// pipelines returns the commands that make pictures.
func pipelines() []*pipeline {
	return []*pipeline{
		stylePipeline(), texturePipeline(), dreamPipeline(), visPipeline(), filmPipeline(), filmDreamPipeline(),
	}
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
	return nil, &usageError{quote(name) + " is not a command that makes pictures",
		"choose " + strings.Join(pipelineNames(), ", ")}
}

// table returns all options that are the pipeline's own.
func (p *pipeline) table() option.Table {
	var all option.Table
	for _, set := range p.options {
		all = append(all, set.Table...)
	}
	return all
}

// command returns the command with the flags of the pipeline. It runs a job.
func (p *pipeline) command() *cobra.Command {
	return p.commandWith(new(jobOptions))
}

// commandWith is command with options that are common to all pipelines.
func (p *pipeline) commandWith(o *jobOptions) *cobra.Command {
	cmd := &cobra.Command{Use: p.use, Short: p.short, Long: p.long, Example: p.example, Args: p.args}
	most := strings.Count(p.use, "[")
	if strings.Contains(p.use, "...") {
		most = math.MaxInt
	}
	endings := pictureEndings
	if p.films {
		endings = slices.Concat(endings, film.Endings)
	}
	cmd.ValidArgsFunction = completeFiles(most, endings)
	p.flags(cmd.Flags(), o)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return runJob(cmd, p, *o, args) }
	addHelpAll(cmd)
	addCompletions(cmd, &o.modelOptions)
	return cmd
}

// flags adds all flags of the pipeline; the common ones are bound to o.
func (p *pipeline) flags(fs *pflag.FlagSet, o *jobOptions) {
	fs.SortFlags = false
	for _, set := range p.sets(o) {
		addFlags(fs, set.Table, set.defaults)
	}
}

// sets returns all options of the command; the common ones are bound to o.
func (p *pipeline) sets(o *jobOptions) []optionSet {
	common := p.common(o)
	return slices.Concat(common[:1], p.options, p.beside(o), common[1:])
}

// beside returns options that only some pipelines have and that are not part of a recipe, bound to o.
func (p *pipeline) beside(o *jobOptions) []optionSet {
	switch {
	case p.tunes:
		return []optionSet{{tuneTable, &o.tuneOptions}}
	case p.films:
		return []optionSet{{filmTable, &o.filmOptions}}
	}
	return nil
}

// defaultPrintEvery is the number of steps between two reports.
const defaultPrintEvery = 10

// common returns the options that all pipelines have, bound to o.
func (p *pipeline) common(o *jobOptions) []optionSet {
	o.Output, o.PrintEvery, o.JPEGQuality = p.output, defaultPrintEvery, imageio.JPEGQuality
	o.Checkpoint, o.Profile, o.PreviewEvery = defaultInterval, profileConvert, previewInterval
	table := jobTable
	if p.films {
		table = filmJobTable
	}
	all := []optionSet{{table, o}, {modelTable, &o.modelOptions}, {engineTable, &o.engineOptions}}
	if p.reads {
		all = append(all, optionSet{inputTable, &o.inputOptions}, optionSet{judgeTable, &o.judgeOptions})
	}
	return all
}
