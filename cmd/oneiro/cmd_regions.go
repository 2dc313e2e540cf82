package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"oneiro/internal/imageio"
	"oneiro/internal/region"
)

// regionsOptions are the flags of regions.
type regionsOptions struct {
	inputOptions
	output string
	count  int
}

func newRegions() *cobra.Command {
	var o regionsOptions
	cmd := &cobra.Command{
		Use:   "regions PHOTO",
		Short: "Propose regions of a photograph, as a picture to edit",
		Long: `Divide PHOTO into regions of like colour and place, and write them as a picture with one even colour for
each: a start, to be changed in any program that paints. style --regions takes such pictures, and calls
regions by the names of their colours, which are printed.`,
		Example: `  oneiro regions photo.jpg -o labels.png --count 3
  oneiro style photo.jpg painting.jpg --regions labels.png --region blue=sky.jpg`,
		Args:              exactlyOne("photograph"),
		ValidArgsFunction: completeFiles(1, pictureEndings),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runRegions(o, args[0], cmd.OutOrStdout())
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVarP(&o.output, "output", "o", "", "`FILE` to write, .png or .tif; the default replaces no file")
	fs.IntVar(&o.count, "count", 4, fmt.Sprintf("`NUMBER` of regions, 2 to %d", region.MaxProposed))
	addFlags(fs, inputTable, &o.inputOptions)
	return cmd
}

// exactlyOne is the check of the arguments of commands that take one.
func exactlyOne(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return &usageError{fmt.Sprintf("%s takes one %s, not %d", cmd.Name(), what, len(args)),
				cmd.CommandPath() + " --help shows how to use it"}
		}
		return nil
	}
}

func runRegions(o regionsOptions, photo string, stdout io.Writer) error {
	if o.count < 2 || o.count > region.MaxProposed {
		return &usageError{fmt.Sprintf("--count must be 2 to %d, not %d", region.MaxProposed, o.count),
			"a proposal is a start: regions can be painted into it"}
	}
	if o.output == "" {
		o.output = freeName("oneiro-regions.png")
	}
	if err := imageio.CheckOutput(o.output); err != nil {
		return err
	}
	if sameFile(o.output, photo) {
		return &usageError{"the output " + quote(o.output) + " would replace the photograph", "choose another --output"}
	}
	reading := o.reading()
	reading.Fit = region.Fit
	im, err := imageio.ReadWith(photo, reading)
	if err != nil {
		return err
	}
	labels := region.Propose(im, o.count, im.W, im.H)
	if err := imageio.Write(o.output, labels, imageio.Meta{}); err != nil {
		return err
	}
	m, err := region.Read(labels)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: %s\n", shown(o.output), m.List())
	return nil
}
