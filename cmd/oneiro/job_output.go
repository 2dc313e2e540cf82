package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/term"

	"oneiro/internal/imageio"
	"oneiro/render"
)

// output is where pictures go, and what must not be replaced by one.
type output struct {
	path     string // or stream
	stdout   io.Writer
	quality  int      // of a JPEG
	depth    string   // bits of a sample, or empty for those of the picture
	free     bool     // path is the default, which replaces nothing
	inputs   []string // paths
	pictures []inputPicture

	recipe      render.Recipe
	weightsHash func() string // waits until it is known
}

// inputPicture is a picture that goes in. The path is empty for a built-in one.
type inputPicture struct {
	render.Input
	path  string
	image *render.Picture
}

// first returns the first picture of a role, or nil.
func (o *output) first(role render.Role) *inputPicture {
	for i := range o.pictures {
		if o.pictures[i].Role == role {
			return &o.pictures[i]
		}
	}
	return nil
}

// begin completes the recipe of a job.
func (o *output) begin(j *job, recipe render.Recipe) {
	o.path, o.free, o.recipe = j.Output, !j.fs.Changed("output"), recipe
	o.stdout, o.quality, o.depth = raw(j.stdout), j.JPEGQuality, j.Depth
	if o.free {
		o.path = freeName(o.path)
	}
	o.recipe.Version = version()
	for _, p := range o.pictures {
		o.recipe.Inputs = append(o.recipe.Inputs, p.Input)
	}
	o.recipe.Network = render.RecipeNetwork{
		Name: j.net.Name, Pooling: j.Pooling, Preset: j.preset(), File: base(j.Weights),
	}
	o.weightsHash = func() string { return "" }
	if j.Weights != "" {
		o.inputs = append(o.inputs, j.Weights)
		o.weightsHash = hashing(j.Weights)
	}
}

// named has an error about a picture name its file.
func (o *output) named(err error) error {
	if e, ok := errors.AsType[*render.SmallPictureError](err); ok {
		of := slices.DeleteFunc(slices.Clone(o.pictures), func(in inputPicture) bool { return in.Role != e.Role })
		if e.Index < len(of) {
			e.Name = of[e.Index].Name
		}
	}
	return err
}

// preset returns the preset that is used, empty for the network's own.
func (j *job) preset() string {
	if j.Preset != "" || j.Weights == "" {
		return j.Preset
	}
	preset, _ := j.params.Preset() // which worked when it was opened
	return preset
}

// recipeEngine describes what the job computes with.
func (j *job) recipeEngine(t tiles) render.RecipeEngine {
	kernels := j.engine.Kernels.Name
	e := render.RecipeEngine{Kernels: kernels}
	if table := t.recorded(kernels); table != nil {
		text, err := json.Marshal(table)
		if err != nil {
			panic(err)
		}
		e.Tiles = text
	}
	if j.onGPU() {
		e.Device, e.GPU, e.TF32 = j.Device, j.engine.Device.Name(), j.TF32
	}
	return e
}

// hashing hashes a file while others work, since weights are large. The function that it returns waits for
// the result, which is empty if the file could not be read.
func hashing(path string) func() string {
	done := make(chan string, 1)
	go func() {
		sum, _ := render.FileHash(path)
		done <- sum
	}()
	return sync.OnceValue(func() string { return <-done })
}

// check finds out, before any work is done, whether write would work.
func (o *output) check() error {
	if o.path == stream {
		if f, ok := o.stdout.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
			return &usageError{"a picture cannot be shown in a terminal", "redirect it: -o - >out.png"}
		}
		return nil
	}
	if err := o.spares(o.path); err != nil {
		return err
	}
	return imageio.CheckOutput(o.path)
}

// holds finds out whether the format can hold the result of the plans.
func (o *output) holds(plans []render.SizePlan) error {
	if o.path == stream {
		return nil
	}
	last := &plans[len(plans)-1]
	return imageio.CheckSize(o.path, last.W, last.H)
}

// spares returns an error if path is one of the inputs, by whatever name.
func (o *output) spares(path string) error {
	target, err := os.Stat(path)
	if err != nil {
		return nil
	}
	for _, in := range o.inputs {
		if info, err := os.Stat(in); err == nil && os.SameFile(info, target) {
			return &usageError{"the output " + quote(path) + " would replace the input " + quote(in),
				"choose another --output"}
		}
	}
	return nil
}

// write writes a picture with the recipe in it. If it is not the result, step says after which step it was
// saved.
func (o *output) write(path string, im *imageio.Image, step int) error {
	if err := o.spares(path); err != nil {
		return err
	}
	if o.depth != "" {
		deep := *im
		deep.Depth = map[string]int{"8": 8, "16": 16}[o.depth]
		im = &deep
	}
	recipe := o.recipe
	recipe.Network.SHA256 = o.weightsHash()
	recipe.Step, recipe.Pixels = step, render.PixelHash(im)
	text, err := json.Marshal(recipe)
	if err != nil {
		return err
	}
	meta := imageio.Meta{Recipe: string(text), Quality: o.quality}
	if path == stream {
		if err := imageio.WritePNG(o.stdout, im, meta); err != nil {
			return &outputError{err}
		}
		return nil
	}
	return imageio.Write(path, im, meta)
}

// freeName returns a path that nothing has: out.png, or else out-2.png, out-3.png and so on.
func freeName(path string) string {
	ext := filepath.Ext(path)
	name := path
	for n := 2; ; n++ {
		if _, err := os.Lstat(name); err != nil {
			return name
		}
		name = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(path, ext), n, ext)
	}
}

// numbered returns the path of the picture after so many steps: out.png becomes out_0050.png.
func (o *output) numbered(step int) string {
	ext := filepath.Ext(o.path)
	return fmt.Sprintf("%s_%04d%s", strings.TrimSuffix(o.path, ext), step, ext)
}
