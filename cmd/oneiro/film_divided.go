package main

import (
	"fmt"
	"io"

	"oneiro/film"
	"oneiro/internal/region"
	"oneiro/render"
)

// divided is a clip with regions or a mask that move: clips of their own, whose frames belong to its frames. It
// implements [render.Divided].
type divided struct {
	*source
	labels, masks *film.Clip // nil for those that do not move
}

// Regions implements [render.Divided].
func (d *divided) Regions(i int) (*region.Map, error) {
	if d.labels == nil {
		return nil, nil
	}
	im, err := d.labels.Frame(i)
	if err != nil {
		return nil, fewFrames("regions", i, err)
	}
	return region.Read(im)
}

// Mask implements [render.Divided].
func (d *divided) Mask(i int) (*region.Mask, error) {
	if d.masks == nil {
		return nil, nil
	}
	im, err := d.masks.Frame(i)
	if err != nil {
		return nil, fewFrames("mask", i, err)
	}
	return region.ReadMask(im), nil
}

// fewFrames returns the error of a frame of a clip beside the film's.
func fewFrames(option string, i int, err error) error {
	if err == io.EOF {
		return &usageError{fmt.Sprintf("--%s has no frame %d", option, i+1), "give it as many frames as the clip has"}
	}
	return err
}

// moving opens the clip that an option names, if it names one, notes it in the recipe, and returns its first
// frame.
func (c *source) moving(j *job, role render.Role, path *string, r render.FrameRange,
) (*film.Clip, *render.Picture, error) {
	if *path == "" || c.none || !film.IsClip(*path) {
		return nil, nil, nil
	}
	clip, err := film.Open(*path, film.ReadOptions{Range: r, MaxBytes: j.within(j.reading()).MaxBytes})
	if err != nil {
		return nil, nil, err
	}
	c.beside = append(c.beside, clip)
	first, err := clip.Frame(0)
	if err != nil {
		return nil, nil, err
	}
	in := render.Input{Role: role, Name: base(*path), Bytes: fileBytes(*path), Width: first.W, Height: first.H}
	if exists(*path) {
		if in.SHA256, err = j.hashes.of(*path); err != nil {
			return nil, nil, err
		}
	}
	j.output.inputs = append(j.output.inputs, *path)
	j.output.pictures = append(j.output.pictures, inputPicture{in, *path, first})
	*path = render.PictureGiven
	return clip, first, nil
}

// movingRegions opens the regions of a film if they move.
func (c *source) movingRegions(j *job, o *render.LabelOptions, r render.FrameRange) error {
	clip, first, err := c.moving(j, render.RoleRegions, &o.Regions, r)
	if err != nil || clip == nil {
		return err
	}
	c.divided().labels = clip
	o.Labels, err = region.Read(first)
	return err
}

// movingMask opens the mask of a film if it moves.
func (c *source) movingMask(j *job, o *render.MaskOptions, r render.FrameRange) error {
	clip, first, err := c.moving(j, render.RoleMask, &o.Mask, r)
	if err != nil || clip == nil {
		return err
	}
	c.divided().masks = clip
	o.Where = region.ReadMask(first)
	return nil
}

// divided has the clip divided.
func (c *source) divided() *divided {
	if c.parts == nil {
		c.parts = &divided{source: c}
	}
	return c.parts
}
