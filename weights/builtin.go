package weights

import (
	"bytes"
	_ "embed"
	"sync"
)

// builtin was written by oneiro train; the README beside it says how.
//
//go:embed builtin/net.safetensors
var builtin []byte

// Builtin returns the parameters of the network that comes with the program. It need not be closed.
func Builtin() *File { return openBuiltin() }

var openBuiltin = sync.OnceValue(func() *File {
	const path = "the built-in weights"
	c, err := openFile(path, nopCloser{bytes.NewReader(builtin)}, int64(len(builtin)))
	if err == nil {
		var f *File
		if f, err = newFile(path, c); err == nil {
			return f
		}
	}
	panic(err) // which a test would have seen
})

type nopCloser struct{ *bytes.Reader }

func (nopCloser) Close() error { return nil }

// builtinNaming is how oneiro train calls what it writes.
func builtinNaming() naming {
	n := vggNaming{by: "oneiro train", conv: vggNumbered("conv%d_%d", torchRoles)}.of("builtin", [5]int{2, 2, 4, 4, 4})
	n.layers[0].numbers = 3 * 3 * 3 * 24
	n.add("fc8", pairOf("fc8", torchRoles))
	return n
}
