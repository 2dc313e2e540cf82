package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"oneiro/internal/atomicfile"
	"oneiro/nn"
	"oneiro/weights"
)

type convertOptions struct {
	file, output   string
	half, convOnly bool
}

func newWeightsConvert() *cobra.Command {
	var o convertOptions
	cmd := &cobra.Command{
		Use:   "convert FILE -o OUT",
		Short: "Write weights as safetensors or as a folder of raw files",
		Long: `Write the parameters of the network in FILE to OUT: a .safetensors file, or, if OUT ends in a
slash, a folder with a manifest.json and a raw file of float32 for each tensor. They get the
names of their layers here, batch normalisation is folded into the convolutions, what they
expect of a picture is noted, and other notes are kept. The result gives the same bits as FILE,
but for --half.`,
		Example: `  oneiro weights convert vgg19.pth -o vgg19.safetensors --conv-only
  oneiro weights convert vgg19.mat -o vgg19/`,
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.file = args[0]
			return runWeightsConvert(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVarP(&o.output, "output", "o", "", "`OUT`, a .safetensors file, or a folder if it ends in a slash")
	fs.BoolVar(&o.half, "half", false, "write float16, half as large and less exact (safetensors only)")
	fs.BoolVar(&o.convOnly, "conv-only", false, "leave the classifier out, which style and dream do without")
	return cmd
}

func runWeightsConvert(ctx context.Context, o convertOptions, stdout, stderr io.Writer) error {
	folder := strings.HasSuffix(o.output, "/") || strings.HasSuffix(o.output, string(filepath.Separator))
	switch {
	case o.output == "":
		return &usageError{"convert needs the name of its result, and there is no --output", "for example: -o vgg19.safetensors"}
	case !folder && filepath.Ext(o.output) != ".safetensors":
		return &usageError{"output: " + quote(o.output) + " is neither a .safetensors file nor a folder", "end the name in .safetensors, or in a slash for a folder"}
	case folder && o.half:
		return &usageError{"--half means nothing for a folder of raw float32", "write a .safetensors file"}
	}
	f, err := weights.Open(o.file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := (&output{inputs: []string{o.file}}).spares(o.output); err != nil {
		return err
	}
	facts := weights.Facts{Notes: f.Notes()}
	facts.Network, _ = f.Network()
	if facts.Preset, err = f.Preset(); err != nil {
		return err
	}
	tensors, err := o.tensors(f)
	if err != nil {
		return err
	}
	bar := newBar(stderr)
	count(ctx, tensors, bar)
	if folder {
		err = weights.WriteFolder(o.output, facts, tensors)
	} else {
		err = atomicfile.Write(o.output, func(w io.Writer) error { return weights.WriteSafetensors(w, facts, tensors) })
	}
	if bar != nil {
		bar.clear()
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: %d tensors\n", o.output, len(tensors))
	return nil
}

// tensors lists what is to be written: the parameters of the network that the file has, or, if no network
// is known, what is in the file.
func (o *convertOptions) tensors(f *weights.File) ([]weights.Output, error) {
	name, _ := f.Network()
	if name == "" {
		if o.convOnly {
			return nil, &usageError{o.file + ": the names of its tensors do not say which network it is of, nor what its classifier is", "leave out --conv-only to copy all tensors as they are"}
		}
		var all []weights.Output
		for _, t := range f.Tensors() {
			if strings.Contains(t.DType, "float") {
				all = append(all, weights.Output{
					Name: t.Name, Shape: t.Shape, Layout: t.Layout, Half: o.half,
					Values: func() ([]float32, error) { return f.Plain(t.Name) },
				})
			}
		}
		return all, nil
	}
	net, err := networkIn(f, name)
	if err != nil {
		return nil, err
	}
	specs, err := net.Tensors()
	if err != nil {
		return nil, err
	}
	var all []weights.Output
	for _, t := range specs {
		if o.convOnly && t.Layer == net.Head {
			break
		}
		if !f.Has(t.Name) {
			continue
		}
		all = append(all, parameterOutput(t, f, o.half))
	}
	return all, nil
}

// parameterOutput is a parameter of a network in the order of PyTorch, outputs first.
func parameterOutput(t nn.TensorSpec, params nn.Params, half bool) weights.Output {
	out := weights.Output{Name: t.Name, Shape: t.Shape, Layout: weights.O, Half: half}
	out.Values = func() ([]float32, error) { return params.Tensor(t.Name, t.Shape...) }
	switch len(t.Shape) {
	case 4:
		out.Shape, out.Layout = []int{t.Shape[3], t.Shape[2], t.Shape[0], t.Shape[1]}, weights.OIHW
		out.Values = transposed(out.Values, t.Shape[0]*t.Shape[1], t.Shape[2], t.Shape[3])
	case 2:
		out.Shape, out.Layout = []int{t.Shape[1], t.Shape[0]}, weights.OI
		out.Values = transposed(out.Values, 1, t.Shape[0], t.Shape[1])
	}
	return out
}

// transposed turns taps x inputs x outputs into outputs x inputs x taps.
func transposed(values func() ([]float32, error), taps, in, out int) func() ([]float32, error) {
	return func() ([]float32, error) {
		from, err := values()
		if err != nil {
			return nil, err
		}
		to := make([]float32, len(from))
		for t := range taps {
			for i := range in {
				for o := range out {
					to[(o*in+i)*taps+t] = from[(t*in+i)*out+o]
				}
			}
		}
		return to, nil
	}
}

// count shows in a bar, if there is one, how many of the tensors were written, and stops when ctx ends.
func count(ctx context.Context, tensors []weights.Output, bar *bar) {
	for i := range tensors {
		values := tensors[i].Values
		tensors[i].Values = func() ([]float32, error) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if bar != nil {
				bar.show(fmt.Sprintf("tensor %d/%d", i+1, len(tensors)), float64(i)/float64(len(tensors)), 0)
			}
			return values()
		}
	}
}
