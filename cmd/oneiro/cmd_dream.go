package main

import (
	"context"
	"io"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"oneiro/internal/sample"
	"oneiro/nn"
	"oneiro/render"
)

// dreamOptions are what the command line of dream says.
type dreamOptions struct {
	jobOptions
	class   string
	picture string
	given   *pflag.FlagSet // for the options of package render
}

func newDream() *cobra.Command {
	var o dreamOptions
	cmd := &cobra.Command{
		Use:   "dream [IMAGE]",
		Short: "Bring forth what a network sees in a picture",
		Long: `Change the picture IMAGE step by step so that layers of a network answer it more strongly
(DeepDream). A built-in picture stands in if none is given.

Deeper layers bring forth larger things; oneiro nets NETWORK lists them. With --class it
is not a layer but one of the classes that the network tells apart, by number or by name.`,
		Example: `  oneiro dream
  oneiro dream clouds.jpg --model googlenet --weights googlenet/ --size 512
  oneiro dream clouds.jpg --model googlenet --weights googlenet/ --layers inception_3b/output
  oneiro dream clouds.jpg --model googlenet --weights googlenet/ --class daisy`,
		Args: atMostOnePicture,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.picture = args[0]
			}
			o.given = cmd.Flags()
			return runDream(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	o.flags(fs)
	return cmd
}

func atMostOnePicture(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return &usageError{cmd.Name() + " takes one picture, not " + strconv.Itoa(len(args)), cmd.CommandPath() + " --help shows how it is used"}
	}
	return nil
}

func (o *dreamOptions) flags(fs *pflag.FlagSet) {
	o.sourceFlags(fs, "oneiro-dream.png")
	shown := render.DefaultDream(new(nn.Network)) // whose layers depend on the network
	dreamFlags(fs, &shown)
	classFlag(fs, &o.class)
	o.runFlags(fs)
}

func classFlag(fs *pflag.FlagSet, class *string) {
	fs.StringVar(class, "class", "", "`CLASS` to bring forth in place of a layer, by number or by name")
}

// dreamFor returns the options for a network and the flags that hold them, with what was given on
// the command line. The network's default channels belong to its default layers.
func dreamFor(net *nn.Network, given *pflag.FlagSet) (*render.DreamOptions, *pflag.FlagSet, error) {
	o := render.DefaultDream(net)
	if given.Changed("layers") || given.Changed("class") {
		o.Channels = nil
	}
	fs := pflag.NewFlagSet("dream", pflag.ContinueOnError)
	dreamFlags(fs, &o)
	return &o, fs, override(fs, given)
}

func runDream(ctx context.Context, o dreamOptions, stdout, stderr io.Writer) error {
	net, err := o.network()
	if err != nil {
		return err
	}
	dream, flags, err := dreamFor(net, o.given)
	if err != nil {
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

	var pictures []string
	if o.picture != "" {
		pictures = []string{o.picture}
	}
	recipe := newRecipe("dream", pictures, o.modelOptions, o.engineOptions, engine, tiles, flags)
	recipe.set("class", o.class)
	out := output{o.output, append(pictures, o.weights), recipe}
	if err := out.check(); err != nil {
		return err
	}

	if dream.Image, err = pictureOr(o.picture, dream.Size, sample.Landscape); err != nil {
		return err
	}
	file, err := o.modelOptions.open(net)
	if err != nil {
		return err
	}
	defer file.Close()
	if dream.Class, err = classIndex(o.class, file); err != nil {
		return err
	}
	dream.Params, dream.Engine = file, engine
	plans, err := dream.Plan(engine)
	if err != nil {
		return err
	}
	j := job{
		jobOptions: o.jobOptions, stdout: stdout, stderr: stderr, out: out, plans: plans, weights: file, common: &dream.Common,
		run: func(ctx context.Context) (*render.Result, error) { return render.Dream(ctx, *dream) },
	}
	return j.do(ctx)
}
