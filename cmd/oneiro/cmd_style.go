package main

import (
	"context"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"oneiro/nn"
	"oneiro/render"
)

// styleOptions are what the command line of style says.
type styleOptions struct {
	jobOptions
	compat   string
	pictures []string       // content, then styles
	given    *pflag.FlagSet // for the options of package render
}

func newStyle() *cobra.Command {
	var o styleOptions
	cmd := &cobra.Command{
		Use:   "style [CONTENT] [STYLE...]",
		Short: "Paint a photograph in the manner of a painting",
		Long: `Paint the picture CONTENT in the manner of the pictures STYLE. Built-in pictures stand in
for those that are not given.

Layers are named as the network has them; oneiro nets NETWORK lists them. The defaults
follow the network, and with --compat the program to be compatible with.`,
		Example: `  oneiro style
  oneiro style photo.jpg painting.jpg -o painted.png --size 768
  oneiro style photo.jpg painting.jpg --model vgg19 --weights vgg19.npz
  oneiro style photo.jpg one.jpg other.jpg --style-blend 3,1`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.pictures, o.given = args, cmd.Flags()
			return runStyle(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	o.flags(fs)
	return cmd
}

func (o *styleOptions) flags(fs *pflag.FlagSet) {
	o.sourceFlags(fs, "oneiro-style.png")
	shown := render.DefaultStyle(new(nn.Network)) // whose layers depend on the network
	styleFlags(fs, &shown)
	compatFlag(fs, &o.compat)
	o.runFlags(fs)
}

func compatFlag(fs *pflag.FlagSet, compat *string) {
	fs.StringVar(compat, "compat", "", "neural-style-pt: `PROGRAM` whose formulas and defaults to take, with --tiles 4")
}

// styleFor returns the options for a network and the flags that hold them, with what was given on
// the command line.
func styleFor(net *nn.Network, compat string, given *pflag.FlagSet) (*render.StyleOptions, *pflag.FlagSet, error) {
	o := render.DefaultStyle(net)
	switch compat {
	case "":
	case string(render.NeuralStyle):
		o = render.NeuralStylePT(net)
	default:
		return nil, nil, &usageError{"compat: " + quote(compat) + " is not known", "neural-style-pt is the only one"}
	}
	fs := pflag.NewFlagSet("style", pflag.ContinueOnError)
	styleFlags(fs, &o)
	return &o, fs, override(fs, given)
}

func runStyle(ctx context.Context, o styleOptions, stdout, stderr io.Writer) error {
	net, err := o.network()
	if err != nil {
		return err
	}
	style, flags, err := styleFor(net, o.compat, o.given)
	if err != nil {
		return err
	}
	if err := o.modelOptions.check(net); err != nil {
		return err
	}
	o.engineOptions.follow(o.compat)
	engine, tiles, err := o.engineOptions.open()
	if err != nil {
		return err
	}
	defer engine.Close()

	start, err := readInit(style)
	if err != nil {
		return err
	}
	recipe := newRecipe("style", o.pictures, o.modelOptions, o.engineOptions, engine, tiles, flags)
	recipe.set("compat", o.compat)
	inputs := append([]string{o.weights}, o.pictures...)
	if start != "" {
		recipe.set("init", filepath.Base(start))
		inputs = append(inputs, start)
	}
	out := output{o.output, inputs, recipe}
	if err := out.check(); err != nil {
		return err
	}

	if style.Content, style.Styles, err = stylePictures(o.pictures, style.Size); err != nil {
		return err
	}
	file, err := o.modelOptions.open(net)
	if err != nil {
		return err
	}
	defer file.Close()
	style.Params, style.Engine = file, engine
	plans, err := style.Plan(engine)
	if err != nil {
		return err
	}
	if o.compat != "" && !o.given.Changed("print-every") {
		o.printEvery = 50
	}
	j := job{
		jobOptions: o.jobOptions, stdout: stdout, stderr: stderr, out: out, plans: plans, weights: file, common: &style.Common,
		run: func(ctx context.Context) (*render.Result, error) { return render.Style(ctx, *style) },
	}
	return j.do(ctx)
}
