// Package flow estimates how things move from one picture to another, and uses it: it warps pictures along,
// says where the motion can be relied on, and finds cuts.
//
// The method is DIS: Kroeger, Timofte, Dai and Van Gool, "Fast Optical Flow using Dense Inverse Search"
// (arXiv:1603.03590), with the variational refinement of Brox, Bruhn, Papenberg and Weickert, "High Accuracy
// Optical Flow Estimation Based on a Theory for Warping" (ECCV 2004). Nothing in it was trained. Where it
// differs from the papers is said at the line that differs.
//
// Work is cut by shapes alone, so that a flow has the same bits on any number of threads.
package flow
