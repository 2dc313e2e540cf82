// Package weights reads and writes files of tensors.
//
// Open detects the format of a file from its content. Opening reads only the directory of a file: names,
// shapes, types, places. A tensor is streamed when it is requested, in pieces, into a slice in the engine's
// layout, and checked on the way: its checksum, if the file has one, and that every number is finite. Files
// are not mapped into memory: parameters are read once and packed for the kernels, and a mapped file that
// somebody truncates ends the process rather than the read.
//
// Each format is a package of weights/internal (the table is in open.go). It lists tensors, under the names
// that the file has for them, and trusts no length that it reads; File does the rest for all of them. Formats
// with a graph list its layers too (File.Layers), with the batch normalisation that is to be folded into each.
// Which network the tensors belong to is not known here: package zoo knows.
//
// Every error that a file can cause is one of the types in errors.go: one line of text, and a Hint.
//
// # Readers of our own
//
// Weights come from anywhere, so every reader has a budget: how many bytes of directory, fields or opcodes it
// reads and how much memory it takes, whatever the file says. Each has a fuzz target, and each streams a
// tensor of half a gigabyte through a buffer of kilobytes. No library that we know of promises these
// bounds:
//
//   - HDF5: github.com/scigolib/hdf5, and gonum/hdf5, which needs C. Here: the subset of h5py and Keras.
//   - MAT: github.com/scigolib/matlab. MatConvNet's VGG-19 is one zlib stream of 535 MB, which is never in
//     memory here.
//   - pickle: github.com/nlpodyssey/gopickle. Here a fixed list of names is known, and nothing else is called:
//     what another name would make is a place for what is given to it.
//   - NumPy: github.com/sbinet/npyio. The header is a page; what matters is that its sizes are compared with
//     the file.
//   - protocol buffers: google.golang.org/protobuf needs the schemas and the whole message. Its package
//     protowire has no schemas, but takes a message from memory, where ours is as long as the file; what is
//     left of it is a call of encoding/binary for each tag.
package weights
