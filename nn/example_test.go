package nn_test

import (
	"fmt"
	"log"

	"oneiro/nn"
)

// A network is data. Cut leaves what is needed for some of its layers.
func Example() {
	net, err := nn.VGG19().Cut("relu2_1")
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range net.Layers {
		fmt.Println(l.Kind, l.Name)
	}
	tensors, err := net.Tensors()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tensors[0].Name, tensors[0].Shape) // height, width, inputs, outputs
	// Output:
	// conv conv1_1
	// relu relu1_1
	// conv conv1_2
	// relu relu1_2
	// max pool pool1
	// conv conv2_1
	// relu relu2_1
	// conv1_1.weight [3 3 3 64]
}
