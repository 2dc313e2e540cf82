package main

import (
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/render"
)

// findOption says where else the inputs of a recipe may be.
type findOption struct{ Find []string }

var findTable = option.Table{
	{Name: "find", Field: "Find", Unit: "folder",
		Help:  "where else to look for the inputs and weights, in all folders below; several with commas between",
		Names: option.File, Basic: true},
}.In("Input")

func newAgain() *cobra.Command {
	var find findOption
	cmd := &cobra.Command{
		Use:   "again PICTURE",
		Short: "Repeat a picture from the recipe inside it, with changes if you like",
		Long: `Repeat PICTURE, a picture that oneiro made, from the recipe inside it: the same inputs,
network, options, seed and kernels, and so the same pixels. Every option of the command that made
it may be given, and takes the place of what the recipe says. The result is another file.

The inputs and the weights are found by their SHA-256, so they may have moved or have another name:
in the current folder, in that of PICTURE, and below those that --find names. PICTURE may also be a
recipe alone, as a file that ends in .json: what oneiro recipe --json prints.

The picture is the same to the last bit with the same kernels and tiles, which are taken from the
recipe where this computer has them. oneiro verify compares.`,
		Example: `  oneiro again small.png --size 6000 -o large.png
  oneiro again painted.png --seed 2
  oneiro again painted.png --find ~/Pictures --find /mnt/weights --style-weight 150`,
		Args:              onePicture,
		ValidArgsFunction: completeFiles(1, writtenEndings),
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	o := new(jobOptions)
	addFlags(fs, findTable, &find)
	for _, p := range pipelines() {
		for _, set := range p.sets(o) {
			addFlags(fs, set.Table, set.defaults)
		}
	}
	withoutDefaults(fs)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return runAgain(cmd, args[0], find.Find) }
	addHelpAll(cmd)
	addCompletions(cmd, &o.modelOptions)
	return cmd
}

// onePicture is the check of the arguments of commands about a picture that oneiro made.
func onePicture(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return &usageError{cmd.Name() + " takes one picture that oneiro made",
			cmd.CommandPath() + " --help shows how to use it"}
	}
	return nil
}

// withoutDefaults takes the defaults out of the help of flags: what is not given is as in the recipe.
func withoutDefaults(fs *pflag.FlagSet) {
	fs.VisitAll(func(f *pflag.Flag) {
		if o := optionOf(f); o != nil {
			f.DefValue, f.Usage = "", o.Description()
		}
	})
}

func runAgain(cmd *cobra.Command, picture string, find []string) error {
	r, err := recipeIn(picture)
	if err != nil {
		return err
	}
	c, err := requestOf(cmd, picture, r, find)
	if err != nil {
		return err
	}
	if path := c.flags["output"]; path != stream && sameFile(path, picture) {
		return &usageError{"the output would replace the picture " + quote(picture), "choose another --output"}
	}
	if r.Step > 0 {
		c.note("it was saved after step %d of a run; this is the whole run", r.Step)
	}
	if r.Frame > 0 {
		c.note("it is frame %d of a film; this is the whole film", r.Frame)
	}
	if c.flags["quiet"] != "true" {
		c.say(cmd.ErrOrStderr(), picture)
	}
	return c.run(cmd)
}

// sameFile returns whether two paths lead to one file.
func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// recipeIn returns the recipe in a picture, or that in a file of JSON. The errors are those of
// imageio.ReadRecipe and render.ParseRecipe.
func recipeIn(picture string) (*render.Recipe, error) {
	text, err := recipeText(picture)
	if err != nil {
		return nil, err
	}
	return render.ParseRecipe(text)
}

// recipeText returns the text of the recipe in a picture, or in a file of JSON.
func recipeText(picture string) (string, error) {
	if endingOf(picture) != recipeEnding {
		return imageio.ReadRecipe(picture)
	}
	text, err := os.ReadFile(picture)
	if err != nil {
		_, err := imageio.ReadRecipe(picture) // which says it as for any picture
		return "", err
	}
	return string(text), nil
}

// recipeEnding is that of the name of a file which is a recipe.
const recipeEnding = "json"

// requestOf returns what makes a picture again from its recipe, with the flags of cmd that were given in place
// of what that says. find lists folders where files may be.
func requestOf(cmd *cobra.Command, picture string, r *render.Recipe, find []string) (*changed, error) {
	p, err := pipelineOf(r.Command)
	if err != nil {
		return nil, err
	}
	var table option.Table
	for _, set := range p.sets(new(jobOptions)) {
		table = append(table, set.Table...)
	}
	if others := strangers(cmd.Flags(), table, findTable); len(others) > 0 {
		return nil, &usageError{"--" + others[0] + " is not an option of " + p.name + ", which made " + quote(picture),
			"oneiro " + p.name + " --help-all lists them"}
	}
	f, err := newFinder(picture, find)
	if err != nil {
		return nil, err
	}
	c, err := newChanged(r, given(cmd.Flags(), table), f.find)
	if err != nil {
		return nil, err
	}
	return c, f.err()
}
