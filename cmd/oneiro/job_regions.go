package main

import (
	"errors"

	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/internal/region"
	"oneiro/render"
)

// regions opens the pictures that the options of regions name: those whose colours are regions, which are
// read at once, and the regions' own styles.
func (j *job) regions(o *render.RegionOptions) (err error) {
	if o.Regions != "" {
		if o.Labels, err = j.labels(render.RoleRegions, "regions", o.Regions); err != nil {
			return err
		}
		o.Regions = render.PictureGiven
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

// mask opens the mask, if there is one.
func (j *job) mask(o *render.MaskOptions) error {
	if o.Mask == "" {
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
	render.RoleInit: "init", render.RoleRegions: "regions", render.RoleStyleRegions: "style-regions",
	render.RoleRegion: "region", render.RoleMask: "mask",
}

// regionFiles puts the paths of files in their places in the flags of a recipe. paths has those of each role.
func (q *request) regionFiles(paths map[render.Role][]string) error {
	var o render.RegionOptions
	for _, name := range []string{"regions", "style-regions", "region"} {
		if text, is := q.flags[name]; is {
			if err := render.RegionTable.Set(&o, option.Values{name: text}).Err(); err != nil {
				return &render.RecipeError{Problem: err.Error()}
			}
		}
	}
	put := func(role render.Role, to *string) error {
		if *to != render.PictureGiven {
			return nil
		}
		if len(paths[role]) == 0 {
			return &render.RecipeError{Problem: "it has no picture for --" + flagOf[role]}
		}
		if *to = paths[role][0]; *to != "" && base(*to) == *to {
			*to = "./" + *to // which is no other word
		}
		paths[role] = paths[role][1:]
		return nil
	}
	err := put(render.RoleRegions, &o.Regions)
	for i := range o.StyleRegions {
		err = errors.Join(err, put(render.RoleStyleRegions, &o.StyleRegions[i]))
	}
	for i := range o.Region {
		err = errors.Join(err, put(render.RoleRegion, &o.Region[i].Picture))
	}
	for _, name := range []string{"regions", "style-regions", "region"} {
		if _, is := q.flags[name]; is {
			q.flags[name] = render.RegionTable.Lookup(name).Of(&o).String()
		}
	}
	return err
}
