package main

import (
	"errors"
	"slices"

	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/internal/region"
	"oneiro/render"
)

// regions opens the pictures that the options of regions name: those whose colours are regions, which are
// read at once, and the regions' own styles.
func (j *job) regions(o *render.RegionOptions) (err error) {
	if err := j.divided(&o.LabelOptions); err != nil {
		return err
	}
	for i, path := range o.StyleRegions {
		var labels *region.Map
		if path != render.WholePicture {
			if labels, err = j.labels(render.RoleStyleRegions, "style-regions", path); err != nil {
				return err
			}
			o.StyleRegions[i] = render.PictureGiven
		}
		o.StyleLabels = append(o.StyleLabels, labels)
	}
	for i := range o.Region {
		r := &o.Region[i]
		if r.Picture == "" {
			continue
		}
		if r.Style, err = j.picture(render.RoleRegion, r.Picture, 0, nil); err != nil {
			return err
		}
		r.Picture = render.PictureGiven
	}
	return nil
}

// divided reads the picture that divides another, if there is one.
func (j *job) divided(o *render.LabelOptions) (err error) {
	if o.Regions == "" || o.Labels != nil { // which move
		return nil
	}
	if o.Labels, err = j.labels(render.RoleRegions, "regions", o.Regions); err == nil {
		o.Regions = render.PictureGiven
	}
	return err
}

// objectives opens the pictures that objectives name.
func (j *job) objectives(o *render.AimOptions) error {
	for i := range o.Objectives {
		a := &o.Objectives[i]
		for _, p := range []struct {
			path *string
			im   **render.Picture
		}{{&a.Picture, &a.Guide}, {&a.From, &a.Base}} {
			if *p.path == "" {
				continue
			}
			im, err := j.picture(render.RoleGuide, *p.path, 0, nil)
			if err != nil {
				return err
			}
			*p.path, *p.im = render.PictureGiven, im
		}
	}
	return nil
}

// mask opens the mask, if there is one.
func (j *job) mask(o *render.MaskOptions) error {
	if o.Mask == "" || o.Where != nil { // which moves
		return nil
	}
	im, err := j.readNow(render.RoleMask, o.Mask)
	if err != nil {
		return err
	}
	o.Mask, o.Where = render.PictureGiven, region.ReadMask(im)
	return nil
}

// labels reads a picture of regions.
func (j *job) labels(role render.Role, option, path string) (*region.Map, error) {
	im, err := j.readNow(role, path)
	if err != nil {
		return nil, err
	}
	m, err := region.Read(im)
	if e, ok := errors.AsType[*region.ColoursError](err); ok {
		return nil, &render.OptionError{Mistakes: []render.Mistake{{Option: option, Problem: quote(path) + " " + e.Error(),
			Fix: e.Hint()}}}
	}
	return m, err
}

// readNow opens a picture, notes it in the recipe, and returns it at a size that does for regions.
func (j *job) readNow(role render.Role, path string) (*imageio.Image, error) {
	im, err := j.picture(role, path, 0, nil)
	if err != nil || !im.IsDeferred() {
		return im, err
	}
	view := region.Fit(im.W, im.H)
	if err := im.Load(view, j.within(j.reading()).MaxBytes); err != nil {
		return nil, err
	}
	defer im.Drop(view, false)
	return im.Shown(view), nil
}

// flagOf has the flag that names pictures of a role. Those of other roles are arguments.
var flagOf = map[render.Role]string{
	render.RoleInit: "init", render.RolePalette: "palette", render.RoleMask: "mask",
	render.RoleRegions: "regions", render.RoleStyleRegions: "style-regions", render.RoleRegion: "region",
	render.RoleGuide: "objective",
}

// namedFiles are the options of files that a recipe has among its inputs.
var namedFiles = slices.Concat(render.RegionTable, render.MaskTable, option.Table{*render.AimTable.Lookup("objective")})

// putFiles puts the paths of files in their places in the flags of a recipe. paths has those of each role. A
// recipe that names a file itself is refused with a *render.RecipeError: anybody may have written it.
func (q *request) putFiles(paths map[render.Role][]string) error {
	var o struct {
		render.RegionOptions
		render.MaskOptions
		Objectives render.Aims
	}
	own, _ := namedFiles.Split(q.flags)
	if err := namedFiles.Set(&o, own).Err(); err != nil {
		return &render.RecipeError{Problem: err.Error()}
	}
	var wrong error
	put := func(role render.Role, to *string) {
		switch {
		case *to == "" || *to == render.WholePicture && role == render.RoleStyleRegions:
		case *to != render.PictureGiven || len(paths[role]) == 0:
			wrong = &render.RecipeError{Problem: "it has no picture for --" + flagOf[role]}
		default:
			if *to = paths[role][0]; *to != "" && base(*to) == *to {
				*to = "./" + *to // which is no other word
			}
			paths[role] = paths[role][1:]
		}
	}
	put(render.RoleMask, &o.Mask)
	put(render.RoleRegions, &o.Regions)
	for i := range o.StyleRegions {
		put(render.RoleStyleRegions, &o.StyleRegions[i])
	}
	for i := range o.Region {
		put(render.RoleRegion, &o.Region[i].Picture)
	}
	for i := range o.Objectives {
		put(render.RoleGuide, &o.Objectives[i].Picture)
		put(render.RoleGuide, &o.Objectives[i].From)
	}
	for name := range own {
		q.flags[name] = namedFiles.Lookup(name).Of(&o).String()
	}
	return wrong
}
