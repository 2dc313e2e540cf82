package main

import (
	"oneiro/internal/option"
	"oneiro/internal/sample"
	"oneiro/judge"
	"oneiro/nn"
	"oneiro/render"
)

func texturePipeline() *pipeline {
	shown, _ := render.TextureFrom(new(nn.Network), nil)
	return &pipeline{
		name: "texture", use: "texture [PAINTING]", short: "Make a texture of any size that looks like a painting",
		long: `Make a picture that looks like PAINTING everywhere and shows nothing in particular. With --tileable
it can be repeated side by side without a seam. A built-in painting stands in if none is given.

With --regions it is a picture after a sketch: each colour of the sketch is filled with what
--style-regions says is of that colour in PAINTING, or with a picture of its own (--region).`,
		example: `  oneiro texture
  oneiro texture pebbles.jpg -o pebbles.png --size 1024x512
  oneiro texture painting.jpg -o tile.png --tileable --weights vgg19.pth
  oneiro texture painting.jpg --size 768x512 --regions sketch.png --style-regions of-painting.png`,
		args: atMostOnePicture, output: "oneiro-texture.png", reads: true,
		options: []optionSet{{render.TextureTable, &shown}},
		task: func(j *job, args []string, values option.Values) (*task, error) {
			o, err := render.TextureFrom(j.net, values)
			if err != nil {
				return nil, err
			}
			painting, err := j.picture(render.RoleStyle, first(args), 0, sample.Painting)
			if err != nil {
				return nil, err
			}
			o.Styles = []*render.Picture{painting}
			if err := j.palette(&o.ColourOptions); err != nil {
				return nil, err
			}
			if err := j.regions(&o.RegionOptions); err != nil {
				return nil, err
			}
			if err := j.cropStyles(&o.StyleOptions); err != nil {
				return nil, err
			}
			made := judge.Pictures{Styles: judgedStyles(o.Styles, nil, o.Shown())}
			return &task{spec: render.Texture(o), recipe: render.TextureRecipe(j.net, o), made: made}, nil
		},
	}
}
