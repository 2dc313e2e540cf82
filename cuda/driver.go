//go:build cuda

package cuda

/*
#cgo linux LDFLAGS: -ldl
#include <stdlib.h>
#include "driver.h"
*/
import "C"

import (
	"fmt"
	"os"
	"runtime"
	"unsafe"
)

// libraryVariable names another library than the driver's own.
const libraryVariable = "ONEIRO_CUDA_LIB"

// address is a place in a GPU's memory.
type address uint64

// driver is the CUDA driver with the context of one GPU, which belongs to the thread that opened it.
type driver struct {
	c       *C.driver
	device  C.CUdevice
	context C.CUcontext
}

// libraries are the names that the driver's library goes by.
func libraries() []string {
	if name := os.Getenv(libraryVariable); name != "" {
		return []string{name}
	}
	if runtime.GOOS == "windows" {
		return []string{"nvcuda.dll"}
	}
	return []string{"libcuda.so.1", "libcuda.so"}
}

// openDriver opens the driver's library. The error is an *UnavailableError.
func openDriver() (*driver, error) {
	d := &driver{c: (*C.driver)(C.calloc(1, C.sizeof_driver))}
	var reason string
	for i, name := range libraries() {
		library := C.CString(name)
		problem := C.driver_open(library, d.c)
		C.free(unsafe.Pointer(library))
		if problem == nil {
			if err := d.call("cuInit", C.driver_init(d.c)); err != nil {
				return nil, &UnavailableError{err.Error(), "is there an NVIDIA GPU, and does nvidia-smi list it?"}
			}
			return d, nil
		}
		if i == 0 {
			reason = C.GoString(problem)
		}
		C.free(unsafe.Pointer(problem))
	}
	return nil, &UnavailableError{reason, "install NVIDIA's driver, or name its library in " + libraryVariable}
}

// call turns the result of a function of the driver into an error, nil if all went well.
func (d *driver) call(function string, r C.CUresult) error {
	if r == 0 {
		return nil
	}
	return &DriverError{Call: function, Code: int(r), Name: C.GoString(C.driver_error_name(d.c, r))}
}

func (d *driver) version() (v int, err error) {
	var c C.int
	err = d.call("cuDriverGetVersion", C.driver_get_version(d.c, &c))
	return int(c), err
}

func (d *driver) count() (n int, err error) {
	var c C.int
	err = d.call("cuDeviceGetCount", C.driver_device_count(d.c, &c))
	return int(c), err
}

// attributes of a GPU, by their numbers in the driver's interface
const (
	attributeClock        = 13
	attributeProcessors   = 16
	attributeMajor        = 75
	attributeMinor        = 76
	attributeSharedMemory = 97 // bytes that a block may ask for
)

func (d *driver) attribute(device C.CUdevice, number int) (int, error) {
	var v C.int
	err := d.call("cuDeviceGetAttribute", C.driver_device_attribute(d.c, &v, C.int(number), device))
	return int(v), err
}

// info describes a GPU.
func (d *driver) info(index int) (Info, error) {
	var device C.CUdevice
	if err := d.call("cuDeviceGet", C.driver_device_get(d.c, &device, C.int(index))); err != nil {
		return Info{}, err
	}
	var in Info
	var err error
	if in.Driver, err = d.version(); err != nil {
		return in, err
	}
	var name [128]C.char
	err = d.call("cuDeviceGetName", C.driver_device_name(d.c, &name[0], C.int(len(name)), device))
	if err != nil {
		return in, err
	}
	in.Name = C.GoString(&name[0])
	var bytes C.size_t
	if err := d.call("cuDeviceTotalMem", C.driver_device_memory(d.c, &bytes, device)); err != nil {
		return in, err
	}
	in.Memory = int64(bytes)
	for _, a := range []struct {
		number int
		to     *int
	}{
		{attributeMajor, &in.Major}, {attributeMinor, &in.Minor},
		{attributeProcessors, &in.Processors}, {attributeClock, &in.Clock},
	} {
		if *a.to, err = d.attribute(device, a.number); err != nil {
			return in, err
		}
	}
	return in, nil
}

// use makes a context of a GPU current on this thread.
func (d *driver) use(index int) error {
	if err := d.call("cuDeviceGet", C.driver_device_get(d.c, &d.device, C.int(index))); err != nil {
		return err
	}
	if err := d.call("cuDevicePrimaryCtxRetain", C.driver_retain(d.c, &d.context, d.device)); err != nil {
		return err
	}
	err := d.call("cuCtxSetCurrent", C.driver_set_current(d.c, d.context))
	if err != nil {
		d.release()
	}
	return err
}

func (d *driver) release() error {
	return d.call("cuDevicePrimaryCtxRelease", C.driver_release(d.c, d.device))
}

func (d *driver) synchronize() error {
	return d.call("cuCtxSynchronize", C.driver_synchronize(d.c))
}

// module is kernels, translated for the GPU.
type module struct {
	c         C.CUmodule
	functions map[string]C.CUfunction
}

func (d *driver) load(ptx []byte) (*module, error) {
	image := C.CBytes(append(ptx[:len(ptx):len(ptx)], 0))
	defer C.free(image)
	m := &module{functions: map[string]C.CUfunction{}}
	return m, d.call("cuModuleLoadData", C.driver_load(d.c, &m.c, image))
}

func (d *driver) unload(m *module) error {
	return d.call("cuModuleUnload", C.driver_unload(d.c, m.c))
}

// function returns a kernel of kernels/*.cu.
func (d *driver) function(m *module, name string) (C.CUfunction, error) {
	if f, ok := m.functions[name]; ok {
		return f, nil
	}
	text := C.CString("oneiro_" + name)
	defer C.free(unsafe.Pointer(text))
	var f C.CUfunction
	err := d.call("cuModuleGetFunction "+name, C.driver_function(d.c, &f, m.c, text))
	if err == nil {
		m.functions[name] = f
	}
	return f, err
}

func (d *driver) alloc(bytes int64) (address, error) {
	var p C.CUdeviceptr
	err := d.call("cuMemAlloc", C.driver_alloc(d.c, &p, C.size_t(bytes)))
	return address(p), forBytes(err, bytes)
}

// forBytes has an error say how much memory was asked for.
func forBytes(err error, bytes int64) error {
	if e, ok := err.(*DriverError); ok {
		e.Bytes = bytes
	}
	return err
}

// allocShared returns memory that the GPU works on, and that the process may use while the GPU rests.
func (d *driver) allocShared(numbers int) ([]float32, error) {
	var p unsafe.Pointer
	bytes := 4 * int64(numbers)
	if err := d.call("cuMemAllocManaged", C.driver_alloc_managed(d.c, &p, C.size_t(bytes))); err != nil {
		return nil, forBytes(err, bytes)
	}
	return unsafe.Slice((*float32)(p), numbers), nil
}

// addressOf returns where numbers lie, of which the GPU's memory and that of the process have no two in
// the same place.
func addressOf(s []float32) address { return address(uintptr(unsafe.Pointer(unsafe.SliceData(s)))) }

func (d *driver) free(p address) error {
	return d.call("cuMemFree", C.driver_free(d.c, C.CUdeviceptr(p)))
}

// freeMemory returns how many bytes of the GPU's memory are free.
func (d *driver) freeMemory() (int64, error) {
	var free, total C.size_t
	err := d.call("cuMemGetInfo", C.driver_free_memory(d.c, &free, &total))
	return int64(free), err
}

// write and read copy numbers, of which there is at least one, and wait until they are there. The form &s[0]
// tells cgo that the numbers alone are passed on, and not what they are a field of.
func write[T float32 | int32](d *driver, dst address, src []T) error {
	bytes := C.size_t(4 * len(src))
	return d.call("cuMemcpyHtoD", C.driver_write(d.c, C.CUdeviceptr(dst), unsafe.Pointer(&src[0]), bytes))
}

func read[T float32 | float64](d *driver, dst []T, src address) error {
	bytes := C.size_t(len(dst) * int(unsafe.Sizeof(dst[0])))
	return d.call("cuMemcpyDtoH", C.driver_read(d.c, unsafe.Pointer(&dst[0]), C.CUdeviceptr(src), bytes))
}

// copy copies bytes from one place on the GPU to another, in turn with the GPU's other work.
func (d *driver) copy(dst, src address, bytes int64) error {
	return d.call("cuMemcpyDtoD", C.driver_copy(d.c, C.CUdeviceptr(dst), C.CUdeviceptr(src), C.size_t(bytes)))
}

// list is launches ready to be made, in memory of C.
type list struct {
	memory unsafe.Pointer
	items  []C.launch
	names  []string
}

// prepare makes a list. Each launch's arguments are packed as the driver wants them.
func (d *driver) prepare(m *module, launches []launch, pack func(*launch) []byte) (*list, error) {
	packed := make([][]byte, len(launches))
	size := len(launches) * C.sizeof_launch
	for i := range launches {
		packed[i] = pack(&launches[i])
		size += (len(packed[i]) + 15) &^ 15
	}
	l := &list{memory: C.calloc(1, C.size_t(max(size, 1)))}
	l.items = unsafe.Slice((*C.launch)(l.memory), len(launches))
	at := unsafe.Add(l.memory, len(launches)*C.sizeof_launch)
	for i := range launches {
		f, err := d.function(m, launches[i].kernel)
		if err != nil {
			l.free()
			return nil, err
		}
		copy(unsafe.Slice((*byte)(at), len(packed[i])), packed[i])
		g, b := launches[i].grid, launches[i].block
		l.items[i] = C.launch{
			function: f,
			gx:       C.uint(g[0]), gy: C.uint(g[1]), gz: C.uint(g[2]),
			bx: C.uint(b[0]), by: C.uint(b[1]), bz: C.uint(b[2]),
			shared: C.uint(launches[i].shared), size: C.uint32_t(len(packed[i])), args: at,
		}
		l.names = append(l.names, launches[i].kernel)
		at = unsafe.Add(at, (len(packed[i])+15)&^15)
	}
	return l, nil
}

func (l *list) free() { C.free(l.memory) }

// run makes the launches lo..hi-1 of a list. It does not wait for them.
func (d *driver) run(l *list, lo, hi int) error {
	if lo == hi {
		return nil
	}
	var failed C.int
	r := C.driver_launch(d.c, &l.items[lo], C.int(hi-lo), &failed)
	if r == 0 {
		return nil
	}
	return d.call(fmt.Sprintf("cuLaunchKernel %s", l.names[lo+int(failed)]), r)
}

// start makes one launch by itself, whose places are addresses.
func (d *driver) start(m *module, l launch) error {
	list, err := d.prepare(m, []launch{l}, func(l *launch) []byte { return arguments(l, nil) })
	if err != nil {
		return err
	}
	defer list.free()
	return d.run(list, 0, 1)
}

// event is a moment in the GPU's work.
type event C.CUevent

func (d *driver) event() (event, error) {
	var e C.CUevent
	err := d.call("cuEventCreate", C.driver_event_create(d.c, &e))
	return event(e), err
}

func (d *driver) record(e event) error {
	return d.call("cuEventRecord", C.driver_event_record(d.c, C.CUevent(e)))
}

// elapsed returns the seconds between two events, for the second of which it waits.
func (d *driver) elapsed(from, to event) (float64, error) {
	var ms C.float
	err := d.call("cuEventElapsedTime", C.driver_event_elapsed(d.c, &ms, C.CUevent(from), C.CUevent(to)))
	return float64(ms) / 1000, err
}

func (d *driver) destroy(e event) error {
	return d.call("cuEventDestroy", C.driver_event_destroy(d.c, C.CUevent(e)))
}
