package chart

import (
	"image"
	"image/color"
	"math"

	"golang.org/x/image/vector"
)

// spot is a place in the picture, in pixels.
type spot struct{ x, y float32 }

// radius is half the width of a line.
const radius = 0.9

// line draws a line through points, with gaps where they are not numbers.
func (c *chart) line(points []Point, colour color.RGBA) {
	var run []spot
	for _, p := range points {
		if math.IsNaN(p.X) || math.IsInf(p.X, 0) || math.IsNaN(p.Y) {
			c.stroke(run, colour)
			run = nil
			continue
		}
		x, y := c.at(p)
		run = append(run, spot{x, y})
	}
	c.stroke(run, colour)
}

// stroke draws a line with round joins and ends. Its parts overlap, but all go round the same way, so
// that the rasteriser, which counts windings, fills each pixel once.
func (c *chart) stroke(run []spot, colour color.RGBA) {
	if len(run) == 0 {
		return
	}
	r := vector.NewRasterizer(c.img.Rect.Dx(), c.img.Rect.Dy())
	for i, p := range run {
		disc(r, p)
		if i > 0 {
			bar(r, run[i-1], p)
		}
	}
	r.Draw(c.img, c.img.Rect, image.NewUniform(colour), image.Point{})
}

// disc adds a disc as a polygon.
func disc(r *vector.Rasterizer, p spot) {
	const corners = 12
	for i := range corners {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / corners)
		x, y := p.x+radius*float32(cos), p.y+radius*float32(sin)
		if i == 0 {
			r.MoveTo(x, y)
		} else {
			r.LineTo(x, y)
		}
	}
	r.ClosePath()
}

// bar adds the rectangle from one spot to another, going round like a disc.
func bar(r *vector.Rasterizer, from, to spot) {
	dx, dy := to.x-from.x, to.y-from.y
	length := float32(math.Hypot(float64(dx), float64(dy)))
	if length == 0 {
		return
	}
	nx, ny := -dy/length*radius, dx/length*radius
	r.MoveTo(from.x-nx, from.y-ny)
	r.LineTo(to.x-nx, to.y-ny)
	r.LineTo(to.x+nx, to.y+ny)
	r.LineTo(from.x+nx, from.y+ny)
	r.ClosePath()
}
