package weights

import "io"

// WriteSafetensors writes tensors as a safetensors file. One tensor is in memory at a time. The errors are those
// of Values and w, and HalfError.
func WriteSafetensors(w io.Writer, facts Facts, tensors []Output) error {
	metadata := facts.metadata()
	metadata["format"] = "pt" // what others look for before they read it
	out := make([]outTensor, len(tensors))
	for i, t := range tensors {
		out[i] = outTensor{name: t.Name, shape: t.Shape, half: t.Half, values: func(put func([]float32) error) error {
			values, err := t.Values()
			if err != nil {
				return err
			}
			return put(values)
		}}
	}
	return writeSafetensors(w, out, metadata)
}
