// Package weights reads the parameters of networks from files.
//
// Open looks at what a file contains, never at its name. Opening reads only the directory of a
// file: names, shapes, types, places. A tensor is streamed when it is asked for, in pieces, into a
// slice in the engine's layout, and checked on the way: its checksum, if the file has one, and that
// every number is finite. Files are not mapped into memory: parameters are read once and packed for
// the kernels, and a mapped file that somebody truncates ends the process rather than the read.
//
// Between a container (torch_zip.go, caffe.go, mat.go and others; the table is in open.go) and the rest lies
// one type, entry. A container finds entries, under the names that the file has for them, and trusts no length
// that it reads; File does the rest for all of them.
//
// What others call the parameters of a network is data too: naming.go says how a file is recognised, and
// naming_vgg.go and its like are the tables. A parameter may be made of several tensors, as batch normalisation
// is folded into the convolution before it (fold.go). What a file expects of a picture is found out from its
// numbers (preset.go).
//
// Every error that a file can cause is one of the types in errors.go: one line of text, and a Hint.
package weights
