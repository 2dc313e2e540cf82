package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/internal/region"
)

// regionsOptions are the flags of regions.
type regionsOptions struct {
	inputOptions
	Output string
	Count  int
	JSON   bool
}

// defaultRegions is how many regions are proposed.
const defaultRegions = 4

// regionsTable has the options of regionsOptions that are its own.
var regionsTable = option.Table{
	{Name: "output", Field: "Output", Unit: "file", Help: "picture to write, .png or .tif; the default replaces no file",
		Names: option.File, Endings: []string{"png", "tif", "tiff"}, Basic: true},
	{Name: "count", Field: "Count", Unit: "number", Help: "number of regions",
		Range: option.Between(2, region.MaxProposed), Basic: true},
	{Name: "json", Field: "JSON", Help: "print JSON"},
}.In("Regions")

func newRegions() *cobra.Command {
	o := regionsOptions{Count: defaultRegions}
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
	addFlags(fs, regionsTable, &o)
	addFlags(fs, inputTable, &o.inputOptions)
	return cmd
}

// regionsReport is the line of --json.
type regionsReport struct {
	writtenEvent
	Regions []regionReport `json:"regions"`
}

// regionReport is a region of a label picture.
type regionReport struct {
	Name   string  `json:"name"`
	Colour string  `json:"colour"` // as #rrggbb
	Share  float64 `json:"share"`  // of the pixels
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
	if err := regionsTable.Check(&o).Err(); err != nil {
		return err
	}
	if o.Output == "" {
		o.Output = freeName("oneiro-regions.png")
	}
	if err := imageio.CheckOutput(o.Output); err != nil {
		return err
	}
	if sameFile(o.Output, photo) {
		return &usageError{"the output " + quote(o.Output) + " would replace the photograph", "choose another --output"}
	}
	reading := o.reading()
	reading.Fit = region.Fit
	im, err := imageio.ReadWith(photo, reading)
	if err != nil {
		return err
	}
	labels := region.Propose(im, o.Count, im.W, im.H)
	if err := imageio.Write(o.Output, labels, imageio.Meta{}); err != nil {
		return err
	}
	m, err := region.Read(labels)
	if err != nil {
		return err
	}
	if o.JSON {
		report := regionsReport{writtenEvent: newWrittenEvent(o.Output, labels)}
		for _, r := range m.Regions {
			c := r.Colour
			colour := fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2])
			report.Regions = append(report.Regions, regionReport{r.Name, colour, r.Share})
		}
		return writeLine(stdout, report)
	}
	fmt.Fprintf(stdout, "%s: %s\n", shown(o.Output), m.List())
	return nil
}
