package main

import (
	"oneiro/internal/chart"
	"oneiro/internal/imageio"
)

// drawCurve draws accuracy and the distances from the teacher. All of them lie between 0 and 1, but for
// some distances in the first few steps.
func drawCurve(lines []trainLine) *imageio.Image {
	curve := func(name string, value func(trainLine) float64) chart.Line {
		c := chart.Line{Name: name}
		for _, l := range lines {
			c.Points = append(c.Points, chart.Point{X: float64(l.Step), Y: value(l)})
		}
		return c
	}
	curves := []chart.Line{curve("accuracy", func(l trainLine) float64 { return l.Accuracy })}
	for _, layer := range []string{"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"} {
		if _, ok := lines[0].Teacher[layer]; ok {
			curves = append(curves, curve("teacher "+layer, func(l trainLine) float64 { return l.Teacher[layer] }))
		}
	}
	return chart.Draw("step", curves)
}
