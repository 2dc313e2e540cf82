package main

import (
	"fmt"
	"path/filepath"

	"oneiro/internal/imageio"
	"oneiro/train/motif"
)

// panel is a choice of pictures, by their names in the folder images of -shared without endings, and of
// drawn ones.
type panel struct {
	contents, styles []string
	drawn            []string // classes of package motif that are styles
}

// panels are what -panel takes.
var panels = map[string]panel{
	"few": {contents: []string{"tubingen", "kitten"}, styles: []string{"starry_night_google", "wave"},
		drawn: []string{"marble"}},
	"full": {
		contents: []string{"cat", "chamaeleon", "flowers", "golden_gate", "hoovertowernight", "kitten", "red_panda",
			"sky1024px", "toucan", "tubingen"},
		styles: []string{"composition_vii", "feathers", "shipwreck", "starry_night_google", "the_scream", "wave"},
		drawn:  []string{"brick", "scales", "marble", "wood", "knit", "mosaic"},
	},
}

// paths returns where pictures are.
func (p panel) paths(shared, folder string, names []string) ([]string, error) {
	var all []string
	for _, name := range names {
		found, err := filepath.Glob(filepath.Join(shared, "images", folder, name+".*"))
		if err != nil || len(found) == 0 {
			return nil, fmt.Errorf("there is no picture %s in %s", name, filepath.Join(shared, "images", folder))
		}
		all = append(all, found[0])
	}
	return all, nil
}

// drawnSide is the side of drawn pictures in pixels.
const drawnSide = 512

// draw draws a picture of a class.
func draw(class string) (*imageio.Image, error) {
	for i, name := range motif.Names() {
		if name == class {
			im := imageio.New(drawnSide, drawnSide)
			motif.Draw(im.Pix, drawnSide, i, 1, 0)
			return im, nil
		}
	}
	return nil, fmt.Errorf("there is no class %s to draw", class)
}
