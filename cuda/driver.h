// The part of the CUDA driver's interface that is used here, declared anew: no header of NVIDIA's is needed.
#include <stddef.h>
#include <stdint.h>

typedef int CUresult;
typedef int CUdevice;
typedef uint64_t CUdeviceptr;
typedef void *CUcontext, *CUmodule, *CUfunction, *CUstream, *CUevent;

// X(name in the library, name here, parameters)
#define DRIVER_FUNCTIONS(X) \
	X(cuInit, init, (unsigned flags)) \
	X(cuDriverGetVersion, driver_get_version, (int *version)) \
	X(cuGetErrorName, get_error_name, (CUresult r, const char **name)) \
	X(cuDeviceGetCount, device_get_count, (int *count)) \
	X(cuDeviceGet, device_get, (CUdevice *device, int index)) \
	X(cuDeviceGetName, device_get_name, (char *name, int len, CUdevice device)) \
	X(cuDeviceGetAttribute, device_get_attribute, (int *value, int attribute, CUdevice device)) \
	X(cuDeviceTotalMem_v2, device_total_mem, (size_t *bytes, CUdevice device)) \
	X(cuDevicePrimaryCtxRetain, primary_ctx_retain, (CUcontext *context, CUdevice device)) \
	X(cuDevicePrimaryCtxRelease_v2, primary_ctx_release, (CUdevice device)) \
	X(cuCtxSetCurrent, ctx_set_current, (CUcontext context)) \
	X(cuCtxSynchronize, ctx_synchronize, (void)) \
	X(cuModuleLoadData, module_load_data, (CUmodule *module, const void *image)) \
	X(cuModuleUnload, module_unload, (CUmodule module)) \
	X(cuModuleGetFunction, module_get_function, (CUfunction *function, CUmodule module, const char *name)) \
	X(cuMemGetInfo_v2, mem_get_info, (size_t *free, size_t *total)) \
	X(cuMemAlloc_v2, mem_alloc, (CUdeviceptr *p, size_t bytes)) \
	X(cuMemAllocManaged, mem_alloc_managed, (CUdeviceptr *p, size_t bytes, unsigned flags)) \
	X(cuMemFree_v2, mem_free, (CUdeviceptr p)) \
	X(cuMemcpyHtoD_v2, memcpy_htod, (CUdeviceptr dst, const void *src, size_t bytes)) \
	X(cuMemcpyDtoH_v2, memcpy_dtoh, (void *dst, CUdeviceptr src, size_t bytes)) \
	X(cuMemcpyDtoD_v2, memcpy_dtod, (CUdeviceptr dst, CUdeviceptr src, size_t bytes)) \
	X(cuLaunchKernel, launch_kernel, (CUfunction f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, \
		unsigned shared, CUstream stream, void **params, void **extra)) \
	X(cuEventCreate, event_create, (CUevent *event, unsigned flags)) \
	X(cuEventRecord, event_record, (CUevent event, CUstream stream)) \
	X(cuEventSynchronize, event_synchronize, (CUevent event)) \
	X(cuEventElapsedTime, event_elapsed_time, (float *milliseconds, CUevent start, CUevent end)) \
	X(cuEventDestroy_v2, event_destroy, (CUevent event))

#define DECLARE(name, field, params) CUresult (*field) params;
typedef struct {
	DRIVER_FUNCTIONS(DECLARE)
} driver;
#undef DECLARE

// driver_open opens a library and finds the functions. It returns NULL, or what is wrong, to be freed.
char *driver_open(const char *library, driver *d);

// launch is a kernel launch, ready to be made. args are size bytes, each parameter on its own alignment.
typedef struct {
	CUfunction function;
	unsigned gx, gy, gz, bx, by, bz, shared;
	uint32_t size;
	const void *args;
} launch;

// driver_launch makes launches one after the other. It stops at the first that fails, whose number it
// leaves in failed.
CUresult driver_launch(const driver *d, const launch *list, int n, int *failed);

// Each calls the function of its name.
CUresult driver_init(const driver *d);
CUresult driver_get_version(const driver *d, int *version);
const char *driver_error_name(const driver *d, CUresult r);
CUresult driver_device_count(const driver *d, int *count);
CUresult driver_device_get(const driver *d, CUdevice *device, int index);
CUresult driver_device_name(const driver *d, char *name, int len, CUdevice device);
CUresult driver_device_attribute(const driver *d, int *value, int attribute, CUdevice device);
CUresult driver_device_memory(const driver *d, size_t *bytes, CUdevice device);
CUresult driver_retain(const driver *d, CUcontext *context, CUdevice device);
CUresult driver_set_current(const driver *d, CUcontext context);
CUresult driver_release(const driver *d, CUdevice device);
CUresult driver_synchronize(const driver *d);
CUresult driver_load(const driver *d, CUmodule *module, const void *image);
CUresult driver_unload(const driver *d, CUmodule module);
CUresult driver_function(const driver *d, CUfunction *function, CUmodule module, const char *name);
CUresult driver_free_memory(const driver *d, size_t *free_bytes, size_t *total);
CUresult driver_alloc(const driver *d, CUdeviceptr *p, size_t bytes);
CUresult driver_alloc_managed(const driver *d, void **p, size_t bytes);
CUresult driver_free(const driver *d, CUdeviceptr p);
CUresult driver_write(const driver *d, CUdeviceptr dst, const void *src, size_t bytes);
CUresult driver_read(const driver *d, void *dst, CUdeviceptr src, size_t bytes);
CUresult driver_copy(const driver *d, CUdeviceptr dst, CUdeviceptr src, size_t bytes);
CUresult driver_event_create(const driver *d, CUevent *event);
CUresult driver_event_record(const driver *d, CUevent event);
CUresult driver_event_elapsed(const driver *d, float *milliseconds, CUevent start, CUevent end); // waits for end
CUresult driver_event_destroy(const driver *d, CUevent event);
