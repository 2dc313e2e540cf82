package main

import (
	"strconv"

	"github.com/spf13/cobra"

	"oneiro/autodiff"
	"oneiro/internal/option"
	"oneiro/internal/sample"
	"oneiro/nn"
	"oneiro/render"
)

func filmPipeline() *pipeline {
	shown := render.DefaultStyleFilm(new(nn.Network)) // whose layers depend on the network
	return &pipeline{
		name:  "film",
		use:   "film [CLIP] [STYLE...]",
		short: "Paint a film in the style of a painting, without flicker",
		long: `Paint the frames of CLIP in the style of the pictures STYLE. Strokes stick to what they are
painted on: each frame begins as the frames before have become by now, found by optical flow, and
is held to them. A built-in clip and a built-in painting stand in for what is not given.

CLIP is a folder of pictures, numbered pictures such as frame_%04d.png, an animated GIF, PNG or
WebP, a Y4M, or an AVI with JPEGs; or any other film if the program ffmpeg is installed. The output
is an animated PNG, a GIF, a Y4M or an AVI by the ending of --output, a folder, numbered pictures,
or, with ffmpeg, an MP4, MOV, WebM or MKV. Sound goes along where the kind of file can have it. - is
a Y4M on the standard input or output.

After Ctrl-C or a power failure the same command with --resume goes on.

oneiro film dream lets a network dream in a film.`,
		example: `  oneiro film -o painted.gif
  oneiro film clip.mp4 painting.jpg -o painted.mp4
  oneiro film frames/ painting.jpg -o painted.gif --fps 12
  oneiro film clip.gif painting.jpg -o painted.png --colors photo
  oneiro film clip.mp4 painting.jpg -o painted/ --range 1-48 --passes 2
  ffmpeg -i clip.mp4 -f yuv4mpegpipe - | oneiro film - painting.jpg -o - | ffmpeg -i - painted.mp4`,
		output:  "oneiro-film.png",
		reads:   true,
		films:   true,
		options: []optionSet{{render.StyleFilmTable, &shown}},
		task:    filmStyleTask,
	}
}

func filmDreamPipeline() *pipeline {
	shown := render.DefaultDreamFilm(new(nn.Network))
	return &pipeline{
		name:  "film dream",
		use:   "dream [CLIP]",
		short: "Let a network dream in a film, without flicker",
		long: `Amplify what a network sees in the frames of CLIP (DeepDream). What is dreamed sticks to what it
is dreamed into: it is moved along by optical flow, and fades by --decay. oneiro film --help says
what CLIP and --output may be, oneiro dream --help what --objective and --keys do.`,
		example: `  oneiro film dream clip.mp4 -o dreamed.mp4
  oneiro film dream frames/ -o dreamed.gif --weights googlenet/ --bookmark eyes`,
		args:    atMostOneClip,
		output:  "oneiro-film.png",
		reads:   true,
		films:   true,
		options: []optionSet{{render.DreamFilmTable, &shown}},
		task:    filmDreamTask,
	}
}

// atMostOneClip is the check of the arguments of commands that take one clip or none.
func atMostOneClip(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return &usageError{cmd.CommandPath() + " takes one clip, not " + strconv.Itoa(len(args)),
			cmd.CommandPath() + " --help shows how to use it"}
	}
	return nil
}

func filmStyleTask(j *job, args []string, values option.Values) (*task, error) {
	o, err := render.StyleFilmFrom(j.net, values, j.class)
	if err != nil {
		return nil, err
	}
	if j.Padding == "" { // as for a picture
		j.Padding = autodiff.PadReflect.String()
		j.net = j.net.WithPadding(autodiff.PadReflect)
	}
	if err := j.palette(&o.ColourOptions); err != nil {
		return nil, err
	}
	var clip *source
	if clip, o.Content, err = j.openClip(render.RoleContent, args, o.Size, &o.ClipOptions); err != nil {
		return nil, err
	}
	err = clip.movingRegions(j, &o.LabelOptions, o.Range)
	if err == nil {
		err = j.filmStyles(&o, args[min(1, len(args)):])
	}
	if err != nil {
		clip.close()
		return nil, err
	}
	t := clipTask(clip, &o.ClipOptions, o.Passes)
	recipe := render.StyleFilmRecipe(j.net, o)
	t.start = func(frames render.Frames, pass render.Pass) (render.Filmed, error) {
		return render.NewStyleFilm(j.net, o, frames, pass)
	}
	return &task{spec: render.Style(o.StyleOptions), recipe: recipe, film: t}, nil
}

// filmStyles opens the pictures of a film beside its clip.
func (j *job) filmStyles(o *render.StyleFilmOptions, styles []string) error {
	if len(styles) == 0 {
		styles = []string{""}
	}
	for _, path := range styles {
		s, err := j.picture(render.RoleStyle, path, o.Size, sample.Painting)
		if err != nil {
			return err
		}
		o.Styles = append(o.Styles, s)
	}
	if err := j.regions(&o.RegionOptions); err != nil {
		return err
	}
	if err := j.objectives(&o.AimOptions); err != nil {
		return err
	}
	return j.cropStyles(&o.StyleOptions)
}

func filmDreamTask(j *job, args []string, values option.Values) (*task, error) {
	if values["class"] != "" && values["layers"] != "" {
		return nil, &usageError{"--layers cannot be combined with --class", "leave out one of the two"}
	}
	if err := readKeys(values); err != nil {
		return nil, err
	}
	o, err := render.DreamFilmFrom(j.net, values, j.class)
	if err != nil {
		return nil, err
	}
	var clip *source
	if clip, o.Image, err = j.openClip(render.RoleImage, args, o.Size, &o.ClipOptions); err != nil {
		return nil, err
	}
	if err := j.dreamsBeside(clip, &o); err != nil {
		clip.close()
		return nil, err
	}
	recipe := render.DreamFilmRecipe(j.net, o)
	t := clipTask(clip, &o.ClipOptions, 1)
	t.start = func(frames render.Frames, _ render.Pass) (render.Filmed, error) {
		return render.NewDreamFilm(j.net, o, frames)
	}
	return &task{spec: render.Dream(o.DreamOptions), recipe: recipe, film: t}, nil
}

// dreamsBeside opens the pictures of a film of dreams beside its clip.
func (j *job) dreamsBeside(clip *source, o *render.DreamFilmOptions) error {
	if err := clip.movingMask(j, &o.MaskOptions, o.Range); err != nil {
		return err
	}
	if err := j.mask(&o.MaskOptions); err != nil {
		return err
	}
	if err := j.objectives(&o.AimOptions); err != nil {
		return err
	}
	if err := clip.movingRegions(j, &o.LabelOptions, o.Range); err != nil {
		return err
	}
	return j.divided(&o.LabelOptions)
}
