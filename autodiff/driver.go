package autodiff

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Driver opens devices of one kind. A package with a kind of device registers its driver when it is imported.
type Driver struct {
	// Name is what people call the kind: "cpu", "cuda".
	Name string
	// Open opens the device of that number, counted from 0.
	Open func(index int, o DeviceOptions) (Device, error)
}

// DeviceOptions configure a device; the zero value is the best that it has. Devices ignore options
// that they have no use for.
type DeviceOptions struct {
	// Threads is the number of threads of the processor; 0 stands for all processors.
	Threads int
	// Kernels is the instruction set of the processor's kernels, as package simd names it; empty
	// stands for the best.
	Kernels string
	// Winograd chooses between the processor's Winograd algorithms, whose results differ in rounding: "4", "6",
	// "builtin" or empty for what was measured on such kernels, or a cpu.TileTable in JSON.
	Winograd string
	// TF32 lets a GPU multiply with 11 bits of each factor where it can, several times as fast.
	TF32 bool
}

var drivers []Driver

// Register makes a driver known to OpenDevice. Init functions call it.
func Register(d Driver) { drivers = append(drivers, d) }

// OpenDevice opens a device by name, as ParseDevice reads it. The error is an *UnknownDeviceError, a
// *DeviceOptionError, or the driver's own.
func OpenDevice(name string, o DeviceOptions) (Device, error) {
	kind, index, err := ParseDevice(name)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(drivers, func(d Driver) bool { return d.Name == kind })
	return drivers[i].Open(index, o)
}

// ParseDevice reads the name of a device: that of a driver, with ":1" after it for the second device
// of its kind and so on. The error is an *UnknownDeviceError.
func ParseDevice(name string) (kind string, index int, err error) {
	kind, number, numbered := strings.Cut(name, ":")
	if numbered {
		index, err = strconv.Atoi(number)
	}
	known := slices.ContainsFunc(drivers, func(d Driver) bool { return d.Name == kind })
	if !known || err != nil || index < 0 {
		e := &UnknownDeviceError{Name: name}
		for _, d := range drivers {
			e.Kinds = append(e.Kinds, d.Name)
		}
		return "", 0, e
	}
	return kind, index, nil
}

// UnknownDeviceError reports a name that is no device's.
type UnknownDeviceError struct {
	Name  string
	Kinds []string // the names of the drivers
}

func (e *UnknownDeviceError) Error() string { return fmt.Sprintf("device: %q is not known", e.Name) }

// DeviceOptionError reports an option that a device cannot be opened with.
type DeviceOptionError struct {
	Option string // the name of the field of DeviceOptions in lower case
	Err    error
}

func (e *DeviceOptionError) Error() string { return e.Option + ": " + e.Err.Error() }

// Unwrap returns what is wrong with it.
func (e *DeviceOptionError) Unwrap() error { return e.Err }
