// Package train trains the built-in network, or one like it, on labelled pictures: drawn motifs
// (train/motif) or folders of the user's own.
//
// The network learns from two sources at once. The labels teach it what is in a picture, which dreams amplify.
// A teacher, a larger network that sees the same pictures, teaches it the features of its layers, so that Gram
// matrices capture colours and brush strokes as the teacher's do; labels alone do not.
//
// The same options give the same bits on any number of threads with one instruction set, whether a training
// was stopped and resumed or not.
package train
