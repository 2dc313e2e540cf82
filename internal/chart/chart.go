// Package chart draws values between 0 and 1 over time as lines.
package chart

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"strconv"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"oneiro/internal/imageio"
)

// Line is a named line through points from left to right.
type Line struct {
	Name   string
	Points []Point
}

// Point is a value Y at X. What is above 1 is drawn at 1; what is not a number leaves a gap.
type Point struct{ X, Y float64 }

// The sizes of a chart, in pixels.
const (
	width, height = 960, 540
	margin        = 24
	gap           = 8  // between a line and its label
	textSize      = 15 // of the letters
	sample        = 28 // length of a line in the legend
	leading       = 24 // from one line of the legend to the next
)

var (
	black = color.RGBA{0, 0, 0, 255}
	grid  = color.RGBA{222, 222, 222, 255}
	frame = color.RGBA{120, 120, 120, 255}
)

// colours tell lines apart for people of any colour vision (Okabe and Ito, "Color Universal Design", 2008).
var colours = []color.RGBA{
	black, {0, 114, 178, 255}, {230, 159, 0, 255}, {0, 158, 115, 255},
	{213, 94, 0, 255}, {204, 121, 167, 255}, {86, 180, 233, 255},
}

// face is the font of all text.
var face = newFace()

func newFace() font.Face {
	f, err := opentype.Parse(gomono.TTF)
	if err != nil {
		panic(err) // it is part of the program
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: textSize, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		panic(err)
	}
	return face
}

// Draw returns a picture of lines over an axis from 0 to the largest X, with a legend beside it.
func Draw(axis string, lines []Line) *imageio.Image {
	c := &chart{img: image.NewRGBA(image.Rect(0, 0, width, height))}
	draw.Draw(c.img, c.img.Bounds(), image.White, image.Point{}, draw.Src)
	legend := 0
	for _, l := range lines {
		legend = max(legend, textWidth(l.Name))
		for _, p := range l.Points {
			if p.X > c.most {
				c.most = p.X
			}
		}
	}
	if !(c.most > 0 && c.most <= math.MaxFloat64) {
		c.most = 1
	}
	left := margin + textWidth("0.0") + gap
	right := width - margin - legend - gap - sample - 2*gap
	c.area = image.Rect(left, margin, right, height-margin-2*leading)

	for i := range 6 {
		v := float64(i) / 5
		_, y := c.at(Point{0, v})
		c.rule(c.area.Min.X, int(y), c.area.Max.X, int(y), grid)
		label := strconv.FormatFloat(v, 'f', 1, 64)
		c.text(label, c.area.Min.X-gap-textWidth(label), int(y)+textSize/3)
	}
	step := tick(c.most)
	for v := 0.0; v <= c.most*1.0001; v += step {
		x, _ := c.at(Point{v, 0})
		c.rule(int(x), c.area.Min.Y, int(x), c.area.Max.Y, grid)
		label := strconv.FormatFloat(v, 'f', -1, 64)
		c.text(label, int(x)-textWidth(label)/2, c.area.Max.Y+gap+textSize)
	}
	c.text(axis, (left+right-textWidth(axis))/2, c.area.Max.Y+gap+textSize+leading)
	c.rule(c.area.Min.X, c.area.Min.Y, c.area.Min.X, c.area.Max.Y, frame)
	c.rule(c.area.Min.X, c.area.Max.Y, c.area.Max.X, c.area.Max.Y, frame)
	for i := len(lines) - 1; i >= 0; i-- { // the first on top
		colour := colours[i%len(colours)]
		c.line(lines[i].Points, colour)
		x, y := float32(right+2*gap), float32(c.area.Min.Y+i*leading+leading/2)
		c.stroke([]spot{{x, y}, {x + sample, y}}, colour)
		c.text(lines[i].Name, right+2*gap+sample+gap, int(y)+textSize/3)
	}
	return toImage(c.img)
}

// chart is a chart while it is drawn.
type chart struct {
	img  *image.RGBA
	area image.Rectangle // of the lines
	most float64         // X at its right edge
}

// at returns where a point is in the picture.
func (c *chart) at(p Point) (x, y float32) {
	x = float32(c.area.Min.X) + float32(p.X/c.most)*float32(c.area.Dx())
	y = float32(c.area.Max.Y) - float32(min(max(p.Y, 0), 1))*float32(c.area.Dy())
	return x, y
}

// rule draws a straight line, one pixel wide, across or down.
func (c *chart) rule(x0, y0, x1, y1 int, colour color.RGBA) {
	draw.Draw(c.img, image.Rect(x0, y0, x1+1, y1+1), image.NewUniform(colour), image.Point{}, draw.Src)
}

// text writes text from x on, on a baseline.
func (c *chart) text(text string, x, baseline int) {
	d := font.Drawer{Dst: c.img, Src: image.Black, Face: face, Dot: fixed.P(x, baseline)}
	d.DrawString(text)
}

func textWidth(text string) int { return font.MeasureString(face, text).Ceil() }

// tick returns the distance between labels on an axis up to most, 1, 2 or 5 times a power of ten: at most
// ten of them fit.
func tick(most float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(most)))
	for _, step := range []float64{0.1, 0.2, 0.5} {
		if most/(step*power) <= 7 {
			return step * power
		}
	}
	return power
}

func toImage(m *image.RGBA) *imageio.Image {
	im := imageio.New(m.Rect.Dx(), m.Rect.Dy())
	for i := range im.W * im.H {
		for k := range 3 {
			im.Pix[3*i+k] = float32(m.Pix[4*i+k]) / 255
		}
	}
	return im
}
