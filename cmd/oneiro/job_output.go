package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/term"

	"oneiro/internal/imageio"
	"oneiro/render"
)

// output is where pictures go, and what must not be replaced by one.
type output struct {
	path     string // or stream
	stdout   io.Writer
	quality  int              // of a JPEG
	strip    bool             // leave the recipe out
	depth    int              // bits in a sample, or 0 for those of the picture
	keep     bool             // the colour profile of the picture that goes in
	profiled *imageio.Profile // that pictures are written with, whatever goes in
	recolors []recoloring
	free     bool     // path is the default, which replaces nothing
	unnamed  bool     // path was the default when the run began, before it was resumed
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
	o.stdout, o.quality, o.depth, o.strip = raw(j.stdout), j.JPEGQuality, j.depth(), j.StripRecipe
	o.recipe.Depth = o.depth
	if o.keep = j.Profile == profileKeep; j.Profile != profileConvert {
		o.recipe.Profile = j.Profile
	}
	if o.free {
		begun, resume := "", false
		if j.Resume {
			begun, resume = resumable(o.path)
		}
		o.unnamed = true
		if o.path = cmp.Or(begun, freeName(o.path)); resume {
			o.free = false
		}
	}
	o.recipe.Version = version()
	for _, p := range o.pictures {
		o.recipe.Inputs = append(o.recipe.Inputs, p.Input)
	}
	o.recipe.Network = render.RecipeNetwork{
		Name: j.net.Name, Pooling: j.Pooling, Padding: j.padding(), Preset: j.preset(), File: base(j.Weights),
	}
	for _, s := range j.recolors {
		o.recolors, o.recipe.Recolor = append(o.recolors, s), append(o.recipe.Recolor, s.Recoloring)
	}
	o.weightsHash = func() string { return "" }
	if j.Weights != "" {
		o.recipe.Network.Bytes = fileBytes(j.Weights)
		o.inputs = append(o.inputs, j.Weights)
		o.weightsHash = j.hashes.soon(j.Weights)
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

// padding returns the kind of padding, empty for zeros.
func (o *modelOptions) padding() string {
	if o.Padding == "zero" {
		return ""
	}
	return o.Padding
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
		e.Winograd = text
	}
	if j.onGPU() {
		e.Device, e.GPU, e.TF32 = j.Device, j.engine.Device.Name(), j.TF32
	}
	return e
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

// write writes a picture with the recipe in it, unless that is to be left out. If it is not the result, step
// says after which step it was saved.
func (o *output) write(path string, im *imageio.Image, step int) error {
	if err := o.spares(path); err != nil {
		return err
	}
	if o.depth != 0 {
		deep := *im
		deep.Depth = o.depth
		im = &deep
	}
	for i := range o.recolors {
		s := &o.recolors[i]
		done, err := s.apply(render.Quantised(im, s.Depth, o.profile()))
		if err != nil {
			return err
		}
		im = done
	}
	text, err := o.recipeText(im, step)
	if err != nil {
		return err
	}
	meta := imageio.Meta{Recipe: text, Quality: o.quality, Profile: o.profile()}
	if path == stream {
		if err := imageio.WritePNG(o.stdout, im, meta); err != nil {
			return &outputError{err}
		}
		return nil
	}
	return imageio.Write(path, im, meta)
}

// profile returns the colour profile that pictures are written with, nil for sRGB.
func (o *output) profile() *imageio.Profile {
	if !o.keep {
		return o.profiled
	}
	for _, in := range o.pictures {
		whole := in.Role == render.RoleContent || in.Role == render.RoleImage
		if p := in.image.Profile; whole && p != nil && p.Invertible() {
			return p
		}
	}
	return nil
}

// recipeText returns the recipe that goes into a picture, or nothing.
func (o *output) recipeText(im *imageio.Image, step int) (string, error) {
	if o.strip {
		return "", nil
	}
	recipe := o.complete()
	recipe.Step, recipe.Pixels = step, render.PixelHashIn(im, o.profile())
	text, err := json.Marshal(recipe)
	return string(text), err
}

// complete returns the recipe with what takes long to find out.
func (o *output) complete() *render.Recipe {
	recipe := o.recipe
	recipe.Network.SHA256 = o.weightsHash()
	return &recipe
}

// freeName returns the first of the names of nameNumber that nothing has, nor a checkpoint beside it.
func freeName(path string) string {
	for n := 1; ; n++ {
		if name := nameNumber(path, n); !exists(name) && !exists(name+checkpointEnding) {
			return name
		}
	}
}

// nameNumber returns out.png, out-2.png, out-3.png and so on.
func nameNumber(path string, n int) string {
	if n == 1 {
		return path
	}
	ext := filepath.Ext(path)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(path, ext), n, ext)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// numbered returns the path of the picture after so many steps: out.png becomes out_0050.png.
func (o *output) numbered(step int) string {
	ext := filepath.Ext(o.path)
	return fmt.Sprintf("%s_%04d%s", strings.TrimSuffix(o.path, ext), step, ext)
}
