package main

import (
	"bytes"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"oneiro/internal/imageio"
)

// drawCurve plots accuracy and the distances from the teacher, all of which lie between 0 and 1 but for the
// first few steps.
func drawCurve(lines []trainLine) (*imageio.Image, error) {
	p := plot.New()
	p.X.Label.Text = "step"
	p.Y.Min, p.Y.Max = 0, 1
	p.Legend.Top = true
	p.Add(plotter.NewGrid())
	add := func(name string, c color.Color, of func(trainLine) float64) error {
		points := make(plotter.XYs, len(lines))
		for i, l := range lines {
			points[i] = plotter.XY{X: float64(l.Step), Y: min(of(l), 1)}
		}
		line, err := plotter.NewLine(points)
		if err != nil {
			return err
		}
		line.Color = c
		line.Width = vg.Points(1)
		p.Add(line)
		p.Legend.Add(name, line)
		return nil
	}
	if err := add("accuracy", color.Black, func(l trainLine) float64 { return l.Accuracy }); err != nil {
		return nil, err
	}
	for i, layer := range []string{"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"} {
		if _, ok := lines[0].Teacher[layer]; !ok {
			continue
		}
		shade := color.RGBA{uint8(40 + 45*i), uint8(90 + 15*i), uint8(200 - 40*i), 255}
		if err := add("teacher "+layer, shade, func(l trainLine) float64 { return l.Teacher[layer] }); err != nil {
			return nil, err
		}
	}
	w, err := p.WriterTo(6*vg.Inch, 4*vg.Inch, "png")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if _, err := w.WriteTo(&b); err != nil {
		return nil, err
	}
	return imageio.Decode(b.Bytes(), "curve.png")
}
