package main

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/internal/parallel"
	"oneiro/render"
)

// recolorOptions are those of recolor.
type recolorOptions struct {
	render.Recoloring
	inputOptions
	Palette     string
	Output      string
	JPEGQuality int
	StripRecipe bool
	JSON, Quiet bool
}

// recolorFiles has the options of recolorOptions that are files.
var recolorFiles = option.Table{
	{Name: "palette", Field: "Palette", Unit: "picture",
		Help: "take colours from this picture instead of the photograph", Names: option.File, Basic: true},
}.In("Colours")

func newRecolor() *cobra.Command {
	o := recolorOptions{Recoloring: render.DefaultRecoloring(), Output: "oneiro-recolor.png"}
	o.JPEGQuality, o.inputOptions.Profile = imageio.JPEGQuality, profileConvert
	cmd := &cobra.Command{
		Use:   "recolor RESULT [PHOTO]",
		Short: "Give a painted picture the colours of the photograph again",
		Long: `Give RESULT, a picture that oneiro or any other program painted, the colours of PHOTO: its chroma, with
the lightness of RESULT, as style --colors photo does. It takes about a second.

With --colors match, mean and covariance of the colours of RESULT become those of PHOTO, or of the
picture that --palette names. The recipe in RESULT is kept, and says what was done to it: oneiro again
does both.`,
		Example: `  oneiro recolor painted.png photo.jpg -o colours.png
  oneiro recolor painted.png photo.jpg --colors-strength 0.5 -o half.png
  oneiro recolor painted.png --colors match --palette sunset.jpg -o evening.png`,
		ValidArgsFunction: completeFiles(2, pictureEndings),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return &usageError{"recolor takes a painted picture and a photograph", "oneiro recolor painted.png photo.jpg"}
			}
			return nil
		},
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return runRecolor(cmd, o, args) }
	fs := cmd.Flags()
	fs.SortFlags = false
	addFlags(fs, render.RecolorTable, &o.Recoloring)
	addFlags(fs, recolorFiles, &o)
	addFlags(fs, inputTable.Without("profile"), &o.inputOptions)
	addFlags(fs, jobTable.Filter(func(row *option.Option) bool {
		return row.Name == "output" || row.Name == "jpeg-quality" || row.Name == "strip-recipe" || row.Name == "quiet"
	}), &o)
	addFlags(fs, writtenTable, &o)
	addCompletions(cmd, new(modelOptions))
	return cmd
}

func runRecolor(cmd *cobra.Command, o recolorOptions, args []string) error {
	if err := checkPaths(args); err != nil {
		return err
	}
	if err := checkWritten(o.Output, o.JSON); err != nil {
		return err
	}
	var photo string
	if len(args) > 1 {
		photo = args[1]
	}
	o.Photo, o.Recoloring.Palette = photo != "", o.Palette != ""
	if err := o.Check(); err != nil {
		return err
	}
	out := &output{
		path: o.Output, stdout: raw(cmd.OutOrStdout()), quality: o.JPEGQuality, strip: o.StripRecipe,
		free: !cmd.Flags().Changed("output"), inputs: args,
	}
	if o.Palette != "" {
		out.inputs = append(out.inputs, o.Palette)
	}
	if out.free {
		out.path = freeName(out.path)
	}
	if err := out.check(); err != nil {
		return err
	}
	im, err := imageio.ReadWith(args[0], o.reading())
	if err != nil {
		return err
	}
	info, err := imageio.Stat(args[0])
	if err != nil {
		return err
	}
	o.Depth, o.Lossy = im.Depth, info.Kind == "JPEG"
	step, err := openRecoloring(o.Recoloring, o.reading(), photo, o.Palette)
	if err != nil {
		return err
	}
	done, err := step.apply(im)
	if err != nil {
		return err
	}
	if p := im.Profile; p != nil && p.Invertible() {
		out.profiled = p
	}
	recipe, err := recipeIn(args[0])
	switch {
	case err == nil:
		if err := step.note(recipe, new(fileHashes)); err != nil {
			return err
		}
		out.recipe, out.weightsHash = *recipe, func() string { return recipe.Network.SHA256 }
	case is[*imageio.NoRecipeError](err):
		out.strip = true
	default:
		return err
	}
	if err := out.write(out.path, done, out.recipe.Step); err != nil {
		return err
	}
	if !o.Quiet {
		for _, text := range slices.Concat(prefixed(args[0], im.Warnings), step.warnings()) {
			printWarning(cmd.ErrOrStderr(), text)
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", outputName(out.path), sizeOf(done))
	}
	if o.JSON {
		return writeLine(cmd.OutOrStdout(), newWrittenEvent(out.path, done))
	}
	return nil
}

// writtenTable has the option of commands that make a picture at once.
var writtenTable = option.Table{
	{Name: "json", Field: "JSON", Help: "print what was written, or the error, as a line of JSON"},
}.In("Output")

// checkWritten checks that nothing but a picture is to go to the standard output if it is the output.
func checkWritten(output string, json bool) error {
	if json && output == stream {
		return &usageError{"--json and a picture cannot both go to the standard output", "name a file with --output"}
	}
	return nil
}

// recoloring is a render.Recoloring with its pictures.
type recoloring struct {
	render.Recoloring
	pictures []inputPicture // that it takes, in order
}

// openRecoloring opens the pictures of a recoloring. Those that it does not take have empty paths.
func openRecoloring(r render.Recoloring, how imageio.ReadOptions, paths ...string) (s recoloring, err error) {
	s.Recoloring = r
	for _, path := range paths {
		if path == "" {
			continue
		}
		im, err := imageio.Open(path, how)
		if err != nil {
			return s, err
		}
		in := render.Input{
			Role: render.RoleRecolor, Name: filepath.Base(path), Bytes: fileBytes(path), Width: im.W, Height: im.H,
		}
		s.pictures = append(s.pictures, inputPicture{in, path, im})
	}
	return s, nil
}

// warnings lists what should be known of the pictures.
func (s *recoloring) warnings() []string {
	var all []string
	for _, in := range s.pictures {
		all = append(all, prefixed(in.path, in.image.Warnings)...)
	}
	return all
}

// apply returns a picture with other colours.
func (s *recoloring) apply(im *render.Picture) (*render.Picture, error) {
	pool := parallel.New(0)
	defer pool.Close()
	run := func(n int, do func(int)) { pool.Run(n, func(piece, _ int) { do(piece) }) }
	var photo, palette *render.Picture
	if s.Photo {
		photo = s.pictures[0].image
	}
	if s.Palette {
		palette = s.pictures[len(s.pictures)-1].image
	}
	return render.Recolor(im, photo, palette, s.Recoloring, run)
}

// note adds the recoloring and its pictures to a recipe.
func (s *recoloring) note(r *render.Recipe, hashes *fileHashes) error {
	r.Recolor = append(r.Recolor, s.Recoloring)
	for _, in := range s.pictures {
		var err error
		if in.SHA256, err = hashes.of(in.path); err != nil {
			return err
		}
		r.Inputs = append(r.Inputs, in.Input)
	}
	return nil
}

// recoloringsOf returns the recolorings of a recipe with the paths of their pictures, in order. The error is a
// *render.RecipeError.
func recoloringsOf(all []render.Recoloring, paths []string) ([]recoloring, error) {
	var out []recoloring
	for _, r := range all {
		n := 0
		if r.Photo {
			n++
		}
		if r.Palette {
			n++
		}
		if n > len(paths) || r.Check() != nil || r.Depth != 8 && r.Depth != 16 {
			return nil, &render.RecipeError{Problem: "what it says of recoloring makes no sense"}
		}
		s := recoloring{Recoloring: r}
		for _, path := range paths[:n] {
			s.pictures = append(s.pictures, inputPicture{path: path})
		}
		out, paths = append(out, s), paths[n:]
	}
	return out, nil
}

// openRecolorings opens the pictures of the recolorings of a job, and notes them in its recipe.
func (j *job) openRecolorings() error {
	for _, s := range j.recolors {
		for k, in := range s.pictures {
			if _, err := j.picture(render.RoleRecolor, in.path, 0, nil); err != nil {
				return err
			}
			s.pictures[k] = j.output.pictures[len(j.output.pictures)-1]
		}
	}
	return nil
}
