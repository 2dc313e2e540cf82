// Package conformance says what a device has to compute, and checks that it does.
//
// Eval is the definition: an interpreter of graphs in float64 whose loops are written from the
// documentation of the operations, share nothing with any device's kernels, and are as naive as they
// can be. Cases covers every row of the table of operations in its corners. RunDevice runs every case
// on a device and compares: values and gradients with the oracle, and gradients along random
// directions with the oracle's central differences, which owe nothing to anybody's derivation.
package conformance
