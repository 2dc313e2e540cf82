package main

import (
	"fmt"
	"io"
	"path/filepath"

	"oneiro/internal/option"
	quoting "oneiro/internal/quote"
	"oneiro/render"
	"oneiro/zoo"
)

// eventsVersion is the version of the lines of --json, which docs/json.md describes. It goes up when a member
// goes away or changes its meaning; new members may come at any time.
const eventsVersion = 1

// startEvent is the first line of --json.
type startEvent struct {
	Event   string     `json:"event"` // "start"
	Version int        `json:"json_version"`
	Output  string     `json:"output"`
	Width   int        `json:"width"` // of the result, in pixels
	Height  int        `json:"height"`
	Sizes   []sizeInfo `json:"sizes"`                      // that are worked at, in order
	Steps   int        `json:"steps"`                      // at most
	Seconds number     `json:"expected_seconds,omitempty"` // with --dry-run time, where that is known
	Frames  int        `json:"frames,omitempty"`           // of a film, each with so many steps
	FLOPs   number     `json:"flops"`                      // of all steps
	Memory  int64      `json:"expected_peak_bytes"`
	Disk    int64      `json:"expected_disk_bytes,omitempty"` // in the folder of --scratch
	Device  string     `json:"device"`
	// Colours are the preset that pictures are given to the network in.
	Colours string `json:"colours,omitempty"`
	// LeftOut says what is left out of the style pictures.
	LeftOut []string `json:"left_out,omitempty"`
	// Resumed is the step after which the run goes on, 0 if it starts anew.
	Resumed int           `json:"resumed,omitempty"`
	Recipe  render.Recipe `json:"recipe"` // as the picture will carry it, but for hashes that are not known yet
	// With --dry-run recipe: where the files are, flags that no recipe has, and with which frames, counted from
	// 1, the shots of a film begin that --shard can divide.
	Files   *located      `json:"files,omitempty"`
	Options option.Values `json:"options,omitempty"`
	Shots   []int         `json:"shots,omitempty"`
}

// sizeInfo is a size in pixels.
type sizeInfo struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

// begin says what the run will do, and what should be known before it. If nobody reads that, the first report
// of the run fails as well, and ends it with the picture so far. frames are those of a film, 0 if there is none
// or nobody knows.
func (j *job) begin(frames int) {
	start := j.startEvent()
	start.Frames = frames
	j.printStart(j.stderr, start)
	if j.JSON {
		writeLine(j.stdout, start)
	}
	for _, text := range j.facts() {
		j.warn(text)
	}
}

func (j *job) startEvent() startEvent {
	last := &j.plans[len(j.plans)-1]
	steps, flops := j.work()
	s := startEvent{
		Event: "start", Version: eventsVersion, Output: j.output.path, Width: last.W, Height: last.H,
		Steps: steps, FLOPs: number(flops), Device: j.engine.Device.Name(), Colours: j.colours(),
		Memory: j.expectedPeak(), Recipe: j.output.recipe, LeftOut: j.margins,
	}
	if c := j.checkpoints.from; c != nil {
		s.Resumed = c.Step()
	}
	for _, p := range j.plans {
		s.Disk = max(s.Disk, p.Disk)
		s.Sizes = append(s.Sizes, sizeInfo{p.W, p.H})
	}
	return s
}

// colours names the preset that pictures are given to the network in, with how it is known if it was not
// given. It is empty for the built-in network.
func (j *job) colours() string {
	preset := j.net.Input.Preset()
	switch {
	case j.Weights == "" || preset == "":
		return ""
	case j.Preset != "":
		return preset
	}
	switch c, err := j.params.Colours(); {
	case err != nil || c.Guessed:
		return preset + " (guessed; --preset overrides)"
	case c.Preset == "":
		return preset + " (the network's own)"
	}
	return preset + " (known from the file)"
}

// printStart prints what the run will do.
func (j *job) printStart(w io.Writer, s startEvent) {
	t := newTable(w)
	for i, in := range s.Recipe.Inputs {
		text := pictureText(in)
		if in.Role == render.RoleContent || in.Role == render.RoleImage {
			text += fmt.Sprintf(" -> %dx%d", s.Width, s.Height)
		}
		label := string(in.Role)
		if i > 0 && s.Recipe.Inputs[i-1].Role == in.Role {
			label = ""
		}
		row(t, label, text)
	}
	for i, text := range s.LeftOut {
		label := "left out"
		if i > 0 {
			label = ""
		}
		row(t, label, text)
	}
	network := j.net.Name
	if j.Weights != "" {
		network += " from " + shown(j.Weights)
	}
	if s.Colours != "" {
		network += ", colours " + s.Colours
	}
	row(t, "network", network)
	computer := fmt.Sprintf("%s, about %s of memory", s.Device, mib(s.Memory))
	if s.Disk > 0 {
		computer += ", and " + mib(s.Disk) + " on disk"
	}
	row(t, "computer", computer)
	if last := j.plans[len(j.plans)-1]; last.Tiles.Count() > 0 {
		row(t, "tiles", tilesText(&last.Tiles))
	}
	row(t, "work", fmt.Sprintf("%s %s, %s floating-point operations", quoting.Count(s.Steps, "step"), sizes(j.plans),
		operations(float64(s.FLOPs))))
	if c := j.checkpoints.from; c != nil {
		row(t, "resumed", fmt.Sprintf("after step %d, from %s", s.Resumed, shown(c.Path())))
	}
	row(t, "output", outputName(s.Output))
	t.Flush()
	fmt.Fprintln(w)
}

// outputName names what is written.
func outputName(path string) string {
	if path == stream {
		return "standard output"
	}
	return shown(path)
}

// pictureText names a picture and its size.
func pictureText(in render.Input) string {
	name := "built-in sample"
	if in.Name != "" {
		name = shown(in.Name)
	}
	if in.Width == 0 { // it is no picture
		return name
	}
	return fmt.Sprintf("%s, %dx%d", name, in.Width, in.Height)
}

// facts lists what should be known before the run: of the pictures, of the weights, and of what was asked
// for.
func (j *job) facts() []string {
	var all []string
	if text := j.squeezed(); text != "" {
		all = append(all, text)
	}
	last := &j.plans[len(j.plans)-1]
	for _, in := range j.output.pictures {
		all = append(all, prefixed(in.Name, in.image.Warnings)...)
		whole := in.Role == render.RoleContent || in.Role == render.RoleImage
		if whole && in.Name != "" && max(last.W, last.H) > max(in.Width, in.Height) {
			all = append(all, fmt.Sprintf("%s is enlarged from %dx%d to %dx%d, which adds no detail of its own",
				shown(in.Name), in.Width, in.Height, last.W, last.H))
		}
	}
	all = append(all, j.notes...)
	if text := j.manyStyles(); text != "" {
		all = append(all, text)
	}
	if err := j.checkpoints.none; err != nil {
		all = append(all, fmt.Sprintf("the run is without checkpoints: %v", err))
	}
	switch text := j.replaced(); {
	case text != "":
		all = append(all, text)
	case j.Resume && j.checkpoints.from == nil && j.checkpoints.path != "":
		all = append(all, fmt.Sprintf("there is no %s, and the run starts at the beginning", shown(j.checkpoints.path)))
	}
	all = append(all, j.modelOptions.facts(j.params)...)
	return all
}

// facts lists what should be known of the weights before they are used.
func (o *modelOptions) facts(params *zoo.Params) []string {
	if o.Weights == "" {
		return nil
	}
	return prefixed(base(o.Weights), params.Warnings(zoo.Options{Preset: o.Preset}))
}

// prefixed returns sentences about a file with its name before them.
func prefixed(file string, sentences []string) []string {
	all := make([]string, len(sentences))
	for i, s := range sentences {
		all[i] = shown(file) + ": " + s
	}
	return all
}

// manyStyles says which pictures of a folder, as a pattern such as photos/*.jpg names them, were taken for
// paintings.
func (j *job) manyStyles() string {
	if j.fs.Changed("style-blend") {
		return ""
	}
	var content string
	var styles []string
	for _, in := range j.output.pictures {
		switch {
		case in.path == "":
		case in.Role == render.RoleContent:
			content = in.path
		case in.Role == render.RoleStyle && filepath.Dir(in.path) == filepath.Dir(content):
			styles = append(styles, shown(in.Name))
		}
	}
	if content == "" || len(styles) < 2 {
		return ""
	}
	return fmt.Sprintf("only %s is painted: %s of the same folder are taken for paintings and blended",
		shown(base(content)), enumerate(styles, "and"))
}
