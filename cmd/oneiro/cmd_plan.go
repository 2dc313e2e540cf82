package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"oneiro/internal/option"
	"oneiro/render"
)

// planOptions are what the command line of plan says beside the options of a pipeline.
type planOptions struct {
	modelOptions
	engineOptions
	purpose       string
	verbose, json bool
	noTime        bool
}

func newPlan() *cobra.Command {
	var o planOptions
	cmd := &cobra.Command{
		Use:   "plan [PICTURE]",
		Short: "Estimate memory and time of a run",
		Long: `Estimate how much memory and time a run would take, for PICTURE or for a square one of the
given size. No weights are needed. The options are those of the command that it plans for, as far
as they make a difference.

For the time, the speed of this machine is measured for a second or two, on a small picture; what
else it is doing meanwhile counts as slowness. A run may end earlier (--until-loss, --until-change),
and takes longer if its optimiser searches along lines. On a GPU only the work is estimated.`,
		Example: `  oneiro plan --model vgg19 --size 512
  oneiro plan --model vgg19 --size 12000 --memory 4GiB --scratch /var/tmp
  oneiro plan --model vgg19 --size 2048 --optimizer adam --verbose
  oneiro plan photo.jpg --model googlenet --for dream --layers inception_4c/output`,
		Args:              atMostOnePicture,
		ValidArgsFunction: completeFiles(1, pictureEndings),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runPlan(cmd.Context(), o, cmd.Flags(), args, cmd.OutOrStdout())
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&o.purpose, "for", "style", "which `COMMAND` to plan for: "+strings.Join(pipelineNames(), ", "))
	fs.BoolVar(&o.verbose, "verbose", false, "also print what takes the memory, at each size")
	fs.BoolVar(&o.json, "json", false, "print JSON")
	fs.BoolVar(&o.noTime, "no-time", false, "do not measure how long a run would take")
	for _, p := range pipelines() {
		for _, set := range p.options {
			addFlags(fs, planned(set.Table), set.defaults)
		}
	}
	o.modelOptions.flags(fs)
	o.engineOptions.flags(fs)
	addCompletions(cmd, &o.modelOptions)
	if err := cmd.RegisterFlagCompletionFunc("for", cobra.FixedCompletions(pipelineNames(),
		cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err)
	}
	return cmd
}

// planned returns the options that memory and work depend on.
func planned(t option.Table) option.Table {
	return t.Filter(func(o *option.Option) bool {
		return o.Changes&option.Memory != 0 || strings.HasSuffix(o.Name, "iterations")
	})
}

func runPlan(ctx context.Context, o planOptions, fs *pflag.FlagSet, args []string, w io.Writer) error {
	p, err := pipelineOf(o.purpose)
	if err != nil {
		return err
	}
	if others := strangers(fs, p.table(), modelTable, engineTable); len(others) > 0 {
		return &usageError{"--" + others[0] + " is not an option of " + o.purpose,
			"oneiro " + o.purpose + " --help-all lists them"}
	}
	j := &job{fs: fs, planning: true}
	j.hashes = new(fileHashes)
	j.modelOptions, j.engineOptions = o.modelOptions, o.engineOptions
	defer j.close()
	if err := j.openModel(); err != nil {
		return err
	}
	if err := j.prepare(p, args, given(fs, p.table())); err != nil {
		return err
	}
	last := j.plans[len(j.plans)-1]
	if err := last.Fits(j.engine); o.Memory > 0 && err != nil {
		return err
	}
	var times []time.Duration
	if job, ok := j.render.(*render.Job); ok && !o.noTime {
		if times, err = job.Times(ctx, j.engine); err != nil {
			return err
		}
	}
	if o.json {
		return writeLine(w, planJSON(j.plans, times))
	}
	fmt.Fprintf(w, "%s with %s at %dx%d pixels, on %s\n\n",
		o.purpose, j.net.Name, last.W, last.H, j.engine.Device.Name())
	if err := printAnswer(w, j, times); err != nil || !o.verbose {
		return err
	}
	fmt.Fprintln(w)
	return printPlans(w, j.plans)
}
