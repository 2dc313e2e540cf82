package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"oneiro/nn"
	"oneiro/zoo"
)

func newWeights() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "weights",
		Short: "Inspect, check and convert weights files",
		Long: `Inspect, check and convert weights files: those that PyTorch, Caffe, TensorFlow, Keras, MATLAB,
ONNX, darknet and NumPy write, safetensors, and folders of .npy or raw files. Format and network
are detected from the content, so a file may have any name; oneiro weights info FILE says what it is.

The built-in network needs no file. The others make better pictures. For style take a VGG-19, for
dreams and for the classes of photographs a GoogLeNet. These files work, by the names that their
publishers gave them; the web knows most of them by these names:

` + weightsFiles(),
		Example: `  oneiro weights info vgg19.pth
  oneiro weights convert vgg19.pth -o vgg19.safetensors --conv-only`,
		Args: subcommands,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newWeightsInfo(), newWeightsVerify(), newWeightsConvert())
	return cmd
}

// weightsFiles lists files with the parameters of each network, for the help, and where to get some of them.
func weightsFiles() string {
	var b, addresses strings.Builder
	table, downloads := newTable(&b), newTable(&addresses)
	row(table, "  network", "files")
	for _, net := range nn.All() {
		files := zoo.KnownFiles(net.Name)
		if len(files) == 0 {
			continue
		}
		row(table, "  "+net.Name, fewFiles(files))
		for _, file := range files {
			if address := zoo.Address(file); address != "" {
				row(downloads, "  "+net.Name, address)
			}
		}
	}
	table.Flush()
	downloads.Flush()
	return b.String() + "\nTo download:\n\n" + strings.TrimSuffix(addresses.String(), "\n")
}

// fewFiles lists files, but no more than fit into a line of the help.
func fewFiles(files []string) string {
	const width = 70
	text := files[0]
	for i, file := range files[1:] {
		if len(text)+len(file) > width {
			return fmt.Sprintf("%s and %d more", text, len(files)-1-i)
		}
		text += ", " + file
	}
	return text
}

// oneFile checks the arguments of a command that takes one weights file.
func oneFile(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return &usageError{fmt.Sprintf("%s takes one file, not %d", cmd.CommandPath(), len(args)),
			cmd.CommandPath() + " --help shows how to use it"}
	}
	return nil
}
