package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"oneiro/internal/atomicfile"
	"oneiro/internal/imageio"
	"oneiro/internal/option"
	quoting "oneiro/internal/quote"
	"oneiro/internal/sheet"
	"oneiro/judge"
	"oneiro/render"
)

// tuneOptions say how settings are chosen.
type tuneOptions struct{ Tune, Pick int }

// mostVariants is the largest number of variants.
const mostVariants = 64

// tuneTable has the options of tuneOptions.
var tuneTable = option.Table{
	{Name: "tune", Field: "Tune", Unit: "number",
		Help: "first try so many settings at 256 pixels, show them on a contact sheet and go on with the best",
		Zero: "turns it off", Range: option.Between(2, mostVariants)},
	{Name: "pick", Field: "Pick", Unit: "number", Help: "go on with that of the variants that --tune tries or has tried",
		Zero:  "takes the one that is nearest to all of the style and all of the content",
		Range: option.Between(1, mostVariants)},
}.In("Choosing settings")

// Variants are made cheaply.
const (
	variantSize       = 256
	variantIterations = 50
)

// variant is one of the settings that are tried.
type variant struct {
	number  int // from 1
	options option.Values
	path    string
	picture *imageio.Image
	score   judge.Score
	// distance is judge.Score.Distance.
	distance float64
	// front says that no other variant is better in both style and content.
	front bool
}

// variantEvent is a line of --json about a variant.
type variantEvent struct {
	Event    string             `json:"event"` // "variant"
	Number   int                `json:"number"`
	Options  option.Values      `json:"options"` // beside the defaults
	Output   string             `json:"output"`
	Numbers  map[string]float64 `json:"numbers"`
	Distance number             `json:"distance"`
}

// tunedEvent is the line of --json that says what was chosen.
type tunedEvent struct {
	Event   string        `json:"event"` // "tuned"
	Sheet   string        `json:"sheet"`
	Front   []int         `json:"front"` // numbers of variants
	Picked  int           `json:"picked"`
	Options option.Values `json:"options"`
}

// tuned returns the options that the run goes on with: those of the variant that is picked, or the best.
func (j *job) tuned(ctx context.Context, p *pipeline, args []string, given option.Values) (option.Values, error) {
	if err := append(jobTable.Check(&j.jobOptions), tuneTable.Check(&j.tuneOptions)...).Err(); err != nil {
		return nil, err
	}
	if j.Output == stream {
		return nil, &usageError{"--tune cannot be combined with --output -: it makes a folder beside the output",
			"name a file"}
	}
	list, err := choices(j.net, given, j.class, j.Tune)
	if err != nil {
		return nil, err
	}
	if len(list) < j.Tune {
		fmt.Fprintf(j.stderr, "note: there are no more than %s to try\n", quoting.Count(len(list), "variant"))
	}
	if j.Pick > len(list) {
		return nil, &usageError{fmt.Sprintf("--pick %d is not one of the %s", j.Pick, quoting.Count(len(list), "variant")),
			"choose a number on the contact sheet"}
	}
	if j.Pick > 0 {
		return list[j.Pick-1], nil
	}
	t := &tuning{job: j, pipeline: p, args: args, given: given,
		folder: strings.TrimSuffix(j.Output, filepath.Ext(j.Output)) + "-tune"}
	return t.run(ctx, list)
}

// tuning tries variants.
type tuning struct {
	*job
	pipeline *pipeline
	args     []string
	given    option.Values
	folder   string
	scoring  scoring
	// reference is what the judge sees in the pictures that all variants are made of. The styles have the
	// scale that is given: a variant with another is compared with what was asked for.
	reference *judge.Reference
	untouched float64
}

// run makes the variants, draws the contact sheet and returns the options of the best.
func (t *tuning) run(ctx context.Context, list []option.Values) (option.Values, error) {
	if err := os.MkdirAll(t.folder, 0o777); err != nil {
		return nil, &atomicfile.Error{Path: t.folder, Err: err}
	}
	if err := t.openEngine(&t.engineOptions); err != nil {
		return nil, err
	}
	var err error
	t.scoring, err = openScoring(t.JudgeWeights, t.engine, t.hashes)
	defer t.scoring.close()
	if err != nil {
		return nil, err
	}
	if _, shared := t.tensors.(*sharedParams); !shared {
		t.tensors = &sharedParams{params: t.params, read: map[string][]float32{}}
	}
	fmt.Fprintf(t.stderr, "trying %s at no more than %d pixels, into %s\n", quoting.Count(len(list), "variant"), variantSize,
		shown(t.folder))
	variants := make([]*variant, len(list))
	for i, options := range list {
		v := &variant{number: i + 1, options: options, path: filepath.Join(t.folder, fmt.Sprintf("%02d.png", i+1))}
		if err := t.make(ctx, v); err != nil {
			return nil, err
		}
		fmt.Fprintf(t.stderr, "%2d/%d  style %.3f, content %.3f, distance %.3f  %s\n", v.number, len(list), v.score.Style,
			v.score.Content, v.distance, t.text(v))
		if t.JSON {
			if err := writeLine(t.stdout, variantEvent{"variant", v.number, v.options, v.path, v.score.Values(),
				number(v.distance)}); err != nil {
				return nil, err
			}
		}
		variants[i] = v
	}
	markFront(variants)
	best := slices.MinFunc(variants, func(a, b *variant) int { return cmp.Compare(a.distance, b.distance) })
	path := filepath.Join(t.folder, "sheet.png")
	if err := imageio.Write(path, t.sheetOf(variants, best), imageio.Meta{}); err != nil {
		return nil, err
	}
	fmt.Fprintf(t.stderr, "variant %d is the best: %s; %s shows all, --pick takes another\n%s\n\n", best.number,
		t.text(best), shown(path), t.scoring.text())
	if t.JSON {
		e := tunedEvent{"tuned", path, []int{}, best.number, best.options}
		for _, v := range variants {
			if v.front {
				e.Front = append(e.Front, v.number)
			}
		}
		if err := writeLine(t.stdout, e); err != nil {
			return nil, err
		}
	}
	return best.options, nil
}

// make makes the picture of a variant, unless it is there already, and measures it.
func (t *tuning) make(ctx context.Context, v *variant) error {
	j, values, err := t.small(v)
	if err != nil {
		return err
	}
	defer j.checkpoints.close()
	task, err := j.describe(t.pipeline, t.args, values)
	if err != nil {
		return err
	}
	if !j.output.has(v.path) {
		if err := j.plan(task); err != nil {
			return err
		}
		if err := j.run(ctx); err != nil {
			return err
		}
	}
	if v.picture, err = imageio.Read(v.path); err != nil {
		return err
	}
	recipe := j.output.complete()
	t.scoring.own = t.scoring.isOf(&recipe.Network)
	if t.reference == nil { // the first variant is as given
		if t.reference, err = t.scoring.judge.Reference(ctx, v.picture.W, v.picture.H, task.made); err != nil {
			return err
		}
		t.untouched = t.reference.Untouched()
	}
	if v.score, err = t.reference.Score(ctx, v.picture); err != nil {
		return err
	}
	v.distance = v.score.Distance(t.untouched)
	return nil
}

// small returns the job of a variant.
func (t *tuning) small(v *variant) (*job, option.Values, error) {
	o := new(jobOptions)
	cmd := t.pipeline.commandWith(o)
	*o = t.jobOptions
	o.Tune, o.Score, o.Resume, o.SaveEvery, o.resumed, o.Depth = 0, false, false, 0, nil, ""
	o.Output, o.Quiet, o.JSON, o.StripRecipe, o.Checkpoint = v.path, true, false, false, never
	fs := cmd.Flags()
	if err := fs.Set("output", v.path); err != nil {
		return nil, nil, err
	}
	j := &job{jobOptions: *o, fs: fs, stdout: io.Discard, stderr: io.Discard, resources: t.resources, spooled: t.spooled}
	values := option.Values{}
	for name, value := range v.options {
		values[name] = value
	}
	base, err := render.StyleFrom(t.net, t.given, t.class)
	if err != nil {
		return nil, nil, err
	}
	if base.Size == 0 || base.Size > variantSize {
		values["size"] = strconv.Itoa(variantSize)
	}
	values["iterations"] = strconv.Itoa(min(base.Iterations, variantIterations))
	return j, values, nil
}

// text says in what a variant differs from what is given.
func (t *tuning) text(v *variant) string {
	var words []string
	for _, a := range axes {
		if value, is := v.options[a.option]; is && t.given[a.option] != value {
			words = append(words, "--"+a.option+" "+value)
		}
	}
	if len(words) == 0 {
		return "the settings as given"
	}
	return strings.Join(words, " ")
}

// markFront marks the variants than which no other is better in one of style and content and as good in the
// other: the Pareto front.
func markFront(variants []*variant) {
	for _, v := range variants {
		v.front = !slices.ContainsFunc(variants, func(o *variant) bool {
			a, b := o.score, v.score
			return a.Style <= b.Style && a.Content <= b.Content && (a.Style < b.Style || a.Content < b.Content)
		})
	}
}

// sheetOf draws the contact sheet: what the variants are made of, and the variants, with a star for those
// of the front.
func (t *tuning) sheetOf(variants []*variant, best *variant) *imageio.Image {
	var tiles []sheet.Tile
	for _, v := range variants {
		label := fmt.Sprintf("%d", v.number)
		if v.front {
			label += "*"
		}
		if v == best {
			label += " best"
		}
		label += fmt.Sprintf(": style %.3f, content %.3f, %s", v.score.Style, v.score.Content, t.text(v))
		tiles = append(tiles, sheet.Tile{Label: label, Picture: v.picture.OnWhite()})
	}
	return sheet.Draw(tiles, sheet.Columns(len(tiles)))
}
