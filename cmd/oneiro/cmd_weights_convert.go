package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"oneiro/internal/atomicfile"
	"oneiro/weights"
	"oneiro/zoo"
)

type convertOptions struct {
	file, output   string
	half, convOnly bool
}

func newWeightsConvert() *cobra.Command {
	var o convertOptions
	cmd := &cobra.Command{
		Use:   "convert FILE -o OUT",
		Short: "Convert weights to safetensors or to a folder of raw files",
		Long: `Write the parameters of the network in FILE to OUT: a .safetensors file, or, if OUT ends in a
slash, a folder with a manifest.json and a raw float32 file for each tensor. Tensors are named
after the layers that oneiro nets lists, batch normalisation is folded into the convolutions,
the preset for pictures is stored, and other metadata is kept. Without --half, OUT gives the same
bits as FILE.`,
		Example: `  oneiro weights convert vgg19.pth -o vgg19.safetensors --conv-only
  oneiro weights convert vgg19.mat -o vgg19/`,
		Args:              oneFile,
		ValidArgsFunction: completeFiles(1, weightsEndings),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.file = args[0]
			return runWeightsConvert(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVarP(&o.output, "output", "o", "",
		"`OUT`, a .safetensors file, or a folder if it ends in a slash")
	fs.BoolVar(&o.half, "half", false, "write float16: half as large, less exact (safetensors only)")
	fs.BoolVar(&o.convOnly, "conv-only", false, "leave out the classifier, which style and dream do not need")
	return cmd
}

func runWeightsConvert(ctx context.Context, o convertOptions, stdout, stderr io.Writer) error {
	folder := strings.HasSuffix(o.output, "/") || strings.HasSuffix(o.output, string(filepath.Separator))
	switch {
	case o.output == "":
		return &usageError{"convert needs --output", "for example: -o vgg19.safetensors"}
	case !folder && filepath.Ext(o.output) != ".safetensors":
		return &usageError{"output: " + quote(o.output) + " is neither a .safetensors file nor a folder",
			"end the name in .safetensors, or in a slash for a folder"}
	case folder && o.half:
		return &usageError{"--half cannot be combined with a folder, which holds float32",
			"write a .safetensors file"}
	}
	f, err := zoo.OpenParams(o.file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := (&output{inputs: []string{o.file}}).spares(o.output); err != nil {
		return err
	}
	meta := weights.Metadata{}
	maps.Copy(meta, f.Metadata())
	network, _ := f.Network()
	preset, err := f.Preset()
	if err != nil {
		return err
	}
	meta.Set(weights.KeyNetwork, network)
	meta.Set(weights.KeyPreset, preset)
	tensors, err := o.tensors(f)
	if err != nil {
		return err
	}
	r := reading{bar: newBar(stderr)}
	r.follow(ctx, tensors)
	if folder {
		err = weights.WriteFolder(o.output, meta, tensors)
	} else {
		write := func(w io.Writer) error { return weights.WriteSafetensors(w, meta, tensors) }
		err = atomicfile.Write(o.output, write)
	}
	if r.bar != nil {
		r.bar.clear()
	}
	if r.failed != nil { // which says nothing of the disk
		return r.failed
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: %d tensors\n", shown(o.output), len(tensors))
	return nil
}

// tensors lists the tensors to write: the network's parameters that the file has, or, if the network is
// unknown, all floating-point tensors of the file.
func (o *convertOptions) tensors(f *zoo.Params) ([]weights.TensorSource, error) {
	net, err := f.Describe(zoo.Options{})
	if is[*zoo.UnknownError](err) {
		if o.convOnly {
			return nil, &usageError{
				err.Error() + ", nor which layers are its classifier",
				"leave out --conv-only to copy all tensors as they are",
			}
		}
		var all []weights.TensorSource
		for _, t := range f.Tensors() {
			if strings.Contains(t.DType, "float") {
				all = append(all, weights.TensorSource{
					Name: t.Name, Shape: t.Shape, Layout: t.Layout, Half: o.half,
					Values: func() ([]float32, error) { return f.Plain(t.Name) },
				})
			}
		}
		return all, nil
	}
	if err != nil {
		return nil, err
	}
	specs, err := net.Tensors()
	if err != nil {
		return nil, err
	}
	var all []weights.TensorSource
	for _, t := range specs {
		if o.convOnly && t.Layer == net.Head {
			break
		}
		if !f.Has(t.Name) {
			continue
		}
		all = append(all, zoo.Source(t, f, o.half))
	}
	return all, nil
}

// reading is what goes on while tensors are read.
type reading struct {
	bar    *bar
	failed error // of a tensor, rather than of what is written
}

// follow makes reading the tensors advance the bar, if there is one, and fail once ctx is done.
func (r *reading) follow(ctx context.Context, tensors []weights.TensorSource) {
	for i := range tensors {
		t := tensors[i]
		tensors[i].Stream = func(put func([]float32) error) error {
			if r.bar != nil {
				r.bar.show(fmt.Sprintf("tensor %d/%d", i+1, len(tensors)), float64(i)/float64(len(tensors)), 0)
			}
			var unwritten error
			err := t.Each(func(values []float32) error {
				if unwritten = ctx.Err(); unwritten == nil {
					unwritten = put(values)
				}
				return unwritten
			})
			if unwritten == nil {
				r.failed = err
			}
			return err
		}
	}
}
