package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"oneiro/flow"
	"oneiro/internal/atomicfile"
	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/internal/parallel"
)

// flowOptions are those of flow.
type flowOptions struct {
	inputOptions
	Output      string
	Reliability string
	Preset      string
	Backward    bool
}

// flowTable has the options of flowOptions that are its own.
var flowTable = option.Table{
	{Name: "output", Field: "Output", Unit: "file", Help: "file to write: a picture, or the numbers if it ends in .flo",
		Default: "oneiro-flow.png, which replaces no file", Names: option.File,
		Endings: append(slices.Clone(pictureEndings), "flo"), Basic: true},
	{Name: "reliability", Field: "Reliability", Unit: "file",
		Help:  "also write this picture: white where the flow can be relied on, black where not",
		Names: option.File, Endings: pictureEndings, Basic: true},
	{Name: "backward", Field: "Backward", Help: "find the flow from B to A", Basic: true},
	{Name: "preset", Field: "Preset", Unit: "name", Help: "how thoroughly to look", Choices: flowPresets(), Basic: true},
}.In("Flow")

func flowPresets() []string {
	var names []string
	for _, p := range flow.Presets {
		names = append(names, p.Name)
	}
	return names
}

func newFlow() *cobra.Command {
	o := flowOptions{Preset: flow.DefaultPreset}
	o.inputOptions.Profile = profileConvert
	var presets strings.Builder
	for _, p := range flow.Presets {
		fmt.Fprintf(&presets, "  %-10s %s\n", p.Name, p.About)
	}
	cmd := &cobra.Command{
		Use:   "flow A B",
		Short: "Show how things move from one picture to the next",
		Long: `Find how each pixel moves from picture A to picture B of a film, and show it in the usual colours: the hue is
the direction, red to the right, yellow down, light blue to the left and violet up, and the paler the
slower. A file that ends in .flo gets the numbers, as other programs read them. docs/flow.md says more.

Presets:
` + presets.String(),
		Example: `  oneiro flow frame_0001.png frame_0002.png -o flow.png
  oneiro flow frame_0001.png frame_0002.png -o flow.flo --reliability reliable.png`,
		ValidArgsFunction: completeFiles(2, pictureEndings),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return &usageError{fmt.Sprintf("flow takes two pictures, not %d", len(args)), "oneiro flow a.png b.png -o flow.png"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runFlow(o, args[0], args[1], cmd.OutOrStdout()) },
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	addFlags(fs, flowTable, &o)
	addFlags(fs, inputTable.Without("profile"), &o.inputOptions)
	addCompletions(cmd, new(modelOptions))
	return cmd
}

// isFlo returns whether a file is to hold the numbers of a flow.
func isFlo(path string) bool { return strings.EqualFold(filepath.Ext(path), ".flo") }

// check checks everything that can be before anything is read.
func (o *flowOptions) check(inputs []string) error {
	if err := flowTable.Check(o).Err(); err != nil {
		return err
	}
	if o.Output == "" {
		o.Output = freeName("oneiro-flow.png")
	}
	outputs := []string{o.Output}
	if o.Reliability != "" {
		outputs = append(outputs, o.Reliability)
	}
	for i, path := range outputs {
		check := imageio.CheckOutput
		if i == 0 && isFlo(path) {
			check = atomicfile.Check
		}
		if err := check(path); err != nil {
			return err
		}
		for _, in := range inputs {
			if sameFile(path, in) {
				return &usageError{"the output " + quote(path) + " would replace a picture", "choose another name"}
			}
		}
	}
	if len(outputs) > 1 && (filepath.Clean(outputs[0]) == filepath.Clean(outputs[1]) || sameFile(outputs[0], outputs[1])) {
		return &usageError{"--output and --reliability name one file", "choose two names"}
	}
	return nil
}

func runFlow(o flowOptions, from, to string, stdout io.Writer) error {
	paths := []string{from, to}
	if o.Backward {
		slices.Reverse(paths)
	}
	if err := o.check(paths); err != nil {
		return err
	}
	var images [2]*imageio.Image
	for i, path := range paths {
		im, err := imageio.ReadWith(path, o.reading())
		if err != nil {
			return err
		}
		images[i] = im.OnWhite()
	}
	w, h := images[0].W, images[0].H
	if images[1].W != w || images[1].H != h {
		return &usageError{fmt.Sprintf("%s has %s pixels and %s has %s: they have to be of one size",
			quote(paths[0]), sizeOf(images[0]), quote(paths[1]), sizeOf(images[1])), "resize one of them"}
	}
	preset, _ := flow.PresetOf(o.Preset)
	pool := parallel.New(0)
	defer pool.Close()
	e := flow.New(w, h, preset, pool)
	var luma [2][]float32
	var frames [2]*flow.Frame
	for i, im := range images {
		luma[i], frames[i] = make([]float32, w*h), e.NewFrame()
		flow.Luma(luma[i], im.Pix)
		e.Set(frames[i], luma[i])
	}
	there, back := flow.NewField(w, h), flow.NewField(w, h)
	e.Estimate(there, frames[0], frames[1])
	e.Estimate(back, frames[1], frames[0])
	reliability := make([]float32, w*h)
	flow.Reliability(reliability, there, back, pool)
	if err := o.write(there, reliability); err != nil {
		return err
	}
	change := flow.ChangeOf(luma[0], luma[1], w, h, reliability)
	fmt.Fprintf(stdout, "%s: %dx%d, the longest motion is %.1f pixels, %.0f %% can be relied on\n",
		shown(o.Output), w, h, there.Largest(), 100*change.Reliable)
	if change.Cut() {
		fmt.Fprintln(stdout, "There seems to be a cut between the two.")
	}
	return nil
}

// write writes the files that are asked for.
func (o *flowOptions) write(f *flow.Field, reliability []float32) error {
	if isFlo(o.Output) {
		if err := flow.Write(o.Output, f); err != nil {
			return err
		}
	} else {
		im := imageio.New(f.W, f.H)
		flow.Colours(im.Pix, f, f.Largest())
		if err := imageio.Write(o.Output, im, imageio.Meta{}); err != nil {
			return err
		}
	}
	if o.Reliability == "" {
		return nil
	}
	im := imageio.New(f.W, f.H)
	for i, r := range reliability {
		im.Pix[3*i], im.Pix[3*i+1], im.Pix[3*i+2] = r, r, r
	}
	return imageio.Write(o.Reliability, im, imageio.Meta{})
}
