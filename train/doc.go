// Package train trains the built-in network, or one like it, from pictures with labels: drawn motifs
// (train/motif) or folders of a person's own.
//
// Two things are learnt at once. From the labels, what is in a picture: this is what dreams bring forth.
// From a teacher, another network that looks at the same pictures, what its layers answer: Gram matrices
// then mean what they mean to the teacher, colours and strokes included, which labels alone do not teach.
//
// The same options give the same bits on any number of threads of one instruction set, and a training that
// was stopped and goes on gives those of one that was not.
package train
