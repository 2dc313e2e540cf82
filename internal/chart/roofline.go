package chart

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// Roofline is a plot of what limits work (Williams, Waterman and Patterson, "Roofline: an insightful visual
// performance model", 2009): operations per second over operations per byte, both logarithmic.
type Roofline struct {
	Title string
	// FLOPs and Bytes are the highest rates of the machine, per second.
	FLOPs, Bytes float64
	Works        []Work
}

// Work is a point of a roofline plot.
type Work struct {
	Name string
	// Intensity is operations per byte, FLOPs operations per second.
	Intensity, FLOPs float64
}

// The sizes of a roofline plot, in pixels.
const (
	roofWidth, roofHeight                   = 960, 600
	roofLeft, roofRight, roofTop, roofBelow = 80, 290, 50, 60
)

// SVG draws the plot. Works without positive finite numbers are left out.
func (r *Roofline) SVG() string {
	works := make([]Work, 0, len(r.Works))
	for _, w := range r.Works {
		if positive(w.Intensity) && positive(w.FLOPs) {
			works = append(works, w)
		}
	}
	ridge := r.FLOPs / r.Bytes
	x0, x1, y0, y1 := ridge/100, ridge*10, r.FLOPs/1000, r.FLOPs*2
	for _, w := range works {
		x0, x1 = min(x0, w.Intensity/2), max(x1, w.Intensity*2)
		y0, y1 = min(y0, w.FLOPs/2), max(y1, w.FLOPs*2)
	}
	x := func(v float64) float64 {
		return roofLeft + math.Log(v/x0)/math.Log(x1/x0)*(roofWidth-roofLeft-roofRight)
	}
	y := func(v float64) float64 {
		return roofHeight - roofBelow - math.Log(v/y0)/math.Log(y1/y0)*(roofHeight-roofTop-roofBelow)
	}
	height := max(roofHeight, roofTop+20+18*len(works)) // of the legend
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" `, roofWidth, height)
	b.WriteString(`font-family="sans-serif" font-size="13">`)
	fmt.Fprintf(&b, "\n<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n", roofWidth, height)
	text := func(x, y float64, anchor, s string) {
		fmt.Fprintf(&b, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", x, y, anchor,
			html.EscapeString(s))
	}
	line := func(x0, y0, x1, y1 float64, colour string, wide float64) {
		fmt.Fprintf(&b, "<path d=\"M%.1f %.1fL%.1f %.1f\" stroke=\"%s\" stroke-width=\"%g\"/>\n", x0, y0, x1,
			y1, colour, wide)
	}
	const left, right, bottom = roofLeft, roofWidth - roofRight, roofHeight - roofBelow
	text(left, 28, "start", r.Title)
	for v := math.Pow(10, math.Ceil(math.Log10(x0))); v <= x1; v *= 10 {
		line(x(v), roofTop, x(v), bottom, "#ddd", 1)
		text(x(v), bottom+20, "middle", fmt.Sprintf("%g", v))
	}
	for v := math.Pow(10, math.Ceil(math.Log10(y0))); v <= y1; v *= 10 {
		line(left, y(v), right, y(v), "#ddd", 1)
		text(left-8, y(v)+4, "end", fmt.Sprintf("%g", v/1e9))
	}
	text((left+right)/2, bottom+44, "middle", "operations per byte")
	text(left, roofTop-6, "end", "GFLOP/s")
	foot := max(x0, y0/r.Bytes)
	line(x(foot), y(foot*r.Bytes), x(ridge), y(r.FLOPs), "#000", 2)
	line(x(ridge), y(r.FLOPs), right, y(r.FLOPs), "#000", 2)
	text(right-8, y(r.FLOPs)-8, "end", fmt.Sprintf("%.0f GFLOP/s, %.1f GB/s", r.FLOPs/1e9, r.Bytes/1e9))
	for i, w := range works {
		c := colours[1+i%(len(colours)-1)]
		fill := fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
		fmt.Fprintf(&b, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"%s\"><title>%s</title></circle>\n",
			x(w.Intensity), y(w.FLOPs), fill, html.EscapeString(w.Name))
		text(x(w.Intensity)+8, y(w.FLOPs)-5, "start", fmt.Sprint(i+1))
		row := roofTop + 10 + 18*float64(i)
		fmt.Fprintf(&b, "<circle cx=\"%d\" cy=\"%.1f\" r=\"5\" fill=\"%s\"/>\n", right+16, row, fill)
		text(right+28, row+4, "start", fmt.Sprintf("%d  %s", i+1, w.Name))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func positive(v float64) bool { return v > 0 && !math.IsInf(v, 0) }
