package train

import (
	"context"
	"fmt"
	"math"

	"oneiro/autodiff"
	"oneiro/nn"
)

// taps are the layers that the student learns from the teacher: those that the style loss reads.
var taps = []string{"conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"}

// margin is how far below 0 values are still compared, as a fraction of the layer's root mean square. The ReLU
// hides what is below 0 anyway; the margin keeps a gradient where a value is near 0.
const margin = 0.1

// teacher is a network whose features are to be learnt.
type teacher struct {
	model *nn.Model
	scale []float64 // factor of each of taps that makes its root mean square after the ReLU 1
}

// zeroPadded returns net with zero padding in place of reflection padding, as in the student. It computes the
// same function, except near edges.
func zeroPadded(net *nn.Network) *nn.Network {
	out := *net
	out.Layers = nil
	pads := map[string]nn.Layer{}
	for _, l := range net.Layers {
		if l.Kind == nn.ReflectPad {
			pads[l.Name] = l
			continue
		}
		if pad, ok := pads[l.Inputs[0]]; ok {
			l.Inputs, l.Pad = pad.Inputs, pad.Pad
		}
		out.Layers = append(out.Layers, l)
	}
	return &out
}

// checkTeacher checks that the layers of taps fit those of the student for pictures of a size. The error is a
// *TeacherError.
func checkTeacher(student, teacher *nn.Network, size int) error {
	theirs, err := shapes(zeroPadded(teacher), size)
	if err != nil {
		return &TeacherError{teacher.Name, err.Error()}
	}
	own, err := shapes(student, size)
	if err != nil {
		return err
	}
	for _, tap := range taps {
		have, want := own[tap], theirs[tap]
		switch {
		case want.C > have.C:
			return &TeacherError{teacher.Name,
				fmt.Sprintf("%s has %d channels, the student's has %d", tap, want.C, have.C)}
		case want.H != have.H || want.W != have.W:
			return &TeacherError{teacher.Name, fmt.Sprintf("%s has %dx%d pixels, the student's has %dx%d",
				tap, want.W, want.H, have.W, have.H)}
		}
	}
	return nil
}

// shapes returns the layers up to taps for pictures of a size.
func shapes(net *nn.Network, size int) (map[string]nn.LayerInfo, error) {
	cut, err := net.Cut(taps...)
	if err != nil {
		return nil, err
	}
	infos, err := cut.Shapes(size, size, 3)
	if err != nil {
		return nil, err
	}
	all := map[string]nn.LayerInfo{}
	for _, info := range infos {
		all[info.Name] = info
	}
	return all, nil
}

// newTeacher binds the teacher and measures its scales over pictures of the source.
func newTeacher(ctx context.Context, d autodiff.Device, net *nn.Network, p nn.Params,
	pictures *batch) (*teacher, error) {
	cut, err := zeroPadded(net).Cut(taps...)
	if err != nil {
		return nil, err
	}
	t := &teacher{}
	if t.model, err = nn.Bind(cut, p); err != nil {
		return nil, err
	}
	g := autodiff.NewGraph()
	x := g.Input("pictures", pictures.shape())
	features := t.model.Build(x, nn.UnitRange)
	var squares []*autodiff.Node
	for _, tap := range taps {
		y := autodiff.ReLU(features[tap])
		squares = append(squares, autodiff.SquaredError(y, nil, 1/float64(y.Shape.Len())))
	}
	program, err := d.Load(autodiff.Compile(d, squares...), 0)
	if err != nil {
		return nil, err
	}
	defer program.Close()
	program.Write(x, pictures.pixels)
	if err := program.Run(ctx); err != nil {
		return nil, err
	}
	for _, s := range squares {
		var v [1]float32
		program.Read(s, v[:])
		t.scale = append(t.scale, 1/math.Sqrt(float64(v[0])))
	}
	return t, nil
}

// errors adds the student's distance from the teacher at each of taps to the graph: the mean squared
// difference of their values, scaled to a root mean square of 1 of the teacher's. The student's first
// channels correspond to the teacher's; it has the others to itself.
func (t *teacher) errors(canvas *autodiff.Node, student nn.Features) []*autodiff.Node {
	features := t.model.Build(canvas, nn.UnitRange)
	var out []*autodiff.Node
	for i, tap := range taps {
		want := features[tap]
		have := autodiff.Slice(student[tap], 0, want.Shape.C)
		out = append(out, autodiff.MSE(
			autodiff.ReLU(autodiff.ScaleOffset(have, 1, margin)),
			autodiff.ReLU(autodiff.ScaleOffset(want, t.scale[i], margin)),
		).Named("teacher/"+tap))
	}
	return out
}
