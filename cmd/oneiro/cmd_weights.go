package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"oneiro/nn"
	"oneiro/weights"
)

func newWeights() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "weights",
		Short: "Look into files of weights, check and convert them",
		Long: `Look into files of weights, check and convert them. Read are the files that PyTorch, Caffe,
TensorFlow, Keras, MATLAB, ONNX, darknet and NumPy write, safetensors, and folders of .npy or
raw files; what a file is says its content, not its name.`,
		Example: `  oneiro weights info vgg19.pth
  oneiro weights convert vgg19.pth -o vgg19.safetensors --conv-only`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return &usageError{"there is no command weights " + quote(args[0]), "the commands are info, verify and convert"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newWeightsInfo(), newWeightsVerify(), newWeightsConvert())
	return cmd
}

// oneFile is the check of the arguments of a command that takes one file of weights.
func oneFile(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return &usageError{fmt.Sprintf("%s takes one file, not %d", cmd.CommandPath(), len(args)), cmd.CommandPath() + " --help shows how it is used"}
	}
	return nil
}

// wanted are the parameters of the network that a file is of, or none if that is not known.
func wanted(f *weights.File) ([]nn.TensorSpec, error) {
	name, _ := f.Network()
	if name == "" {
		return nil, nil
	}
	net, err := networkIn(f, name)
	if err != nil {
		return nil, err
	}
	return net.Tensors()
}
