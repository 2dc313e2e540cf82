package main

import (
	"slices"

	"oneiro/film"
	"oneiro/internal/option"
	"oneiro/internal/sample"
	"oneiro/render"
)

// filmTask is a film that a pipeline makes.
type filmTask struct {
	frames int        // -1 until they are counted
	info   film.Info  // of the clip that is written
	clip   *film.Clip // that it is made of; nil for none
	path   string     // of clip
	passes int
	cuts   *render.Cuts // among the options that start uses; nil for none
	// start returns the film of a pass over frames, which are nil for none.
	start func(frames render.Frames, pass render.Pass) (render.Filmed, error)
}

// filmTable has the options of filmOptions.
var filmTable = option.Table{
	{Name: "shard", Field: "Shard", Unit: "part",
		Help: "make only a part of the shots, such as 2/3: several computers, or runs, make numbered pictures side by side"},
}.In("Film")

// filmOptions are those of films that the result does not depend on.
type filmOptions struct {
	Shard shard
}

// openClip opens the clip of a film, notes it in the recipe and returns its first frame. When only planning, a
// square stands in for a clip that is not named.
func (j *job) openClip(role render.Role, args []string, size int, o *render.ClipOptions) (*film.Clip, *render.Picture, error) {
	if len(args) == 0 {
		im, err := j.picture(role, "", size, sample.Landscape)
		return nil, im, err
	}
	path := args[0]
	clip, err := film.Open(path, film.ReadOptions{
		Range: o.Range, FPS: o.FPS, MaxBytes: j.within(j.reading()).MaxBytes,
	})
	if err != nil {
		return nil, nil, err
	}
	for _, text := range clip.Notes() {
		j.warn(shown(path) + ": " + text)
	}
	first, err := clip.Frame(0)
	if err != nil {
		clip.Close()
		return nil, nil, err
	}
	in := render.Input{Role: role, Name: base(path), Bytes: fileBytes(path), Width: first.W, Height: first.H}
	if exists(path) {
		if in.SHA256, err = j.hashes.of(path); err != nil {
			clip.Close()
			return nil, nil, err
		}
	}
	j.output.inputs = append(j.output.inputs, path)
	j.output.pictures = append(j.output.pictures, inputPicture{in, path, first})
	return clip, first, nil
}

// clipTask returns the task of a film of a clip.
func clipTask(clip *film.Clip, path string, o *render.ClipOptions, passes int) *filmTask {
	if clip == nil {
		return new(filmTask)
	}
	info := clip.Info()
	return &filmTask{frames: info.Frames, info: info, clip: clip, path: path, passes: passes, cuts: &o.Cuts}
}

// close closes the clip.
func (t *filmTask) close() {
	if t != nil && t.clip != nil {
		t.clip.Close()
	}
}

// footage returns the frames of the film's clip, nil for none.
func (t *filmTask) footage() render.Frames {
	if t.clip == nil {
		return nil
	}
	return t.clip
}

// shots returns the first frame of each shot, counted from 0, and the end.
func (t *filmTask) shots() []int {
	begins := []int{0}
	for _, n := range t.cuts.At {
		if n-1 < t.frames {
			begins = append(begins, n-1)
		}
	}
	return append(slices.Compact(begins), t.frames)
}
