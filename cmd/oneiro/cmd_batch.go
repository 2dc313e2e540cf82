package main

import (
	"math"
	"strings"

	"github.com/spf13/cobra"

	"oneiro/internal/option"
)

// batchOptions are what a batch takes beside the options of its command.
type batchOptions struct {
	Styles       []string
	Jobs         int
	Shard        shard
	SkipExisting bool
}

// batchTable has the options of batchOptions.
var batchTable = option.Table{
	{Name: "styles", Field: "Styles", Unit: "file or folder",
		Help:  "the paintings: each photograph is painted in the style of each; give it again for more of them",
		Names: option.File, Endings: pictureEndings, Basic: true},
	{Name: "skip-existing", Field: "SkipExisting", Basic: true,
		Help: "leave out pictures that are there already, made of the same inputs with the same options"},
	{Name: "jobs", Field: "Jobs", Unit: "number", Basic: true,
		Help:  "pictures to make at the same time, which share the threads: many small ones take less time so",
		Range: option.Between(1, 256)},
	{Name: "shard", Field: "Shard", Unit: "part", Basic: true,
		Help: "make only every so many picture, such as 2/5 for the second of 5 computers"},
}.In("Batch")

func newBatch() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "batch",
		Short: "Make many pictures: every photograph in every style",
		Long: `Make many pictures with one command: each photograph in the style of each painting (batch style), or a
dream or a texture of each picture (batch dream, batch texture). A folder stands for the pictures in
it, in the order of their names. All options of the command work.

--output is a name with {content} and {style} in it, which become the names of the pictures without
their endings; its folder is made. Names that would be the same are refused before the start.

A picture that fails does not stop the others. The exit code is 3 then, and the end lists what failed.
After Ctrl-C, a crash or a power failure the same command with --skip-existing makes what is missing:
pictures appear whole or not at all, and one counts as there only if the recipe in it is the same.`,
		Example: `  oneiro batch style photos/ --styles paintings/ -o out/{content}-{style}.png
  oneiro batch style photos/ --styles wave.jpg --size 768 -o out/{content}.jpg --skip-existing
  oneiro batch dream photos/ --weights googlenet/ -o dreams/{content}.png --jobs 2
  oneiro batch style photos/ --styles paintings/ -o out/{style}/{content}.png --shard 2/5`,
		Args: subcommands,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	for _, kind := range batchKinds() {
		cmd.AddCommand(kind.command())
	}
	return cmd
}

// batchKind is a pipeline of which there are batches.
type batchKind struct {
	pipeline     *pipeline
	use, example string
	fields       []string // of the output's name, for the arguments and for --styles
}

// batchKinds returns the pipelines of which there are batches.
func batchKinds() []batchKind {
	return []batchKind{
		{stylePipeline(), "style PHOTO... --styles PAINTING",
			"  oneiro batch style photos/ --styles paintings/ -o out/{content}-{style}.png", []string{"content", "style"}},
		{texturePipeline(), "texture PAINTING...",
			"  oneiro batch texture paintings/ -o out/{style}.png --tileable", []string{"style"}},
		{dreamPipeline(), "dream PHOTO...",
			"  oneiro batch dream photos/ -o out/{content}.png --weights googlenet/", []string{"content"}},
	}
}

func (k batchKind) command() *cobra.Command {
	var b batchOptions
	p := k.pipeline
	named := make([]string, len(k.fields))
	for i, f := range k.fields {
		named[i] = "{" + f + "}"
	}
	cmd := &cobra.Command{
		Use: k.use, Short: p.short + ", for many",
		Long: p.short + `, for many. A folder stands for the pictures in it.
--output has ` + strings.Join(named, " and ") + ` in it, for the pictures' names without their endings.
oneiro batch --help says more, and oneiro ` + p.name + ` --help what the options do.`,
		Example:           k.example,
		ValidArgsFunction: completeFiles(math.MaxInt, pictureEndings),
	}
	fs := cmd.Flags()
	b.Jobs = 1
	table := batchTable
	if len(k.fields) == 1 {
		table = table.Without("styles")
	}
	addFlags(fs, table, &b)
	o := new(jobOptions)
	p.flags(fs, o)
	out := fs.Lookup("output")
	out.DefValue, out.Usage = "", "pictures to write, .png, .jpg or .tif, with "+strings.Join(named, " and ")+" in the name"
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return runBatch(cmd, k, b, *o, args) }
	addHelpAll(cmd)
	addCompletions(cmd, &o.modelOptions)
	return cmd
}
