// Package render holds the pipelines: style transfer and DeepDream, from pictures in memory to a
// picture in memory.
//
// Both are short lists over the same parts: an objective (package loss) over a network (package nn),
// a canvas of pixels, a schedule of sizes from coarse to fine, and an optimiser. For each size the
// graph from canvas to loss and back is planned once and run at every step.
package render
