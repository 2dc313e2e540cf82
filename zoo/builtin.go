package zoo

import (
	_ "embed"
	"sync"

	"oneiro/nn"
	"oneiro/weights"
)

// builtin was written by oneiro train; the README beside it says how.
//
//go:embed builtin/net.safetensors
var builtin []byte

// Builtin returns the network that comes with the program, and its parameters.
func Builtin() (*nn.Network, *Params) { return nn.Builtin(), BuiltinParams() }

// BuiltinParams returns the parameters of the network that comes with the program. They need not be closed.
func BuiltinParams() *Params { return openBuiltin() }

var openBuiltin = sync.OnceValue(func() *Params {
	f, err := weights.OpenBytes("the built-in weights", builtin)
	if err != nil {
		panic(err) // which a test would have seen
	}
	return newParams(f)
})

// builtinNaming has the names that oneiro train writes.
func builtinNaming() naming {
	n := vggNaming{by: "oneiro train", conv: vggNumbered("conv%d_%d")}.of(builtinName, [5]int{2, 2, 4, 4, 4})
	n.add("fc8", "fc8")
	return n
}

var builtinName = nn.Builtin().Name
