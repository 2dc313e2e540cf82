package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/render"
	"oneiro/zoo"
)

// classifyOptions are the options of classify.
type classifyOptions struct {
	modelOptions
	engineOptions
	Fit render.Fit
	inputOptions
	picture string
	top     int
	json    bool
}

// fitTable has the option Fit of classifyOptions.
var fitTable = option.Table{
	{Name: "fit", Field: "Fit", Unit: "fit",
		Help: "what the network is shown: crop is the square in the middle, squeeze is all of the picture made square, " +
			"multi is squares along the longer side and all of it, averaged",
		Choices: fits()},
}.In("Picture")

func fits() []string {
	var all []string
	for _, f := range render.Fits {
		all = append(all, string(f))
	}
	return all
}

func newClassify() *cobra.Command {
	o := classifyOptions{Fit: render.FitMulti}
	cmd := &cobra.Command{
		Use:   "classify PICTURE",
		Short: "Classify a picture",
		Long: `Show PICTURE to a network, and print the most probable classes. Their names come with the
weights, in the file or in synset_words.txt next to it; those of ImageNet are built in. Without
--weights, the network knows only the motifs of oneiro train sheet.

A network sees squares. Of 28 test pictures (seven photographs, each by itself and at the left,
right and top of a sky), GoogLeNet recognised 21 with --fit multi, the default, 13 with squeeze
and 11 with crop. The other two are faster: multi looks up to ten times.`,
		Example: `  oneiro classify cat.jpg --weights googlenet/
  oneiro classify cat.jpg --weights vgg19.pth --top 10`,
		ValidArgsFunction: completeFiles(1, pictureEndings),
		Args:              exactlyOne("picture"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.picture = args[0]
			return runClassify(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	o.modelOptions.flags(fs)
	addFlags(fs, fitTable, &o)
	fs.IntVar(&o.top, "top", 5, "`NUMBER` of classes to print")
	fs.BoolVar(&o.json, "json", false, "print JSON")
	addFlags(fs, engineTable.Without("scratch"), &o.engineOptions)
	addFlags(fs, inputTable.Without("profile"), &o.inputOptions)
	addCompletions(cmd, &o.modelOptions)
	return cmd
}

// maxTop is more than any network has classes.
const maxTop = 1_000_000

// guess is a class in JSON.
type guess struct {
	Class       int      `json:"class"`
	ID          string   `json:"id,omitempty"`
	Names       []string `json:"names,omitempty"`
	Probability float64  `json:"probability"`
}

func runClassify(ctx context.Context, o classifyOptions, w, stderr io.Writer) error {
	if o.top < 1 || o.top > maxTop {
		return &usageError{fmt.Sprintf("--top must be 1 to %d, not %d", maxTop, o.top), "for example: --top 5"}
	}
	if err := fitTable.Check(&o).Err(); err != nil {
		return err
	}
	if err := checkPaths([]string{o.picture}); err != nil {
		return err
	}
	paths, _, remove, err := spool([]string{o.picture}, os.Stdin)
	defer remove()
	if err != nil {
		return err
	}
	o.picture = paths[0]
	net, err := o.network()
	if err != nil {
		return err
	}
	if err := o.modelOptions.check(net); err != nil {
		return err
	}
	engine, _, err := o.engineOptions.open()
	if err != nil {
		return err
	}
	defer engine.Close()
	im, err := imageio.Open(o.picture, o.within(o.reading()))
	if err != nil {
		return err
	}
	file, err := o.modelOptions.open()
	if err != nil {
		return err
	}
	defer file.Close()
	classes, err := classNames(file)
	if err != nil {
		return err
	}
	if o.Weights == "" {
		fmt.Fprintln(stderr, onlyMotifs(len(classes)))
	}
	all, err := render.Classify(ctx,
		render.ClassifyOptions{Network: net, Params: file, Image: im, Fit: o.Fit, Engine: engine})
	if is[*render.NonFiniteError](err) {
		return fmt.Errorf("%s: %w", cmp.Or(o.Weights, "the built-in weights"), err)
	}
	if err != nil {
		return mismatch(err, file, net)
	}
	for _, text := range append(prefixed(base(o.picture), im.Warnings), o.modelOptions.facts(file)...) {
		printWarning(stderr, text)
	}
	var best []guess
	for _, p := range all[:min(o.top, len(all))] {
		best = append(best, guessOf(p, classes))
	}
	if o.json {
		return writeLine(w, best)
	}
	t := newTable(w)
	for _, g := range best {
		row(t, fmt.Sprintf("%.2f %%", 100*g.Probability), g.Class, strings.Join(allShown(g.Names), ", "))
	}
	return t.Flush()
}

// guessOf names what a network has predicted.
func guessOf(p render.Prediction, classes []zoo.Class) guess {
	g := guess{Class: p.Class, Probability: p.Probability}
	if p.Class < len(classes) {
		g.ID, g.Names = classes[p.Class].ID, classes[p.Class].Names
	}
	return g
}

// onlyMotifs warns of what the built-in network makes of photographs.
func onlyMotifs(classes int) string {
	return fmt.Sprintf("note: the built-in network knows only the %d motifs that oneiro train sheet draws; "+
		"for photographs pass --weights FILE, see oneiro weights --help", classes)
}
