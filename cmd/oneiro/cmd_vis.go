package main

import (
	"context"
	"io"
	"math"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"oneiro/internal/sheet"
	"oneiro/nn"
	"oneiro/render"
	"oneiro/zoo"
)

// visOptions are what the command line of vis says.
type visOptions struct {
	jobOptions
	what  visTargets
	given *pflag.FlagSet // for the options of package render
}

func newVis() *cobra.Command {
	var o visOptions
	cmd := &cobra.Command{
		Use:   "vis",
		Short: "Draw what a part of a network answers to most",
		Long: `Make a picture from noise that a channel, a layer or a class of a network answers to most
(feature visualisation). Several channels or classes give a sheet of pictures with labels.
With --filters nothing is searched for: it shows the numbers of a first convolution.`,
		Example: `  oneiro vis
  oneiro vis --layer relu4_1 --channel 7 --weights vgg19.pth -o c7.png
  oneiro vis --layer relu3_1 --channels 0-15 --size 96 -o sheet.png
  oneiro vis --class daisy --weights googlenet/ -o daisy.png
  oneiro vis --classes daisy,zebra,hen --weights googlenet/ -o sheet.png
  oneiro vis --filters conv1_1 -o filters.png`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return &usageError{"vis takes no picture: it starts from noise", "oneiro dream changes a picture"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.given = cmd.Flags()
			return runVis(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	o.sourceFlags(fs, "oneiro-vis.png")
	o.what.flags(fs)
	shown := render.DefaultVis(new(nn.Network))
	visFlags(fs, &shown)
	o.runFlags(fs)
	return cmd
}

func runVis(ctx context.Context, o visOptions, stdout, stderr io.Writer) error {
	if err := o.what.check(); err != nil {
		return err
	}
	net, err := o.network()
	if err != nil {
		return err
	}
	vis := render.DefaultVis(net)
	flags := pflag.NewFlagSet("vis", pflag.ContinueOnError)
	visFlags(flags, &vis)
	o.what.flags(flags)
	if err := override(flags, o.given); err != nil {
		return err
	}
	if err := o.modelOptions.check(net); err != nil {
		return err
	}
	engine, tiles, err := o.engineOptions.open()
	if err != nil {
		return err
	}
	defer engine.Close()
	out := output{o.output, []string{o.weights}, newRecipe("vis", nil, o.modelOptions, o.engineOptions, engine, tiles, flags)}
	if err := out.check(); err != nil {
		return err
	}
	file, err := o.modelOptions.open(net)
	if err != nil {
		return err
	}
	defer file.Close()
	if o.what.filters != "" {
		return o.drawFilters(net, file, out)
	}
	classes, err := classNames(file)
	if err != nil {
		return err
	}
	if vis.Targets, err = o.what.targets(net, classes, file); err != nil {
		return err
	}
	vis.Params, vis.Engine = file, engine
	plans, err := vis.Plan(engine)
	if err != nil {
		return err
	}
	j := job{
		jobOptions: o.jobOptions, stdout: stdout, stderr: stderr, out: out, plans: plans, weights: file, common: &vis.Common,
		run: func(ctx context.Context) (*render.Result, error) {
			pictures, res, err := render.Vis(ctx, vis)
			if len(vis.Targets) > 1 && len(pictures) > 0 {
				res.Picture, res.Report = contactSheet(pictures, labels(vis.Targets, classes)), nil
			}
			return res, err
		},
	}
	return j.do(ctx)
}

// drawFilters writes a sheet of the filters of a convolution.
func (o *visOptions) drawFilters(net *nn.Network, file *zoo.Params, out output) error {
	const least = 42 // pixels that a tile is wide, for its label to be read
	pictures, err := render.Filters(net, file, o.what.filters)
	if err != nil {
		return mismatch(err, file, o.model)
	}
	names := make([]string, len(pictures))
	for i, im := range pictures {
		names[i] = strconv.Itoa(i)
		pictures[i] = sheet.Enlarge(im, (least+im.W-1)/im.W)
	}
	return out.write(out.path, contactSheet(pictures, names))
}

// contactSheet lays pictures out on a square, more or less.
func contactSheet(pictures []*render.Picture, labels []string) *render.Picture {
	tiles := make([]sheet.Tile, len(pictures))
	for i, im := range pictures {
		tiles[i] = sheet.Tile{Label: labels[i], Picture: im}
	}
	return sheet.Draw(tiles, int(math.Ceil(math.Sqrt(float64(len(tiles))))))
}

// labels says what each picture is of.
func labels(targets []render.Target, classes []zoo.Class) []string {
	out := make([]string, len(targets))
	for i, t := range targets {
		switch number := strconv.Itoa(t.Index); {
		case t.Layer == "" && t.Index < len(classes):
			out[i] = classes[t.Index].Names[0]
		case t.Layer == "":
			out[i] = "class " + number
		default:
			out[i] = number + " " + t.Layer // the number first, which must not be cut off
		}
	}
	return out
}
