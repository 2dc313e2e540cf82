package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newWeights() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "weights",
		Short: "Inspect, check and convert weights files",
		Long: `Inspect, check and convert weights files: those that PyTorch, Caffe, TensorFlow, Keras, MATLAB,
ONNX, darknet and NumPy write, safetensors, and folders of .npy or raw files. The format is
detected from the content, not from the file name.`,
		Example: `  oneiro weights info vgg19.pth
  oneiro weights convert vgg19.pth -o vgg19.safetensors --conv-only`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return &usageError{"there is no command weights " + quote(args[0]),
					"the commands are info, verify and convert"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newWeightsInfo(), newWeightsVerify(), newWeightsConvert())
	return cmd
}

// oneFile checks the arguments of a command that takes one file of weights.
func oneFile(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return &usageError{fmt.Sprintf("%s takes one file, not %d", cmd.CommandPath(), len(args)),
			cmd.CommandPath() + " --help shows how it is used"}
	}
	return nil
}
