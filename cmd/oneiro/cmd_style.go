package main

import (
	"oneiro/autodiff"
	"oneiro/internal/option"
	"oneiro/internal/sample"
	"oneiro/judge"
	"oneiro/nn"
	"oneiro/render"
)

func stylePipeline() *pipeline {
	shown := render.DefaultStyle(new(nn.Network)) // whose layers depend on the network
	return &pipeline{
		name:  "style",
		use:   "style [CONTENT] [STYLE...]",
		short: "Paint a photograph in the style of a painting",
		long: `Paint the picture CONTENT in the style of the pictures STYLE. Built-in pictures stand in for
those that are not given.

The built-in network works without any file. A VGG-19 with trained weights paints better:
oneiro weights --help lists the files that work.

With --regions a second picture divides CONTENT by its colours: each region may have a style of its
own, or stay a photograph. docs/regions.md shows how.

--objective and --bookmark make more of something beside the style: a painting with eyes.
docs/dreams.md says what there is.

If a face is lost, try --structure-weight 3. docs/tuning.md says what else to change when a picture is not
as it should be.`,
		example: `  oneiro style
  oneiro style photo.jpg painting.jpg -o painted.png --size 768
  oneiro style photo.jpg painting.jpg --weights vgg19.pth
  oneiro style photo.jpg painting.jpg --colors photo
  oneiro style photo.jpg painting.jpg --bookmark eyes
  oneiro style photo.jpg one.jpg other.jpg --style-blend 3,1
  oneiro style photo.jpg painting.jpg --regions labels.png --region blue=sky.jpg --region red=keep`,
		output:  "oneiro-style.png",
		reads:   true,
		tunes:   true,
		options: []optionSet{{render.StyleTable, &shown}},
		task:    styleTask,
	}
}

func styleTask(j *job, args []string, values option.Values) (*task, error) {
	o, err := render.StyleFrom(j.net, values, j.class)
	if err != nil {
		return nil, err
	}
	if o.Form == render.NeuralStyle {
		j.followNeuralStyle()
		if err := weightsOfNeuralStyle(j, values); err != nil {
			return nil, err
		}
	} else if j.Padding == "" { // which leaves less of a frame
		j.Padding = autodiff.PadReflect.String()
		j.net = j.net.WithPadding(autodiff.PadReflect)
	}
	if err := j.startPicture(&o); err != nil {
		return nil, err
	}
	if err := j.palette(&o.ColourOptions); err != nil {
		return nil, err
	}
	content, styles := contentAndStyles(args)
	if o.Content, err = j.picture(render.RoleContent, content, o.Size, sample.Landscape); err != nil {
		return nil, err
	}
	for _, path := range styles {
		s, err := j.picture(render.RoleStyle, path, o.Size, sample.Painting)
		if err != nil {
			return nil, err
		}
		o.Styles = append(o.Styles, s)
	}
	if err := j.regions(&o.RegionOptions); err != nil {
		return nil, err
	}
	if err := j.objectives(&o.AimOptions); err != nil {
		return nil, err
	}
	if err := j.cropStyles(&o); err != nil {
		return nil, err
	}
	made := judge.Pictures{Content: o.Content, Styles: judgedStyles(o.Styles, o.Blend, o.StyleScale)}
	return &task{spec: render.Style(o), recipe: render.StyleRecipe(j.net, o), made: made}, nil
}

// weightsOfNeuralStyle refuses that program's weights of the terms for the built-in network: its activations
// are so much smaller than those of a VGG in units of 1/255 that only the total variation would count, and
// the picture would be an even gray.
func weightsOfNeuralStyle(j *job, values option.Values) error {
	if j.net.Name != builtin || values["style-weight"] != "" || values["content-weight"] != "" {
		return nil
	}
	return &usageError{"the default weights of --compat neural-style-pt are for a VGG, not for the built-in network",
		"add --weights FILE (oneiro weights --help lists files), or --content-weight 5e4 --style-weight 1e6"}
}

// contentAndStyles returns the paths of pictures, empty ones for those that are missing.
func contentAndStyles(args []string) (content string, styles []string) {
	switch len(args) {
	case 0:
		return "", []string{""}
	case 1:
		return args[0], []string{""}
	}
	return args[0], args[1:]
}
