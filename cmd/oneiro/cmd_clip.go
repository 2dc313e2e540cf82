package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"oneiro/film"
	"oneiro/internal/imageio"
	"oneiro/internal/option"
)

// clipOptions are those of clip.
type clipOptions struct {
	Output string
	Frame  int
	Size   int
	Memory byteSize
}

var clipTable = option.Table{
	{Name: "output", Field: "Output", Unit: "file", Help: "picture to write a frame to", Names: option.File,
		Endings: pictureEndings, Basic: true},
	{Name: "frame", Field: "Frame", Unit: "number", Help: "which frame, counted from 1", Range: option.Between(1, 10_000_000),
		Basic: true},
	{Name: "size", Field: "Size", Unit: "pixels", Help: "longer side of the picture, at most; 0 is that of the clip",
		Range: option.Between(0, 100_000), Basic: true},
	{Name: "memory", Field: "Memory", Unit: "amount", Help: "how much memory a frame may take"},
}.In("Clip")

func newClip() *cobra.Command {
	o := clipOptions{Frame: 1}
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "clip CLIP",
		Short: "Say what is in a film, or take a frame out of it",
		Long: `Say how large the frames of CLIP are, how many there are, and how fast they follow one another. CLIP is
whatever oneiro film takes. One frame is always read, so that a clip of which this says something can be
made into a film; --output saves that frame.`,
		Example: `  oneiro clip clip.mp4
  oneiro clip clip.gif --frame 12 -o frame.png`,
		ValidArgsFunction: completeFiles(1, slices.Concat(pictureEndings, film.Endings)),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{"clip takes a clip", "for example: oneiro clip clip.mp4"}
			}
			return atMostOneClip(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runClip(cmd.OutOrStdout(), o, args[0], asJSON) },
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	addFlags(fs, clipTable, &o)
	fs.BoolVar(&asJSON, "json", false, "print it as JSON")
	addCompletions(cmd, new(modelOptions))
	return cmd
}

// clipReport is what --json prints of a clip.
type clipReport struct {
	Clip    string   `json:"clip"`
	Width   int      `json:"width"`
	Height  int      `json:"height"`
	Frames  *int     `json:"frames"` // null if that is not known before the end
	FPS     number   `json:"fps"`
	Seconds number   `json:"seconds,omitempty"` // about
	Sound   bool     `json:"sound"`
	Notes   []string `json:"notes,omitempty"`
	Output  string   `json:"output,omitempty"`
}

func runClip(w io.Writer, o clipOptions, path string, asJSON bool) error {
	if err := clipTable.Check(&o).Err(); err != nil {
		return err
	}
	if o.Output != "" {
		if err := imageio.CheckOutput(o.Output); err != nil {
			return err
		}
		if sameFile(o.Output, path) {
			return &usageError{"the output " + quote(o.Output) + " would replace the clip", "choose another name"}
		}
	}
	clip, err := film.Open(path, film.ReadOptions{MaxBytes: int64(o.Memory)})
	if err != nil {
		return err
	}
	defer clip.Close()
	info := clip.Info()
	im, err := clip.Frame(o.Frame - 1)
	if err == io.EOF {
		return &usageError{fmt.Sprintf("%s has no frame %d", quote(path), o.Frame), "choose another --frame"}
	}
	if err != nil {
		return err
	}
	r := clipReport{Clip: path, Width: im.W, Height: im.H, FPS: number(info.Rate.Float()), Seconds: number(info.Seconds),
		Sound: info.Sound, Notes: clip.Notes(), Output: o.Output}
	if info.Frames >= 0 {
		r.Frames = &info.Frames
	}
	if o.Output != "" {
		if err := o.write(im); err != nil {
			return err
		}
	}
	if asJSON {
		return writeLine(w, r)
	}
	return r.print(w)
}

// write writes a frame.
func (o *clipOptions) write(im *imageio.Image) error {
	im = im.OnWhite()
	if longer := max(im.W, im.H); o.Size > 0 && longer > o.Size {
		w, h := imageio.FitSize(im.W, im.H, o.Size)
		im = imageio.Resize(im, w, h, imageio.Bicubic)
	}
	return imageio.Write(o.Output, im, imageio.Meta{})
}

// print prints what there is to say for people.
func (r *clipReport) print(w io.Writer) error {
	t := newTable(w)
	row(t, "size", fmt.Sprintf("%dx%d", r.Width, r.Height))
	if r.Frames != nil {
		row(t, "frames", *r.Frames)
	}
	row(t, "frames a second", strconv.FormatFloat(float64(r.FPS), 'g', 6, 64))
	if r.Seconds > 0 {
		row(t, "seconds", fmt.Sprintf("%.1f", float64(r.Seconds)))
	}
	if r.Sound {
		row(t, "sound", "yes")
	}
	for _, text := range r.Notes {
		row(t, "note", shown(text))
	}
	if r.Output != "" {
		row(t, "written", shown(r.Output))
	}
	return t.Flush()
}
