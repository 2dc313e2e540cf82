//go:build !cuda

package cuda

// Open returns an *UnavailableError.
func Open(Options) (Device, error) { return nil, errNotBuilt }

// List returns an *UnavailableError.
func List() ([]Info, error) { return nil, errNotBuilt }

var errNotBuilt = &UnavailableError{
	Reason: "this program was built without CUDA",
	Fix:    "build it with CGO_ENABLED=1 go build -tags cuda ./cmd/oneiro",
}
