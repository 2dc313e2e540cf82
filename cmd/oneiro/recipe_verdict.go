package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"

	"oneiro/internal/imageio"
	"oneiro/render"
)

// verdict is what verify finds.
type verdict struct {
	Picture string `json:"picture"`
	Same    bool   `json:"same"` // all pixels are what the recipe says, and the file still has them
	// Recorded and Here are the hashes of the pixels, of the recipe and of the picture that was made.
	Recorded string `json:"recorded"`
	Here     string `json:"here"`
	// Edited says that the pixels in the file are not those of its recipe. Of a JPEG that is not known.
	Edited bool `json:"edited"`
	// Apart is how far the picture in the file is from the new one, if they differ and have one size.
	Apart *distance `json:"apart,omitempty"`
	// Differences are what is not as it was when the picture was made.
	Differences []difference `json:"differences"`

	lossy bool // the file is a JPEG
}

// difference is a render.Difference in JSON.
type difference struct {
	What string `json:"what"`
	Had  string `json:"had"`
	Now  string `json:"now"`
}

// distance is how far one picture is from another, in levels, of which there are 255 from black to white.
type distance struct {
	Largest float64 `json:"largest"`
	Mean    float64 `json:"mean"`
	Share   float64 `json:"share"` // of the samples that differ
}

// compared compares a picture with those that were made from its recipe, of which one has to be the same.
func compared(picture, kind string, r *render.Recipe, made []string) (*verdict, error) {
	v := &verdict{Picture: picture, Recorded: r.Pixels, Differences: []difference{}, lossy: kind == "JPEG"}
	samples := imageio.ReadOptions{IgnoreProfile: true} // as they are in the files
	file, err := imageio.ReadWith(picture, samples)
	if err != nil {
		return nil, err
	}
	if !v.lossy {
		hash := render.PixelHash(file)
		if v.Recorded == "" {
			v.Recorded = hash
		}
		v.Edited = v.Recorded != hash
	}
	for _, path := range made {
		now, err := recipeIn(path)
		if errors.Is(err, fs.ErrNotExist) { // the run ended before that step
			continue
		}
		if err != nil {
			return nil, err
		}
		im, err := imageio.ReadWith(path, samples)
		if err != nil {
			return nil, err
		}
		v.Here, v.Apart = now.Pixels, apart(file, im)
		v.Differences = differences(r, now)
		if v.Here == v.Recorded {
			break
		}
	}
	v.Same = v.Here == v.Recorded && !v.Edited
	if v.Here == v.Recorded && v.lossy {
		v.Apart = nil // which is what the JPEG lost
	}
	return v, nil
}

// apart measures how far two pictures are apart; nil if it is nothing, or if they have two sizes.
func apart(a, b *imageio.Image) *distance {
	if a.W != b.W || a.H != b.H {
		return nil
	}
	var d distance
	for i, x := range a.Pix {
		delta := math.Abs(float64(x)-float64(b.Pix[i])) * 255
		d.Largest = max(d.Largest, delta)
		d.Mean += delta
		if delta > 0 {
			d.Share++
		}
	}
	if d.Share == 0 {
		return nil
	}
	d.Mean /= float64(len(a.Pix))
	d.Share /= float64(len(a.Pix))
	return &d
}

// differences lists what is not as it was. A recipe of version 1 has no hashes, and all options.
func differences(r, now *render.Recipe) []difference {
	was := *r
	if r.Recipe < render.RecipeVersion {
		was.Inputs, was.Network, was.Options, was.Defaults = now.Inputs, now.Network, now.Options, now.Defaults
	}
	all := []difference{}
	for _, d := range was.Differences(now) {
		all = append(all, difference(d))
	}
	return all
}

// print says it for people.
func (v *verdict) print(w io.Writer) error {
	name, reproduced := shown(v.Picture), v.Here == v.Recorded
	switch {
	case v.Same:
		fmt.Fprintf(w, "%s: this computer makes the same pixels, to the last bit\n", name)
	case reproduced:
		fmt.Fprintf(w, "%s: this computer makes the pixels that the recipe names, but the file was changed%s\n",
			name, v.Apart)
	default:
		fmt.Fprintf(w, "%s: this computer makes other pixels%s\n", name, v.Apart)
	}
	if v.Edited && !reproduced {
		fmt.Fprintln(w, "the file was changed, too: its pixels are not those that its recipe names")
	}
	if v.Apart != nil && v.lossy {
		fmt.Fprintln(w, "the file is a JPEG: part of that is what a JPEG loses")
	}
	for _, d := range v.Differences {
		text := render.Difference(d).String()
		if reproduced {
			text = "although " + text
		}
		fmt.Fprintln(w, shown(text))
	}
	if reproduced {
		_, err := fmt.Fprintf(w, "SHA-256 of the pixels: %s\n", v.Here)
		return err
	}
	_, err := fmt.Fprintf(w, "SHA-256 of the pixels: %s in the recipe, %s here\n", shown(v.Recorded), v.Here)
	return err
}

// String reads on from what is apart.
func (d *distance) String() string {
	if d == nil {
		return ""
	}
	return fmt.Sprintf(": %.3g %% of the samples differ, by %.3g levels of 255 at most, %.3g on average",
		100*d.Share, d.Largest, d.Mean)
}
