package bench

import (
	"fmt"
	"slices"

	"oneiro/autodiff"
	"oneiro/render"
)

// graph returns an Open function for a workload that computes the nodes that build returns. Inputs are noise
// between 0 and 1, except scalars: they are weights, and 1.
func graph(build func() ([]*autodiff.Node, error)) func(*render.Engine) (*Instance, error) {
	return func(e *render.Engine) (*Instance, error) {
		outputs, err := build()
		if err != nil {
			return nil, err
		}
		plan := autodiff.Compile(e.Device, outputs...)
		program, err := e.Device.Load(plan, 0)
		if err != nil {
			return nil, err
		}
		for i, in := range plan.Inputs {
			data := []float32{1}
			if in.Shape != autodiff.Scalar {
				data = noise(fmt.Sprint("input ", i), in.Shape.Len(), 0, 1)
			}
			program.Write(in, data)
		}
		in := &Instance{
			Run: program.Run,
			Outputs: func() [][]float32 {
				out := make([][]float32, len(outputs))
				for i, n := range outputs {
					out[i] = make([]float32, n.Shape.Len())
					program.Read(n, out[i])
				}
				return out
			},
			FLOPs: plan.FLOPs(), Bytes: traffic(plan),
			Footprint: e.Device.Footprint(plan, 0).Total(),
			Close:     program.Close,
		}
		if p, ok := program.(autodiff.Profiler); ok {
			in.Profile = p.Profile
		}
		return in, nil
	}
}

// traffic returns the bytes that the steps read and write, each operand once per step.
func traffic(p *autodiff.Plan) (bytes int64) {
	for _, s := range p.Steps {
		if s.Op.View {
			continue
		}
		for _, n := range s.Writes() {
			bytes += n.Shape.Bytes()
		}
		reads := s.Reads()
		for i, in := range reads {
			if !slices.Contains(reads[:i], in) {
				bytes += in.Shape.Bytes()
			}
		}
	}
	return bytes
}
