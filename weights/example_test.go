package weights_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"oneiro/weights"
)

// Tensors are written as a safetensors file and read again. Package zoo finds out which network a file is of.
func Example() {
	dir, err := os.MkdirTemp("", "weights")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "bias.safetensors")
	w, err := os.Create(path)
	if err != nil {
		log.Fatal(err)
	}
	bias := weights.TensorSource{
		Name: "conv1_1.bias", Shape: []int{3}, Layout: weights.O,
		Values: func() ([]float32, error) { return []float32{1, 2, 3}, nil },
	}
	if err := weights.WriteSafetensors(w, nil, []weights.TensorSource{bias}); err != nil {
		log.Fatal(err)
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}

	f, err := weights.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	values, err := f.Tensor("conv1_1.bias", 3)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(f.Format(), values)
	// Output: safetensors [1 2 3]
}
