package main

import (
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"oneiro/internal/option"
)

// resumeTable has the options that a run may get anew when it goes on: none of them changes the result.
func resumeTable() (ofJob, ofEngine option.Table) {
	ofJob = jobTable.Filter(func(o *option.Option) bool {
		return slices.Contains([]string{"checkpoint", "preview", "preview-every", "print-every", "json", "quiet"}, o.Name)
	})
	return ofJob, engineTable.Filter(func(o *option.Option) bool {
		return slices.Contains([]string{"memory", "scratch", "threads"}, o.Name)
	})
}

func newResume() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "resume CHECKPOINT",
		Short: "Go on with a run that was ended before its time",
		Long: `Go on with a run of style, texture, dream or vis from its CHECKPOINT. The picture has the same
bytes as if the run had never stopped. The same command with --resume does the same.

A run that writes out.png writes all that it needs to go on to out.png.checkpoint, every minute
of work (--checkpoint) and when a signal ends it, and removes it when the picture is there. The
checkpoint knows where the pictures and weights lie. If its folder was moved or copied, the picture
appears in the folder where the checkpoint is now, and what was moved with it is found. It is refused
if one of them has changed, if it is damaged, and if another version of oneiro wrote it.`,
		Example: `  oneiro resume out.png.checkpoint
  oneiro style photo.jpg painting.jpg -o out.png --resume`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{"resume takes one checkpoint", "oneiro resume out.png.checkpoint"}
			}
			return nil
		},
		ValidArgsFunction: completeFiles(1, []string{checkpointEnding[1:]}),
	}
	o := jobOptions{Checkpoint: defaultInterval, PrintEvery: defaultPrintEvery, PreviewEvery: previewInterval}
	ofJob, ofEngine := resumeTable()
	fs := cmd.Flags()
	fs.SortFlags = false
	addFlags(fs, ofJob, &o)
	addFlags(fs, ofEngine, &o.engineOptions)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return runResume(cmd, args[0], given(cmd.Flags(), append(ofJob, ofEngine...)))
	}
	return cmd
}

// runResume goes on from a checkpoint. flags are those that the run gets anew.
func runResume(cmd *cobra.Command, path string, flags option.Values) error {
	c, err := openCheckpoint(path)
	if err != nil {
		return err
	}
	defer c.Close()
	about, err := about(c)
	if err != nil {
		return err
	}
	about.moved(path)
	if slices.Contains(about.Files.Inputs, stream) {
		return &usageError{"a picture of this run came from the standard input, which is gone",
			"give the command of the run again with --resume and the same picture"}
	}
	q, err := newRequest(&c.Recipe, about.Files)
	if err != nil {
		return err
	}
	maps.Copy(q.flags, about.Options)
	maps.Copy(q.flags, flags)
	q.flags["output"] = about.Output
	if about.Free && exists(about.Output) && !partOf(about.Output, &c.Recipe) { // somebody else's by now
		q.flags["output"] = freeName(about.Output)
	}
	q.resumed = c
	return q.run(cmd)
}
