package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"oneiro/film"
	"oneiro/internal/option"
	"oneiro/internal/sample"
	"oneiro/judge"
	"oneiro/nn"
	"oneiro/render"
)

func dreamPipeline() *pipeline {
	shown := render.DefaultDream(new(nn.Network)) // whose layers depend on the network
	return &pipeline{
		name:  "dream",
		use:   "dream [PICTURE]",
		short: "Amplify what a network sees in a picture",
		long: `Change PICTURE step by step so that layers of a network respond to it more strongly
(DeepDream). A built-in picture stands in if none is given. A picture of more than 1024 pixels a
side becomes a dream of 1024, unless --size says otherwise.

Deeper layers show larger things; oneiro nets NETWORK lists them. With --class it is one of the
network's classes that is amplified. With --mask only a part of PICTURE dreams.

--objective says what to make more of, and may be given again: what another picture shows, what
PICTURE itself shows, a channel, a class, each with a weight, in a region of --regions, at some of
the sizes. docs/dreams.md shows each.

--frames makes a film that moves into the picture: --zoom, --turn and --pan say how. By the ending
of --output it is an animated PNG, a GIF, an AVI, a Y4M, or where ffmpeg is installed an MP4, or
numbered pictures in a folder. After Ctrl-C or a power failure the same command with --resume goes on.`,
		example: `  oneiro dream
  oneiro dream clouds.jpg --weights googlenet/ --size 2048
  oneiro dream clouds.jpg --weights googlenet/ --layers inception_3b/output
  oneiro dream clouds.jpg --weights googlenet/ --class daisy
  oneiro dream clouds.jpg --weights googlenet/ --objective guide=flowers.jpg:layer=inception_4c/output
  oneiro dream clouds.jpg --weights googlenet/ --objective caricature --objective content:weight=0.5
  oneiro dream clouds.jpg --bookmark eyes --objective style=painting.jpg:weight=2
  oneiro dream clouds.jpg --frames 120 --zoom 1.02 --turn 0.3 -o clouds.gif
  oneiro dream clouds.jpg --regions labels.png --objective mean:region=blue --objective l2:region=red:octaves=2-4`,
		args:    atMostOnePicture,
		output:  "oneiro-dream.png",
		reads:   true,
		options: []optionSet{{render.DreamTable, &shown}},
		task:    dreamTask,
	}
}

func dreamTask(j *job, args []string, values option.Values) (*task, error) {
	if values["class"] != "" && values["layers"] != "" {
		return nil, &usageError{"--layers cannot be combined with --class", "leave out one of the two"}
	}
	if err := readKeys(values); err != nil {
		return nil, err
	}
	o, err := render.DreamFrom(j.net, values, j.class)
	if err != nil {
		return nil, err
	}
	if o.Image, err = j.picture(render.RoleImage, first(args), o.Size, sample.Landscape); err != nil {
		return nil, err
	}
	if _, err := j.startCanvas(&o.Init, &o.CanvasOptions); err != nil {
		return nil, err
	}
	if err := j.mask(&o.MaskOptions); err != nil {
		return nil, err
	}
	if err := j.objectives(&o.AimOptions); err != nil {
		return nil, err
	}
	if err := j.divided(&o.LabelOptions); err != nil {
		return nil, err
	}
	if longer := max(o.Image.W, o.Image.H); o.Size == 0 && longer > render.DreamSize && !j.planning {
		fmt.Fprintf(j.stderr, "note: the picture has %s pixels and is dreamed at %d; --size %d keeps its size\n",
			sizeOf(o.Image), render.DreamSize, min(longer, render.MaxSize))
	}
	made := judge.Pictures{Content: o.Image}
	t := &task{spec: render.Dream(o), recipe: render.DreamRecipe(j.net, o), made: made}
	if o.Frames > 0 {
		t.film = &filmTask{frames: o.Frames, info: film.Info{Rate: film.RationalOf(o.FPS)}, passes: 1}
		t.film.start = func(render.Frames, render.Pass) (render.Filmed, error) { return render.NewFilm(j.net, o), nil }
	}
	return t, nil
}

// atMostOnePicture is the check of the arguments of commands that take one picture or none.
func atMostOnePicture(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return &usageError{cmd.Name() + " takes one picture, not " + strconv.Itoa(len(args)),
			cmd.CommandPath() + " --help shows how to use it"}
	}
	return nil
}

// first returns the first argument, or nothing if there is none.
func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}
