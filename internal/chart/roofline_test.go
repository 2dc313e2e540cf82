package chart

import (
	"encoding/xml"
	"fmt"
	"math"
	"strings"
	"testing"
)

// TestRoofline checks the places of points: on the roof, below it, and left out if they are not numbers.
func TestRoofline(t *testing.T) {
	r := Roofline{Title: "a < b", FLOPs: 100e9, Bytes: 10e9, Works: []Work{
		{"at the ridge", 10, 100e9}, {"half", 10, 50e9}, {"copying & more", 1, 10e9}, {"none", 0, 1},
		{"odd", math.Inf(1), 1},
	}}
	svg := r.SVG()
	var parsed struct {
		Circles []struct {
			X     float64 `xml:"cx,attr"`
			Y     float64 `xml:"cy,attr"`
			Title string  `xml:"title"`
		} `xml:"circle"`
		Paths []struct {
			D string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal([]byte(svg), &parsed); err != nil {
		t.Fatalf("%v in\n%s", err, svg)
	}
	at := map[string][2]float64{}
	for _, c := range parsed.Circles {
		if c.Title != "" {
			at[c.Title] = [2]float64{c.X, c.Y}
		}
	}
	if len(at) != 3 || strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
		t.Fatalf("points %v in\n%s", at, svg)
	}
	// The slope of the roof starts somewhere left, goes through the copy and ends at the ridge.
	var x0, y0, x1, y1 float64
	roof := parsed.Paths[len(parsed.Paths)-2].D
	if _, err := fmt.Sscanf(roof, "M%f %fL%f %f", &x0, &y0, &x1, &y1); err != nil {
		t.Fatalf("%v: %s", err, roof)
	}
	ridge, half, cp := at["at the ridge"], at["half"], at["copying & more"]
	if math.Hypot(x1-ridge[0], y1-ridge[1]) > 0.2 {
		t.Errorf("the roof bends at %g %g, the ridge is at %v", x1, y1, ridge)
	}
	if on := y0 + (y1-y0)*(cp[0]-x0)/(x1-x0); !(math.Abs(on-cp[1]) <= 0.2) {
		t.Errorf("the copy is at %v, the roof there at %g", cp, on)
	}
	if half[0] != ridge[0] || !(half[1] > ridge[1]) {
		t.Errorf("half the rate is at %v, all of it at %v", half, ridge)
	}
}
