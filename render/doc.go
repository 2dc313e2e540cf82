// Package render makes pictures with networks: style transfer, textures, DeepDream and feature
// visualisation, from pictures in memory to pictures in memory.
//
// Style, Texture, Dream and Vis return a Spec, which says what a run does along five axes: an objective
// (terms of package loss over a network of package nn), a canvas (what the optimiser changes), a transform
// (how the network is shown the canvas), a schedule of sizes, and an optimiser.
//
//	job, err := render.New(render.Style(options), net, params)
//	engine, err := render.NewEngine(render.EngineOptions{})
//	plans := job.Plans(engine) // memory and work; computes nothing
//	result, err := job.Run(ctx, engine, render.Events{})
//
// For each size, the graph from the canvas to the loss and back is planned once and run at every step. A
// Recipe is all that a result depends on, as data. A State is where a run is: a job that resumes from one, or
// from the Checkpoint that it was written to, ends with the same bits as if the run had gone on.
//
// An engine computes on a device of package autodiff. Programs import the packages of the devices that they
// want, such as oneiro/autodiff/cpu.
package render
