package main

import (
	"strconv"

	"github.com/spf13/cobra"

	"oneiro/internal/option"
	"oneiro/internal/sheet"
	"oneiro/nn"
	"oneiro/render"
	"oneiro/zoo"
)

// filtersOption shows filters instead of a run.
type filtersOption struct{ Filters string }

var filtersTable = option.Table{
	{Name: "filters", Field: "Filters", Unit: "layer",
		Help: "show the filters of this convolution, which has to be the first", Names: option.Layer,
		Changes: option.Result, Basic: true},
}.In("What to draw")

func visPipeline() *pipeline {
	shown := render.DefaultVis(new(nn.Network))
	return &pipeline{
		name:  "vis",
		use:   "vis",
		short: "Draw what part of a network responds to most",
		long: `Make a picture from noise that a channel, a layer or a class of a network responds to most
(feature visualisation). Several channels or classes give a sheet of pictures with labels.
With --filters it shows the numbers of a first convolution as they are.

--atlas LAYER draws all channels of a layer, small, on one sheet: a map of what --channels can be.
What was drawn once comes from the user's cache: after Ctrl-C the same command goes on.`,
		example: `  oneiro vis
  oneiro vis --layer relu4_1 --channel 7 --weights vgg19.pth -o c7.png
  oneiro vis --layer relu3_1 --channels 0-15 --size 96 -o sheet.png
  oneiro vis --class daisy --weights googlenet/ -o daisy.png
  oneiro vis --classes daisy,zebra,hen --weights googlenet/ -o sheet.png
  oneiro vis --atlas inception_4c/output --weights googlenet/ -o atlas.png
  oneiro vis --filters conv1_1 -o filters.png`,
		args:   noPicture,
		output: "oneiro-vis.png",
		options: []optionSet{
			{render.SelectionTable, new(render.Selection)},
			{filtersTable, new(filtersOption)},
			{render.VisTable, &shown},
		},
		task:    visTask,
		instead: showFilters,
	}
}

func noPicture(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return &usageError{"vis takes no picture: it starts from noise", "oneiro dream changes a picture"}
	}
	return nil
}

func visTask(j *job, _ []string, values option.Values) (*task, error) {
	o, err := render.VisFrom(j.net, values, j.class)
	if err != nil {
		return nil, err
	}
	if o.Atlas != "" {
		return newAtlas(j, o)
	}
	t := &task{spec: render.Vis(o), recipe: render.VisRecipe(j.net, o)}
	if len(o.Targets) > 1 {
		classes, err := classNames(j.params)
		if err != nil {
			return nil, err
		}
		names := labels(o.Targets, classes)
		t.sheet = func(pictures []*render.Picture) *render.Picture { return contactSheet(pictures, names) }
	}
	return t, nil
}

// showFilters writes a sheet of the filters of a convolution, if --filters names one.
func showFilters(j *job, values option.Values) (done bool, err error) {
	const least = 42 // pixels that a tile is wide, for its label to be readable
	layer := values["filters"]
	if layer == "" {
		delete(values, "filters") // which is no option of a run
		return false, nil
	}
	for name := range values {
		if render.SelectionTable.Lookup(name) != nil || name == "targets" {
			return true, &usageError{"--" + name + " cannot be combined with --filters", "leave out one of the two"}
		}
	}
	if j.Resume {
		return true, &usageError{"--resume cannot be combined with --filters", "leave out one of the two"}
	}
	j.output.begin(j, render.NewRecipe("vis", option.Values{"filters": layer}, 0))
	if err := j.output.check(); err != nil || j.DryRun != "" {
		return true, err
	}
	pictures, err := render.Filters(j.net, j.params, layer)
	if err != nil {
		return true, mismatch(err, j.params, j.net)
	}
	names := make([]string, len(pictures))
	for i, im := range pictures {
		names[i] = strconv.Itoa(i)
		pictures[i] = sheet.Enlarge(im, (least+im.W-1)/im.W)
	}
	return true, j.output.write(j.output.path, contactSheet(pictures, names), 0)
}

// contactSheet lays pictures out on one.
func contactSheet(pictures []*render.Picture, labels []string) *render.Picture {
	tiles := make([]sheet.Tile, len(pictures))
	for i, im := range pictures {
		tiles[i] = sheet.Tile{Label: labels[i], Picture: im}
	}
	return sheet.Draw(tiles, sheet.Columns(len(tiles)))
}

// labels says what each picture is of.
func labels(targets []render.Target, classes []zoo.Class) []string {
	out := make([]string, len(targets))
	for i, t := range targets {
		switch number := strconv.Itoa(t.Index); {
		case t.Layer == "" && t.Index < len(classes):
			out[i] = classes[t.Index].Names[0]
		case t.Layer == "":
			out[i] = "class " + number
		default:
			out[i] = number + " " + t.Layer // the number first, which must not be cut off
		}
	}
	return out
}
