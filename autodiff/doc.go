// Package autodiff is the engine: a graph of operations, its gradient as more graph, a plan that
// orders and places everything once, and a device that runs the plan as often as asked.
//
//	g := autodiff.NewGraph()
//	x := g.Input("image", autodiff.Shape{N: 1, H: 512, W: 512, C: 3})
//	y := autodiff.ReLU(autodiff.Conv2D(x, w, b, autodiff.Conv{Pad: autodiff.Same(3, 3)}))
//	loss := autodiff.Mean(autodiff.Square(y))
//	dx := autodiff.Gradient(loss, x)[0]
//	plan := autodiff.Compile(device, loss, dx)
//	prog, err := device.Load(plan, 0)
//	prog.Write(x, pixels); prog.Run(ctx); prog.Read(dx, grad)
//
// Every value is float32 in the order batch, height, width, channel. The functions that build a
// graph panic if shapes do not fit: that is a caller's bug. What a file or a person can cause is
// checked by the packages above this one.
package autodiff
