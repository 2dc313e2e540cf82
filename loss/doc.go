// Package loss holds the terms of an objective: what a picture is optimised for.
//
// An [Objective] is a list of terms, each with a name, a weight and a recipe for a scalar node over
// the layers of a network or the picture itself. Their weighted sum is the loss; what is reported
// is what is differentiated.
//
// A term that compares is by default relative: the squared distance to the target divided by the
// target's own square. Relative terms mean the same for every network, layer and picture size, so
// their weights do too. The absolute forms of other programs are there for compatibility.
package loss
