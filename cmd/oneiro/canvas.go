package main

import (
	"io"

	"oneiro/internal/atomicfile"
	"oneiro/internal/imageio"
	"oneiro/render"
	"oneiro/weights"
)

// canvasEnding is that of files of canvases.
const canvasEnding = ".safetensors"

// The keys of a canvas's file.
const (
	keyCanvas = "oneiro.canvas"
	keySize   = "oneiro.size"
)

// checkCanvasFile finds out, before any work is done, whether the canvas could be saved.
func (j *job) checkCanvasFile(spec *render.Spec) error {
	switch path := j.SaveCanvas; {
	case path == "":
		return nil
	case !spec.HasWeights():
		return &usageError{"--save-canvas needs a canvas of weights", "add --canvas head, decoder or cppn"}
	case j.planning:
		return nil
	default:
		if err := j.output.spares(path); err != nil {
			return err
		}
		return atomicfile.Check(path)
	}
}

// saveCanvas writes the canvas of a result, if that is asked for.
func (j *job) saveCanvas(res *render.Result) error {
	if j.SaveCanvas == "" || res.Canvas == nil || res.Steps == 0 {
		return nil
	}
	return writeCanvas(j.SaveCanvas, res.Canvas)
}

// writeCanvas writes a canvas as a safetensors file, all or nothing.
func writeCanvas(path string, c *render.SavedCanvas) error {
	var tensors []weights.TensorSource
	for _, t := range c.Tensors {
		tensors = append(tensors, weights.TensorSource{
			Name: t.Name, Shape: t.Shape, Values: func() ([]float32, error) { return t.Values, nil },
		})
	}
	meta := weights.Metadata{keyCanvas: string(c.Canvas), keySize: c.Size.String()}
	return atomicfile.Write(path, func(w io.Writer) error { return weights.WriteSafetensors(w, meta, tensors) })
}

// readCanvas reads what writeCanvas wrote.
func readCanvas(path string) (*render.SavedCanvas, error) {
	f, err := weights.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	meta := f.Metadata()
	c := &render.SavedCanvas{Canvas: render.CanvasName(meta[keyCanvas])}
	if c.Canvas == "" || c.Size.UnmarshalText([]byte(meta[keySize])) != nil {
		return nil, &usageError{quote(path) + " is not a canvas", "give the file that --save-canvas wrote"}
	}
	for _, t := range f.Tensors() {
		values, err := f.Plain(t.Name)
		if err != nil {
			return nil, err
		}
		c.Tensors = append(c.Tensors, render.SavedTensor{Name: t.Name, Shape: t.Shape, Values: values})
	}
	return c, nil
}

// canvas reads a canvas to start from, and notes it in the recipe.
func (j *job) canvas(path string) (*render.SavedCanvas, error) {
	c, err := readCanvas(path)
	if err != nil {
		return nil, err
	}
	in := render.Input{Role: render.RoleInit, Name: base(path), Bytes: fileBytes(path)}
	if in.SHA256, err = j.hashes.of(path); err != nil {
		return nil, err
	}
	j.output.inputs = append(j.output.inputs, path)
	j.output.pictures = append(j.output.pictures, inputPicture{in, path, imageio.New(1, 1)})
	return c, nil
}
