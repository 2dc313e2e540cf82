package main

import (
	"context"
	"fmt"
	"image"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/internal/sample"
	"oneiro/render"
)

// channelsOptions are the options of channels.
type channelsOptions struct {
	modelOptions
	engineOptions
	inputOptions
	Layers  []string
	Box     string
	Size    int
	Top     int
	picture string
	json    bool
}

// channelsTable has the options of channelsOptions that are its own.
var channelsTable = option.Table{
	{Name: "box", Field: "Box", Unit: "x,y,w,h",
		Help: "the part of the picture that counts, in pixels, such as 120,80,64,64"},
	{Name: "layers", Field: "Layers", Unit: "layers", Help: "layers whose channels are compared",
		Default: "those with the outputs of modules, or the deeper half", Names: option.Layer},
	{Name: "size", Field: "Size", Unit: "pixels", Help: "longer side at which the network is shown the picture",
		Default: "such that the picture, or the box, is as large as what it was trained on",
		Range:   option.Between(0, render.MaxSize)},
	{Name: "top", Field: "Top", Unit: "number", Help: "channels and classes to print",
		Range: option.Between(1, maxTop)},
}.In("Picture")

func newChannels() *cobra.Command {
	o := channelsOptions{Top: 10}
	cmd := &cobra.Command{
		Use:   "channels PICTURE",
		Short: "Find the channels that answer to a picture: names for dream and vis",
		Long: `Show PICTURE to a network, and print which channels of its layers answer to it most, or to a part
of it (--box), and which classes. Compared are the means of each channel: how many times as strong
it is there as in the rest of PICTURE and in two built-in pictures.

What is printed can be dreamed of: oneiro dream --objective channel=412:layer=inception_4d/output.`,
		Example: `  oneiro channels cat.jpg --weights googlenet/
  oneiro channels cat.jpg --weights googlenet/ --box 320,180,60,40 --layers inception_4c/output`,
		ValidArgsFunction: completeFiles(1, pictureEndings),
		Args:              exactlyOne("picture"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.picture = args[0]
			return runChannels(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	addFlags(fs, channelsTable, &o)
	o.modelOptions.flags(fs)
	fs.BoolVar(&o.json, "json", false, "print JSON")
	addFlags(fs, engineTable.Without("scratch"), &o.engineOptions)
	addFlags(fs, inputTable.Without("profile"), &o.inputOptions)
	addCompletions(cmd, &o.modelOptions)
	return cmd
}

// answering is what channels prints as JSON.
type answering struct {
	Channels []channelAnswer `json:"channels"`
	Classes  []guess         `json:"classes"`
}

type channelAnswer struct {
	Layer   string  `json:"layer"`
	Channel int     `json:"channel"`
	Mean    float64 `json:"mean"`
	Times   float64 `json:"times"`
}

// parseBox reads x,y,w,h; empty text is the zero box.
func parseBox(text string) (b render.Box, err error) {
	if text == "" {
		return b, nil
	}
	parts := strings.Split(text, ",")
	for i, to := range []*int{&b.X, &b.Y, &b.W, &b.H} {
		if err == nil && len(parts) == 4 {
			*to, err = strconv.Atoi(strings.TrimSpace(parts[i]))
		}
	}
	if err != nil || len(parts) != 4 || b == (render.Box{}) {
		return b, &usageError{"--box must be x,y,width,height in pixels, not " + quote(text),
			"for example: --box 120,80,64,64"}
	}
	return b, nil
}

func runChannels(ctx context.Context, o channelsOptions, w, stderr io.Writer) error {
	if err := channelsTable.Check(&o).Err(); err != nil {
		return err
	}
	if err := checkPaths([]string{o.picture}); err != nil {
		return err
	}
	box, err := parseBox(o.Box)
	if err != nil {
		return err
	}
	paths, _, remove, err := spool([]string{o.picture}, os.Stdin)
	defer remove()
	if err != nil {
		return err
	}
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
	open := func() (*imageio.Image, error) { return imageio.Open(paths[0], o.within(o.reading())) }
	im, err := open()
	if err != nil {
		return err
	}
	file, err := o.modelOptions.open()
	if err != nil {
		return err
	}
	defer file.Close()
	const side = 256 // of the pictures to compare with
	all, err := render.Channels(ctx, render.ChannelsOptions{Network: net, Params: file, Image: im, Box: box,
		Layers: o.Layers, Size: o.Size, Engine: engine,
		Others: []*render.Picture{sample.Landscape(side, side, sampleSeed), sample.Painting(side, side, sampleSeed)}})
	if err != nil {
		return mismatch(err, file, net)
	}
	found := answering{Channels: []channelAnswer{}, Classes: []guess{}}
	for _, a := range all[:min(o.Top, len(all))] {
		found.Channels = append(found.Channels, channelAnswer(a))
	}
	if net.Classes > 0 && net.Classifier() != "" {
		if im, err = open(); err != nil {
			return err
		}
		fit := render.FitMulti
		if box != (render.Box{}) {
			fit = render.FitSqueeze
			im = imageio.Cropped(im, image.Rect(box.X, box.Y, box.X+box.W, box.Y+box.H))
		}
		classes, err := classNames(file)
		if err != nil {
			return err
		}
		best, err := render.Classify(ctx,
			render.ClassifyOptions{Network: net, Params: file, Image: im, Fit: fit, Engine: engine})
		if err != nil {
			return mismatch(err, file, net)
		}
		for _, p := range best[:min(o.Top, len(best))] {
			found.Classes = append(found.Classes, guessOf(p, classes))
		}
	}
	for _, text := range append(prefixed(base(o.picture), im.Warnings), o.modelOptions.facts(file)...) {
		printWarning(stderr, text)
	}
	if o.json {
		return writeLine(w, found)
	}
	return found.print(w)
}

// print prints two tables.
func (a *answering) print(w io.Writer) error {
	t := newTable(w)
	for _, c := range a.Channels {
		row(t, fmt.Sprintf("%.1f times", c.Times), fmt.Sprintf("channel=%d:layer=%s", c.Channel, c.Layer))
	}
	for _, g := range a.Classes {
		row(t, fmt.Sprintf("%.2f %%", 100*g.Probability), fmt.Sprintf("class=%d", g.Class),
			strings.Join(allShown(g.Names), ", "))
	}
	return t.Flush()
}
