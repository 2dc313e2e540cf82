package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"oneiro/internal/imageio"
	"oneiro/nn"
	"oneiro/render"
	"oneiro/zoo"
)

// planOptions are what the command line of plan says.
type planOptions struct {
	modelOptions
	engineOptions
	purpose, compat, class string
	json                   bool
	picture                string
	given                  *pflag.FlagSet // for the options of package render
}

func newPlan() *cobra.Command {
	var o planOptions
	cmd := &cobra.Command{
		Use:   "plan [PICTURE]",
		Short: "Tell how much memory and work a run would take",
		Long: `Tell how much memory and work style or dream would take for the picture PICTURE, or for a
square one of the size. Nothing is computed, and no weights are needed. Options are those of
oneiro style and oneiro dream.`,
		Example: `  oneiro plan --model vgg19 --size 512 --for style
  oneiro plan --model vgg19 --size 2048 --for style --optimizer adam
  oneiro plan photo.jpg --model googlenet --for dream --layers inception_4c/output`,
		Args: atMostOnePicture,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.picture = args[0]
			}
			o.given = cmd.Flags()
			return runPlan(o, cmd.OutOrStdout())
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	o.flags(fs)
	return cmd
}

// unplanned are the flags of style and dream that say nothing about memory and work.
var unplanned = []string{"iterations", "seed", "until-loss", "until-change", "lr", "style-layer-weights", "style-blend", "step", "jitter"}

func (o *planOptions) flags(fs *pflag.FlagSet) {
	fs.StringVar(&o.purpose, "for", "style", "style or dream: the `COMMAND` to plan for")
	fs.BoolVar(&o.json, "json", false, "print JSON")
	o.modelOptions.flags(fs)
	style, dream := render.DefaultStyle(new(nn.Network)), render.DefaultDream(new(nn.Network))
	for _, bind := range []func(*pflag.FlagSet){
		func(fs *pflag.FlagSet) { styleFlags(fs, &style); compatFlag(fs, &o.compat) },
		func(fs *pflag.FlagSet) { dreamFlags(fs, &dream); classFlag(fs, &o.class) },
	} {
		of := pflag.NewFlagSet("", pflag.ContinueOnError)
		of.SortFlags = false
		bind(of)
		of.VisitAll(func(f *pflag.Flag) {
			if !slices.Contains(unplanned, f.Name) && fs.Lookup(f.Name) == nil {
				fs.AddFlag(f)
			}
		})
	}
	o.engineOptions.flags(fs)
}

func runPlan(o planOptions, w io.Writer) error {
	net, err := o.network()
	if err != nil {
		return err
	}
	o.engineOptions.follow(o.compat)
	engine, _, err := o.engineOptions.open()
	if err != nil {
		return err
	}
	defer engine.Close()
	var plans []render.SizePlan
	switch o.purpose {
	case "style":
		plans, err = o.planStyle(net, engine)
	case "dream":
		plans, err = o.planDream(net, engine)
	default:
		err = &usageError{"for: " + quote(o.purpose) + " is not known", "choose style or dream"}
	}
	if err != nil {
		return err
	}
	last := plans[len(plans)-1]
	if err := last.Fits(engine); o.memory > 0 && err != nil {
		return err
	}
	if o.json {
		return writeLine(w, planJSON(plans))
	}
	fmt.Fprintf(w, "%s with %s at %dx%d pixels, on %s\n\n", o.purpose, net.Name, last.W, last.H, engine.Device.Name())
	return printPlans(w, plans)
}

func (o *planOptions) planStyle(net *nn.Network, engine *render.Engine) ([]render.SizePlan, error) {
	style, flags, err := styleFor(net, o.compat, o.given)
	if err != nil {
		return nil, err
	}
	if err := o.strangers(flags, "class"); err != nil {
		return nil, err
	}
	if style.Content, err = pictureOr(o.picture, style.Size, blankPicture); err != nil {
		return nil, err
	}
	style.Styles = []*imageio.Image{style.Content}
	if _, err := readInit(style); err != nil {
		return nil, err
	}
	return style.Plan(engine)
}

func (o *planOptions) planDream(net *nn.Network, engine *render.Engine) ([]render.SizePlan, error) {
	dream, flags, err := dreamFor(net, o.given)
	if err != nil {
		return nil, err
	}
	if err := o.strangers(flags, "compat"); err != nil {
		return nil, err
	}
	if dream.Class, err = o.planClass(); err != nil {
		return nil, err
	}
	if dream.Image, err = pictureOr(o.picture, dream.Size, blankPicture); err != nil {
		return nil, err
	}
	return dream.Plan(engine)
}

// blankPicture is what is assumed where no picture is given: a square.
func blankPicture(w, _ int, _ uint64) *imageio.Image { return imageio.New(w, w) }

// planClass returns the number of the class; any name does without weights, since all classes cost
// the same.
func (o *planOptions) planClass() (int, error) {
	if o.weights != "" {
		file, err := o.opened()
		if err != nil {
			return 0, err
		}
		defer file.Close()
		return classIndex(o.class, file)
	}
	if o.model == builtin {
		return classIndex(o.class, zoo.BuiltinParams())
	}
	if _, err := strconv.Atoi(o.class); o.class != "" && err != nil {
		return 0, nil
	}
	return classIndex(o.class, nil)
}

// strangers returns an error if a flag was given that belongs to the other command.
func (o *planOptions) strangers(own *pflag.FlagSet, others string) (err error) {
	mine := []string{"for", "json", "model", "weights", "pooling", "preset", "device", "tf32", "threads", "simd", "tiles", "memory", "compat", "class"}
	o.given.Visit(func(f *pflag.Flag) {
		if f.Name == others || own.Lookup(f.Name) == nil && !slices.Contains(mine, f.Name) {
			err = &usageError{"--" + f.Name + " means nothing for " + o.purpose, "oneiro " + o.purpose + " --help lists what does"}
		}
	})
	return err
}
