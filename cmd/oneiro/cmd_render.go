package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/render"
)

// renderOptions are those of the command render.
type renderOptions struct {
	engineOptions
	Size        int
	Output      string
	JPEGQuality int
	Depth       string
	JSON, Quiet bool
}

var renderTable = option.Table{
	{Name: "size", Field: "Size", Unit: "pixels", Help: "longer side of the picture",
		Zero:  "is the size that it was made at",
		Range: option.Between(1, render.MaxSize), Basic: true},
}.In("Picture")

func newRender() *cobra.Command {
	o := renderOptions{Output: "oneiro-render.png", JPEGQuality: imageio.JPEGQuality}
	cmd := &cobra.Command{
		Use:   "render CANVAS",
		Short: "Show a saved canvas of coordinates and colours at any size",
		Long: `Make a picture of CANVAS, a file that --save-canvas wrote of a run with --canvas cppn. Such a canvas is a
small network from coordinates to colours: it has no pixels, and shows the same picture at any size,
computed by rows. Nothing else is needed, neither photograph nor weights.`,
		Example: `  oneiro style photo.jpg painting.jpg --canvas cppn --save-canvas poster.safetensors
  oneiro render poster.safetensors --size 8000 -o poster.png`,
		ValidArgsFunction: completeFiles(1, []string{canvasEnding[1:]}),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{"render takes one saved canvas", "oneiro render poster.safetensors --size 8000"}
			}
			return nil
		},
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return runRender(cmd, o, args[0]) }
	fs := cmd.Flags()
	fs.SortFlags = false
	addFlags(fs, renderTable, &o)
	addFlags(fs, jobTable.Filter(func(row *option.Option) bool {
		return row.Name == "output" || row.Name == "jpeg-quality" || row.Name == "depth" || row.Name == "quiet"
	}), &o)
	addFlags(fs, writtenTable, &o)
	addFlags(fs, engineTable.Filter(func(row *option.Option) bool {
		return row.Name == "device" || row.Name == "threads" || row.Name == "kernels"
	}), &o.engineOptions)
	addCompletions(cmd, new(modelOptions))
	return cmd
}

func runRender(cmd *cobra.Command, o renderOptions, path string) error {
	if err := renderTable.Check(&o).Err(); err != nil {
		return err
	}
	if err := checkWritten(o.Output, o.JSON); err != nil {
		return err
	}
	out := &output{
		path: o.Output, stdout: raw(cmd.OutOrStdout()), quality: o.JPEGQuality, strip: true,
		free: !cmd.Flags().Changed("output"), inputs: []string{path}, depth: map[string]int{"8": 8, "16": 16}[o.Depth],
	}
	if out.free {
		out.path = freeName(out.path)
	}
	if err := out.check(); err != nil {
		return err
	}
	canvas, err := readCanvas(path)
	if err != nil {
		return err
	}
	size := canvas.Size
	if o.Size > 0 {
		size.W, size.H = imageio.FitSize(size.W, size.H, o.Size)
	}
	engine, _, err := o.open()
	if err != nil {
		return err
	}
	defer engine.Close()
	im, err := render.RenderCanvas(cmd.Context(), engine, canvas, size)
	if err != nil {
		return err
	}
	if err := out.write(out.path, im, 0); err != nil {
		return err
	}
	if !o.Quiet {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", outputName(out.path), sizeOf(im))
	}
	if o.JSON {
		return writeLine(cmd.OutOrStdout(), newWrittenEvent(out.path, im))
	}
	return nil
}
