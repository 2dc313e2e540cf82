package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"oneiro/nn"
	"oneiro/zoo"
)

type infoOptions struct {
	file string
	json bool
}

func newWeightsInfo() *cobra.Command {
	var o infoOptions
	cmd := &cobra.Command{
		Use:   "info FILE",
		Short: "Describe a weights file and list its tensors",
		Long: `Describe a weights file: its format, its network and whose names its tensors have, the preset
for pictures, whether it is a well-known file, how it was trained and its other metadata, which
parameters of the network are missing, which commands need them, and which tensors are unused;
then list the tensors with the smallest and the largest of their numbers and the root mean square.
All numbers are read.`,
		Example:           `  oneiro weights info vgg19-dcbb9e9d.pth`,
		Args:              oneFile,
		ValidArgsFunction: completeFiles(1, weightsEndings),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.file = args[0]
			return runWeightsInfo(cmd.Context(), o, cmd.OutOrStdout())
		},
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

// fileInfo describes a weights file, in JSON.
type fileInfo struct {
	File    string `json:"file"`
	Format  string `json:"format"`
	Bytes   int64  `json:"bytes,omitempty"`
	Known   string `json:"known,omitempty"`
	Network string `json:"network,omitempty"`
	// Is names, with its article, a network that the file belongs to and oneiro does not have.
	Is      string `json:"is,omitempty"`
	Naming  string `json:"naming,omitempty"`
	Preset  string `json:"preset,omitempty"`
	Guessed bool   `json:"preset_guessed,omitempty"` // nothing in the file settles the preset
	Classes int    `json:"classes,omitempty"`        // of its classifier
	// Refused is why the network cannot be used, and Warnings what to know before it is.
	Refused  string   `json:"refused,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
	// Notes is the file's metadata.
	Notes   map[string]string `json:"notes,omitempty"`
	Missing []string          `json:"missing"`
	// UsableFor are the commands that find all parameters, with their default layers; NeededFor are those
	// that need some of the missing ones.
	UsableFor []string     `json:"usable_for,omitempty"`
	NeededFor []string     `json:"missing_needed_for,omitempty"`
	Unused    []string     `json:"unused"`
	Tensors   []tensorInfo `json:"tensors"`
}

type tensorInfo struct {
	Name    string   `json:"name"`
	Shape   []int    `json:"shape"`
	DType   string   `json:"dtype"`
	Layout  string   `json:"layout,omitempty"`
	Min     *float32 `json:"min,omitempty"` // nil, as the next two, if the tensor cannot be read
	Max     *float32 `json:"max,omitempty"`
	RMS     *float64 `json:"rms,omitempty"`
	Problem string   `json:"problem,omitempty"` // why it cannot be read
}

func runWeightsInfo(ctx context.Context, o infoOptions, w io.Writer) error {
	f, err := zoo.OpenParams(o.file)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := inform(ctx, f)
	if err != nil {
		return err
	}
	if o.json {
		return writeLine(w, info)
	}
	return info.print(w)
}

func inform(ctx context.Context, f *zoo.Params) (*fileInfo, error) {
	info := &fileInfo{File: f.Path(), Format: f.Format(), Notes: f.Metadata()}
	if stat, err := os.Stat(f.Path()); err == nil && stat.Mode().IsRegular() {
		info.Bytes = stat.Size()
	}
	var err error
	if info.Known, err = f.Known(); err != nil {
		return nil, err
	}
	used, err := info.network(f)
	if err != nil {
		info.Refused = err.Error()
	}
	for _, t := range f.Tensors() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if info.Network != "" && !used[t.Name] {
			info.Unused = append(info.Unused, t.Name)
		}
		ti := tensorInfo{Name: t.Name, Shape: t.Shape, DType: t.DType, Layout: string(t.Layout)}
		if s, err := f.Stats(t.Name); err != nil {
			ti.Problem = err.Error()
		} else {
			ti.Min, ti.Max, ti.RMS = &s.Min, &s.Max, &s.RMS
		}
		info.Tensors = append(info.Tensors, ti)
	}
	return info, nil
}

// network says what is known of the network, and returns the tensors that it uses. The error is why it cannot
// be used.
func (i *fileInfo) network(f *zoo.Params) (used map[string]bool, err error) {
	specs, err := f.Specs()
	i.Network, i.Naming = f.Network()
	i.Is = f.Other()
	i.Warnings = f.Warnings(zoo.Options{})
	if err != nil || i.Network == "" {
		return nil, err
	}
	used = map[string]bool{}
	for _, t := range specs {
		if !f.Has(t.Name) {
			i.Missing = append(i.Missing, t.Name)
			continue
		}
		for _, name := range f.Sources(t.Name) {
			used[name] = true
		}
	}
	net, err := f.Describe(zoo.Options{})
	if err != nil {
		return used, err
	}
	if slices.ContainsFunc(specs, func(t nn.TensorSpec) bool { return t.Layer == net.Classifier() && f.Has(t.Name) }) {
		i.Classes = net.Classes
	}
	colours, err := f.Colours()
	i.Preset, i.Guessed = colours.Preset, colours.Guessed
	if err != nil {
		return used, err
	}
	i.UsableFor, i.NeededFor, err = uses(f, net)
	return used, err
}

func (i *fileInfo) print(w io.Writer) error {
	or := func(s, none string) string {
		if s == "" {
			return none
		}
		return s
	}
	t := newTable(w)
	row(t, "file", shown(i.File))
	row(t, "format", i.Format)
	if i.Bytes > 0 {
		row(t, "size", fmt.Sprintf("%s bytes", thousands(i.Bytes)))
	}
	row(t, "known file", or(i.Known, "no"))
	network := or(i.Network, "not recognised from the names and sizes of the tensors")
	if i.Is != "" {
		network = "none of oneiro's: this is " + i.Is
	}
	if i.Naming != "" {
		network += ", with the names of " + i.Naming
	}
	row(t, "network", network)
	if i.Refused != "" {
		row(t, "cannot be used", i.Refused)
	}
	pictures := or(shown(i.Preset), "as the network expects them")
	if i.Guessed {
		pictures += ", which is a guess; --preset overrides"
	}
	row(t, "pictures", pictures)
	if i.Classes > 0 {
		row(t, "classifier", fmt.Sprintf("%d classes", i.Classes))
	}
	if i.Network != "" {
		row(t, "missing", list(i.Missing))
		if len(i.Missing) > 0 {
			row(t, "needed for", neededFor(i.NeededFor, i.UsableFor))
		}
		row(t, "unused", list(i.Unused))
	}
	for _, warning := range i.Warnings {
		row(t, "warning", warning)
	}
	for _, n := range readable(i.Notes) {
		row(t, n.name, n.text)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	row(t, "tensor", "shape", "layout", "type", "min", "max", "rms")
	for _, x := range i.Tensors {
		sizes := strings.Trim(strings.ReplaceAll(fmt.Sprint(x.Shape), " ", "x"), "[]")
		if x.Problem != "" {
			row(t, shown(x.Name), or(sizes, "1"), or(shown(x.Layout), "-"), shown(x.DType), "-", "-", "-")
			continue
		}
		row(t, shown(x.Name), or(sizes, "1"), or(shown(x.Layout), "-"), shown(x.DType), fmt.Sprintf("%.4g", *x.Min),
			fmt.Sprintf("%.4g", *x.Max), fmt.Sprintf("%.4g", *x.RMS))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, x := range i.Tensors {
		if x.Problem != "" {
			fmt.Fprintf(w, "\n%s\n", oneLine(x.Problem))
		}
	}
	return nil
}

// list shortens a list of names for a line.
func list(names []string) string {
	const most = 6
	names = allShown(names)
	switch {
	case len(names) == 0:
		return "none"
	case len(names) > most:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
