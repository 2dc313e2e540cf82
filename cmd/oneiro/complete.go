package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"oneiro/internal/option"
	"oneiro/nn"
)

// Endings of files, without dots. Files of weights may have any; these are the usual ones.
var (
	pictureEndings = []string{"png", "jpg", "jpeg", "webp", "tif", "tiff", "bmp", "gif"}
	writtenEndings = []string{"png", "jpg", "jpeg", "tif", "tiff"}
	weightsEndings = []string{
		"pth", "pt", "ckpt", "bin", "safetensors", "npz", "h5", "hdf5", "keras", "weights", "onnx", "caffemodel", "pb", "mat",
	}
)

// addCompletions lets shells complete the values of flags: choices, names of networks, devices and kernels,
// layers of the network that m chooses, and names of its classes.
func addCompletions(cmd *cobra.Command, m *modelOptions) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		o := optionOf(f)
		if o == nil {
			return
		}
		values, directive := completions(o, m)
		complete := func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			if directive == cobra.ShellCompDirectiveFilterFileExt {
				return values(), directive
			}
			return lastOf(typed, values()), directive
		}
		if err := cmd.RegisterFlagCompletionFunc(f.Name, complete); err != nil {
			panic(err)
		}
	})
}

// completions returns the values that an option can have, or the endings of files that it can name.
func completions(o *option.Option, m *modelOptions) (func() []string, cobra.ShellCompDirective) {
	const only = cobra.ShellCompDirectiveNoFileComp
	switch {
	case len(o.Choices) > 0 && o.Or == "":
		return func() []string { return o.Choices }, only
	case len(o.Choices) > 0:
		return func() []string { return o.Choices }, cobra.ShellCompDirectiveDefault
	case o.Names == option.Network:
		return networkNames, only
	case o.Names == option.Layer:
		return m.layerNames, only
	case o.Names == option.Class:
		return m.classNames, only
	case o.Names == option.Device:
		return deviceNames, only
	case o.Names == option.Kernels:
		return func() []string { return devices().Processor.Kernels }, only
	case len(o.Endings) > 0:
		return func() []string { return o.Endings }, cobra.ShellCompDirectiveFilterFileExt
	case o.Names == option.File:
		return func() []string { return nil }, cobra.ShellCompDirectiveDefault
	}
	return func() []string { return nil }, only // a number or free text
}

// completeOne completes the only argument of a command.
func completeOne(values func() []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return values(), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeFiles completes up to so many arguments that are files with these endings.
func completeFiles(most int, endings []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return endings, cobra.ShellCompDirectiveFilterFileExt
	}
}

// lastOf completes the last element of a list with commas between.
func lastOf(typed string, values []string) []string {
	before := typed[:strings.LastIndex(typed, ",")+1]
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = before + v
	}
	return out
}

func networkNames() []string {
	var names []string
	for _, net := range nn.All() {
		names = append(names, net.Name)
	}
	return names
}

// deviceNames returns the devices of this computer, as --device takes them.
func deviceNames() []string {
	list := devices()
	names := []string{list.Processor.Device}
	for _, gpu := range list.GPUs {
		names = append(names, gpu.Device)
	}
	return names
}

// layerNames returns the layers of the network; none if it cannot be opened.
func (o *modelOptions) layerNames() []string {
	net, err := o.network()
	if err != nil {
		return nil
	}
	var names []string
	for _, l := range net.Layers {
		names = append(names, l.Name)
	}
	return names
}

// classNames returns the names of the network's classes; none if it cannot be opened.
func (o *modelOptions) classNames() []string {
	net, err := o.network()
	if err != nil || o.check(net) != nil {
		return nil
	}
	file, err := o.open()
	if err != nil {
		return nil
	}
	defer file.Close()
	classes, err := classNames(file)
	if err != nil {
		return nil
	}
	var names []string
	for _, c := range classes {
		names = append(names, c.Names...)
	}
	return names
}
