// Package container is the vocabulary that the readers of file formats have in common: a container lists
// tensors, says where their bytes are, and trusts no length that it reads.
package container

import "io"

// Container is an open file, or folder, of some format.
type Container struct {
	io.Closer
	Format string // for people, such as "NumPy archive (.npz)"
	// Tensors are in the order in which the network uses them where the file has that, and in the file's where
	// not.
	Tensors []Tensor
	// Layers are those of the network in the order of use, if the file has a graph; Before is what the graph
	// does to the picture before the first of them.
	Layers []Layer
	Before []Step
	// Activations are the operations after layers that are activations and no ReLU, under the format's names,
	// by the layers' weights.
	Activations map[string]string
	// Unread are the tensors that no operation on the picture reads, as far as a graph says that.
	Unread   []string
	Input    Input             // in words beside the tensors, rather than as a graph
	Metadata map[string]string // what the file says of itself, if its format has room for that
	// More lists the tensors that were left out when the file was opened, because finding them takes long. It
	// is called once. On an error the last of the tensors returns that when it is opened. More is nil if there
	// are none.
	More func() ([]Tensor, error)
}

// Source is where a container reads from.
type Source interface {
	io.ReaderAt
	io.Closer
}

// Format is a kind of file.
type Format struct {
	Name string // for people, such as "a safetensors file"
	// Is says whether the first bytes of a file of that size announce the format.
	Is func(head []byte, size int64) bool
	// Open takes over r unless it fails. It reads only the directory of the file.
	Open func(path string, r Source, size int64) (*Container, error)
}

// HeadSize is how many of the first bytes of a file Format.Is gets, if the file is that long.
const HeadSize = 4096

// MaxTensors and MaxDimensions bound what a directory can make of a few bytes each. The largest networks have
// some thousand tensors.
const (
	MaxTensors    = 1 << 15
	MaxDimensions = 32
)
