package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/render"
)

// verifyOptions are those of verify: where files are, and what to compute with.
type verifyOptions struct {
	findOption
	jobOptions
	json bool
}

func newVerify() *cobra.Command {
	var o verifyOptions
	cmd := &cobra.Command{
		Use:   "verify PICTURE",
		Short: "Make a picture again and compare: does this computer get the same bytes?",
		Long: `Make PICTURE, a picture that oneiro made, again from the recipe inside it, and compare the pixels
with those that the recipe names, before a JPEG lost any. It takes as long as the first time. If
they differ, it says by how much, and what was not the same: kernels, tiles, device, version.

Kernels, tiles and device are those of the recipe, as far as this computer has them; --kernels,
--winograd and --device choose others, to see what difference they make. The new picture is thrown
away unless --output names a file.

The exit code is 0 if all pixels are the same and 3 if they are not.`,
		Example: `  oneiro verify painted.png
  oneiro verify painted.png --kernels avx2 -o avx2.png
  oneiro verify painted.png --find ~/Pictures --json`,
		Args:              onePicture,
		ValidArgsFunction: completeFiles(1, writtenEndings),
		RunE:              func(cmd *cobra.Command, args []string) error { return runVerify(cmd, &o, args[0]) },
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	only := func(t option.Table, names ...string) option.Table {
		return t.Filter(func(o *option.Option) bool { return slices.Contains(names, o.Name) })
	}
	addFlags(fs, findTable, &o.findOption)
	addFlags(fs, only(modelTable, "weights"), &o.modelOptions)
	addFlags(fs, inputTable, &o.inputOptions)
	addFlags(fs, engineTable, &o.engineOptions)
	addFlags(fs, only(jobTable, "output", "quiet"), &o.jobOptions)
	withoutDefaults(fs)
	fs.BoolVar(&o.json, "json", false, "print the result as JSON")
	addCompletions(cmd, &o.modelOptions)
	return cmd
}

func runVerify(cmd *cobra.Command, o *verifyOptions, picture string) error {
	r, err := recipeIn(picture)
	if err != nil {
		return err
	}
	info, err := imageio.Stat(picture)
	if err != nil {
		return err
	}
	if r.Pixels == "" && info.Kind == "JPEG" {
		return &render.RecipeError{Problem: "it has no hash of the pixels, and a JPEG does not have all of them"}
	}
	if r.Options["frames"] != "" && r.Frame == 0 {
		return &usageError{quote(picture) + " is a film, and verify compares pictures",
			"give it a frame of a film that was made into a folder"}
	}
	c, err := requestOf(cmd, picture, r, o.Find)
	if err != nil {
		return err
	}
	if o.Output == stream || sameFile(o.Output, picture) {
		return &usageError{"verify cannot write to " + quote(o.Output), "choose another --output"}
	}
	if !o.Quiet {
		c.say(cmd.ErrOrStderr(), picture)
	}
	made, remove, err := c.remake(cmd)
	defer remove()
	if err != nil {
		return err
	}
	v, err := compared(picture, info.Kind, r, made)
	if err != nil {
		return err
	}
	if o.json {
		err = writeLine(cmd.OutOrStdout(), v)
	} else {
		err = v.print(cmd.OutOrStdout())
	}
	if err == nil && !v.Same {
		return &answerError{exitPartly}
	}
	return err
}

// remake makes the picture and returns where: of one that was saved on the way, both that which --save-every
// saves after that step and that of a run which was cut short there.
func (c *changed) remake(cmd *cobra.Command) (made []string, remove func(), err error) {
	dir, err := os.MkdirTemp("", "oneiro-*")
	if err != nil {
		return nil, func() {}, err
	}
	remove = func() { os.RemoveAll(dir) }
	path := c.flags["output"]
	if path == "" {
		path = filepath.Join(dir, "again.png")
		c.flags["output"] = path
	}
	instead := &cobra.Command{}
	instead.SetContext(cmd.Context())
	instead.SetOut(io.Discard)
	instead.SetErr(cmd.ErrOrStderr())
	made = []string{path}
	if frame := c.recipe.Frame; frame > 0 { // all frames before it have to be made, too
		frames := framesIn(dir)
		made, c.flags["output"], c.stopAfter = []string{frames.picture(frame - 1)}, frames.pattern, frame
		if err = c.run(instead); errors.Is(err, errStopped) {
			err = nil
		}
		return made, remove, err
	}
	if step := c.recipe.Step; step > 0 {
		c.flags["save-every"] = strconv.Itoa(step)
		made = append(made, (&output{path: path}).numbered(step))
	}
	c.flags["checkpoint"] = "off"
	c.stopAfter = c.recipe.Step
	if err = c.run(instead); errors.Is(err, errStopped) {
		err = nil
	}
	return made, remove, err
}
