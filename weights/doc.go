// Package weights reads the parameters of networks from files.
//
// Open looks at what a file contains, never at its name. Opening reads only the directory of a
// file: names, shapes, types, places. A tensor is streamed when it is asked for, in pieces, into a
// slice in the engine's layout, and checked on the way: its checksum, if the file has one, and that
// every number is finite. Files are not mapped into memory: parameters are read once and packed for
// the kernels, and a mapped file that somebody truncates ends the process rather than the read.
//
// Between a container (rawfolder.go, npz.go) and the rest lies one type, entry. A container finds
// entries and trusts no length that it reads; File does the rest for all of them.
//
// Every error that a file can cause is one of the types in errors.go: one line of text, and a Hint.
package weights
