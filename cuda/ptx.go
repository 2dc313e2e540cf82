//go:build cuda

package cuda

import _ "embed"

// The kernels as the generator in _gen compiled them.
var (
	//go:embed kernels/sm50.ptx
	sm50 []byte
	//go:embed kernels/sm80.ptx
	sm80 []byte
)

// ptx returns the kernels for the GPU.
func (d *device) ptx() []byte {
	if d.info.Major >= 8 {
		return sm80
	}
	return sm50
}

// tensorCores reports whether the GPU multiplies matrices of TF32 numbers.
func (d *device) tensorCores() bool { return d.info.Major >= 8 }
