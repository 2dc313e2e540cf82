// Package region reads pictures whose colours name the regions of another picture, says how far the positions
// of a network's layer lie inside a region, and proposes regions for a photograph.
package region

import (
	"fmt"
	"strings"

	"oneiro/internal/imageio"
)

// Map divides a picture into regions. Each of its W x H pixels is part of one region or, at a soft edge, of
// two.
type Map struct {
	W, H int
	// Regions are the regions, the largest first.
	Regions []Region

	first, second []uint8 // which regions a pixel is part of
	mix           []uint8 // how much it is part of the second, of 255
}

// Region is a colour of a picture of regions.
type Region struct {
	Colour [3]uint8 // sRGB
	// Name is the name of the colour, or empty if another region of the picture fits that name better.
	Name string
	// Called is what a person calls it, or empty.
	Called string
	// Share is the part of the picture's area, 0 to 1.
	Share float64
}

// Hex returns the colour as #rrggbb.
func (r Region) Hex() string {
	return fmt.Sprintf("#%02x%02x%02x", r.Colour[0], r.Colour[1], r.Colour[2])
}

// ID returns what people call the region: its own name, that of its colour, or the colour as #rrggbb.
func (r Region) ID() string {
	switch {
	case r.Called != "":
		return r.Called
	case r.Name != "":
		return r.Name
	}
	return r.Hex()
}

// String returns the region with its share of the picture: "blue (#0000ff, 41 %)", or "sky (blue, #0000ff, 41
// %)" if it has a name of its own.
func (r Region) String() string {
	share := fmt.Sprintf("%.0f %%", 100*r.Share)
	if r.Share < 0.1 {
		share = fmt.Sprintf("%.2g %%", 100*r.Share)
	}
	var names []string
	for _, n := range []string{r.Called, r.Name, r.Hex()} {
		if n != "" {
			names = append(names, n)
		}
	}
	return names[0] + " (" + strings.Join(append(names[1:], share), ", ") + ")"
}

// List returns the regions in words, the largest first.
func (m *Map) List() string {
	all := make([]string, len(m.Regions))
	for i, r := range m.Regions {
		all[i] = r.String()
	}
	return strings.Join(all, ", ")
}

// Bytes returns the memory of the map.
func (m *Map) Bytes() int64 { return 3 * int64(m.W) * int64(m.H) }

// Find returns the region with a name of its own or of its colour, or of a colour, #rrggbb, as far as colours
// may differ; or -1.
func (m *Map) Find(name string) int {
	name = strings.ToLower(strings.TrimSpace(name))
	for i, r := range m.Regions {
		if name != "" && strings.ToLower(r.Called) == name {
			return i
		}
	}
	if colour, ok := parseHex(name); ok {
		return m.Like(colour)
	}
	if name == "grey" {
		name = "gray"
	}
	for i, r := range m.Regions {
		if name != "" && r.Name == name {
			return i
		}
	}
	return -1
}

// parseHex reads #rrggbb.
func parseHex(text string) (colour [3]uint8, ok bool) {
	if len(text) != 7 {
		return colour, false
	}
	n, err := fmt.Sscanf(text, "#%02x%02x%02x", &colour[0], &colour[1], &colour[2])
	return colour, n == 3 && err == nil
}

// sameRegion is how far colours of the same region in two pictures may be apart, in levels of 255.
const sameRegion = 48

// Like returns the region whose colour is nearest to one, or -1 if none is near.
func (m *Map) Like(colour [3]uint8) int {
	best, least := -1, sameRegion*sameRegion
	for i, r := range m.Regions {
		if d := apart(r.Colour, colour); d <= least {
			best, least = i, d
		}
	}
	return best
}

// apart returns the squared distance of two colours in levels.
func apart(a, b [3]uint8) int {
	d := 0
	for c := range a {
		v := int(a[c]) - int(b[c])
		d += v * v
	}
	return d
}

// Whole reports whether a region is the whole picture.
func (m *Map) Whole(region int) bool {
	for i := range m.first {
		if int(m.first[i]) != region || m.mix[i] > 0 {
			return false
		}
	}
	return true
}

// At returns how much each of w x h pixels is part of a region, 0 to 1, if the map lies over all of them.
func (m *Map) At(region, w, h int) []float32 {
	plane := make([]float32, m.W*m.H)
	for i := range plane {
		mix := float32(m.mix[i]) / 255
		if int(m.first[i]) == region {
			plane[i] = 1 - mix
		}
		if int(m.second[i]) == region {
			plane[i] += mix
		}
	}
	return imageio.Resample(plane, m.W, m.H, 1, w, h, imageio.Bilinear)
}

// count sets the shares of the regions.
func (m *Map) count() {
	sums := make([]float64, len(m.Regions))
	for i := range m.first {
		mix := float64(m.mix[i]) / 255
		sums[m.first[i]] += 1 - mix
		sums[m.second[i]] += mix
	}
	for i := range m.Regions {
		m.Regions[i].Share = sums[i] / float64(len(m.first))
	}
}
