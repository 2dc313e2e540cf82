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
publishers gave them; oneiro weights list says what each is and who publishes it:

` + weightsFiles(),
		Example: `  oneiro weights info vgg19.pth
  oneiro weights list vgg19
  oneiro weights convert vgg19.pth -o vgg19.safetensors --conv-only`,
		Args: subcommands,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newWeightsList(), newWeightsInfo(), newWeightsVerify(), newWeightsConvert())
	return cmd
}

// weightsFiles lists files with the parameters of each network, for the help.
func weightsFiles() string {
	var b strings.Builder
	table := newTable(&b)
	row(table, "  network", "files")
	for _, net := range nn.All() {
		if files := zoo.Suggestions(net.Name); len(files) > 0 {
			row(table, "  "+net.Name, fewFiles(files))
		}
	}
	table.Flush()
	return strings.TrimSuffix(b.String(), "\n")
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
