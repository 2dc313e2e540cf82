package simd

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// tierNames are the tiers of all processors.
var tierNames = []string{"avx512", "avx2", "neon", "generic"}

var available = sync.OnceValue(func() []*Kernels {
	return append(machineTiers(), &genericKernels)
})

// Best returns the fastest tier that this machine can run.
func Best() *Kernels { return available()[0] }

// Available returns all tiers that this machine can run, the fastest first. The last one is always generic.
func Available() []*Kernels { return slices.Clone(available()) }

// Lookup returns the tier of that name. The error is a *TierError.
func Lookup(name string) (*Kernels, error) {
	e := &TierError{Name: name, Known: slices.Contains(tierNames, name)}
	for _, t := range available() {
		if t.Name == name {
			return t, nil
		}
		e.Available = append(e.Available, t.Name)
	}
	return nil, e
}

// TierError reports a tier that was asked for by name and is not available.
type TierError struct {
	Name      string
	Known     bool     // there is such a tier, but this processor or operating system lacks it
	Available []string // what this machine can run, the fastest first
}

func (e *TierError) Error() string {
	if e.Known {
		return fmt.Sprintf("this machine cannot run the %s kernels", e.Name)
	}
	return fmt.Sprintf("there are no kernels called %q", e.Name)
}

// Hint lists the tiers to choose from.
func (e *TierError) Hint() string {
	return "available here: " + strings.Join(e.Available, ", ")
}
