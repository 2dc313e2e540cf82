package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"oneiro/internal/imageio"
	"oneiro/internal/option"
	quoting "oneiro/internal/quote"
	"oneiro/internal/sample"
	"oneiro/judge"
	"oneiro/nn"
	"oneiro/render"
)

// judgingOptions are those of score.
type judgingOptions struct {
	findOption
	engineOptions
	Content      string
	Style        []string
	StyleScale   []float64
	JudgeWeights string
	JSON         bool
}

// judgingTable has the options of judgingOptions that are its own.
var judgingTable = option.Table{
	{Name: "content", Field: "Content", Unit: "file", Help: "picture that the result shows",
		Default: "the one that the recipe names", Names: option.File, Endings: pictureEndings, Basic: true},
	{Name: "style", Field: "Style", Unit: "file", Help: "picture that it should look like; give it again for more of them",
		Default: "those that the recipe names", Names: option.File, Endings: pictureEndings, Basic: true},
	{Name: "style-scale", Field: "StyleScale", Unit: "factors",
		Help:    "size at which the style pictures are compared, relative to the result, one or one each",
		Default: "that of the recipe, or 1", Range: option.Above(0).UpTo(16)},
	judgeWeightsOption,
	{Name: "json", Field: "JSON", Help: "print JSON"},
}.In("Judging")

func newScore() *cobra.Command {
	var o judgingOptions
	var numbers strings.Builder
	for _, n := range judge.Numbers {
		unit := n.Range
		if n.Unit != "" {
			unit += " " + n.Unit
		}
		fmt.Fprintf(&numbers, "  %-8s %s\n           (%s, %s is better)\n", n.Name, n.About, unit, n.Better)
	}
	cmd := &cobra.Command{
		Use:   "score RESULT",
		Short: "Measure a result: style, content, grain, borders, colours",
		Long: `Measure RESULT, a picture that any program made, against the pictures that it was made of. Of a picture
that oneiro made these are in its recipe, and are found as oneiro again finds them.

` + numbers.String() + `
A network looks at the pictures at no more than ` + fmt.Sprint(judge.MaxSide) + ` pixels; grain and dots are measured in the result's own. A
network flatters what it made itself: judge pictures of the built-in network with another, such as
--judge-weights vgg19_16x.npz, and those of a VGG-19 with the built-in one. Numbers of one pair of content
and style can be compared, whatever made the results; those of other pairs cannot.`,
		Example: `  oneiro score painted.png
  oneiro score painted.png --judge-weights vgg19_16x.npz --json
  oneiro score theirs.jpg --content photo.jpg --style painting.jpg`,
		Args:              onePictureOfAny,
		ValidArgsFunction: completeFiles(1, pictureEndings),
		RunE:              func(cmd *cobra.Command, args []string) error { return runScore(cmd, &o, args[0]) },
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	addFlags(fs, judgingTable, &o)
	addFlags(fs, findTable, &o.findOption)
	o.kernelFlags(fs)
	addCompletions(cmd, new(modelOptions))
	return cmd
}

// onePictureOfAny is the check of the arguments of score.
func onePictureOfAny(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return &usageError{"score takes one picture", "for example: oneiro score painted.png"}
	}
	return nil
}

// scoreReport is what score prints with --json.
type scoreReport struct {
	Picture string               `json:"picture"`
	Width   int                  `json:"width"`
	Height  int                  `json:"height"`
	Judge   render.RecipeNetwork `json:"judge"`
	// Own says that the judge is the network that made the picture; nobody knows of a picture without a
	// recipe.
	Own     bool               `json:"judged_by_its_own_network"`
	Numbers map[string]float64 `json:"numbers"`
}

func runScore(cmd *cobra.Command, o *judgingOptions, picture string) error {
	if err := judgingTable.Check(o).Err(); err != nil {
		return err
	}
	im, err := imageio.Open(picture, imageio.ReadOptions{})
	if err != nil {
		return err
	}
	recipe, err := recipeIn(picture)
	if is[*imageio.NoRecipeError](err) {
		recipe, err = nil, nil
	}
	if err != nil {
		return err
	}
	made, err := o.pictures(picture, recipe)
	if err != nil {
		return err
	}
	engine, _, err := o.engineOptions.open()
	if err != nil {
		return err
	}
	defer engine.Close()
	s, err := openScoring(o.JudgeWeights, engine, new(fileHashes))
	defer s.close()
	if err != nil {
		return err
	}
	s.made, s.own = made, recipe != nil && s.isOf(&recipe.Network)
	score, err := s.measure(cmd.Context(), im)
	if err != nil {
		return err
	}
	if o.JSON {
		return writeLine(cmd.OutOrStdout(), scoreReport{picture, im.W, im.H, s.network, s.own, score.Values()})
	}
	return printScored(cmd.OutOrStdout(), &s, score)
}

func printScored(w io.Writer, s *scoring, score judge.Score) error {
	printScoreTable(w, score.Values())
	_, err := fmt.Fprintf(w, "\n%s\n", s.text())
	return err
}

// pictures returns what the result was made of: what is given, and the rest as the recipe says.
func (o *judgingOptions) pictures(picture string, r *render.Recipe) (judge.Pictures, error) {
	var made judge.Pictures
	var blend, scales []float64
	var styles []*render.Picture
	open := func(path string) (*render.Picture, error) { return imageio.Open(path, imageio.ReadOptions{}) }
	if r != nil && (o.Content == "" || len(o.Style) == 0) {
		found, err := o.recorded(picture, r)
		if err != nil {
			return made, err
		}
		for i, in := range r.Inputs {
			switch in.Role {
			case render.RoleContent, render.RoleImage:
				made.Content = found[i]
			case render.RoleStyle:
				styles = append(styles, found[i])
			}
		}
		if len(o.Style) == 0 {
			if styles, blend, scales, err = shownStyles(r, styles); err != nil {
				return made, err
			}
		}
	}
	var err error
	if o.Content != "" {
		if made.Content, err = open(o.Content); err != nil {
			return made, err
		}
	}
	if len(o.Style) > 0 {
		styles, blend, scales = nil, nil, nil
		for _, path := range o.Style {
			im, err := open(path)
			if err != nil {
				return made, err
			}
			styles = append(styles, im)
		}
	}
	if len(o.StyleScale) > 0 {
		scales = o.StyleScale
	}
	if n := len(scales); n > 1 && n != len(styles) {
		return made, &usageError{fmt.Sprintf("--style-scale has %s for %s", quoting.Count(n, "factor"),
			quoting.Count(len(styles), "style picture")), "give one factor, or one for each"}
	}
	made.Styles = judgedStyles(styles, blend, scales)
	if made.Content == nil && len(styles) == 0 {
		return made, &usageError{quote(picture) + " does not say what it was made of",
			"name the pictures: --content photo.jpg --style painting.jpg"}
	}
	return made, nil
}

// recorded returns the inputs of a recipe, but for those in whose place others are given.
func (o *judgingOptions) recorded(picture string, r *render.Recipe) ([]*render.Picture, error) {
	f, err := newFinder(picture, o.Find)
	if err != nil {
		return nil, err
	}
	all := make([]*render.Picture, len(r.Inputs))
	for i, in := range r.Inputs {
		style, content := in.Role == render.RoleStyle, in.Role == render.RoleContent || in.Role == render.RoleImage
		switch {
		case !style && !content || style && len(o.Style) > 0 || content && o.Content != "": // not needed
		case in.Name == "":
			draw := sample.Landscape
			if style {
				draw = sample.Painting
			}
			if max(in.Width, in.Height) > render.MaxSize || min(in.Width, in.Height) < 1 {
				return nil, &render.RecipeError{Problem: "a built-in picture has an impossible size"}
			}
			all[i] = imageio.Deferred(in.Width, in.Height, drawing{in.Width, in.Height, draw})
		default:
			path := f.find(wantedFile{string(in.Role), in.Name, in.SHA256, in.Bytes})
			if path == "" {
				continue
			}
			if all[i], err = imageio.Open(path, imageio.ReadOptions{}); err != nil {
				return nil, err
			}
		}
	}
	err = f.err()
	if missing, ok := errors.AsType[*missingError](err); ok {
		missing.score = true
	}
	return all, err
}

// shownStyles returns the style pictures of a recipe as they were shown, how much they count and at which
// scale.
func shownStyles(r *render.Recipe, styles []*render.Picture) (
	_ []*render.Picture, blend, scales []float64, err error,
) {
	net, err := nn.Get(r.Network.Name)
	if err != nil {
		return nil, nil, nil, err
	}
	switch r.Command {
	case "style":
		o, err := r.Style(net, strconv.Atoi) // which numbers classes
		if err != nil {
			return nil, nil, nil, err
		}
		o.Styles = styles
		_, err = o.CropStyles(0)
		return o.Styles, o.Blend, o.StyleScale, err
	case "texture":
		o, err := r.Texture(net)
		if err != nil {
			return nil, nil, nil, err
		}
		if o.Styles = styles; len(styles) == 0 {
			return nil, nil, nil, nil
		}
		_, err = o.CropStyles(0)
		return o.Styles, nil, o.Shown(), err
	}
	return styles, nil, nil, nil
}
