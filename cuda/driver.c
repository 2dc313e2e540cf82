//go:build cuda

#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#include <windows.h>
static void *library_open(const char *name) { return (void *)LoadLibraryA(name); }
static void *library_find(void *l, const char *name) { return (void *)GetProcAddress((HMODULE)l, name); }
static const char *library_error(void) { return "the library does not load"; }
#else
#include <dlfcn.h>
static void *library_open(const char *name) { return dlopen(name, RTLD_NOW | RTLD_LOCAL); }
static void *library_find(void *l, const char *name) { return dlsym(l, name); }
static const char *library_error(void) { return dlerror(); }
#endif

char *driver_open(const char *library, driver *d) {
	void *l = library_open(library);
	if (!l) return strdup(library_error());
#define FIND(name, field, params) \
	if (!(d->field = (CUresult(*) params)library_find(l, #name))) return strdup(#name " is missing in the library: the driver is too old");
	DRIVER_FUNCTIONS(FIND)
#undef FIND
	return NULL;
}

CUresult driver_launch(const driver *d, const launch *list, int n, int *failed) {
	for (int i = 0; i < n; i++) {
		const launch *l = &list[i];
		size_t size = l->size;
		// CU_LAUNCH_PARAM_BUFFER_POINTER, CU_LAUNCH_PARAM_BUFFER_SIZE, CU_LAUNCH_PARAM_END
		void *extra[] = {(void *)1, (void *)l->args, (void *)2, &size, (void *)0};
		CUresult r = d->launch_kernel(l->function, l->gx, l->gy, l->gz, l->bx, l->by, l->bz, l->shared, NULL, NULL, extra);
		if (r) {
			*failed = i;
			return r;
		}
	}
	return 0;
}

CUresult driver_init(const driver *d) { return d->init(0); }
CUresult driver_get_version(const driver *d, int *version) { return d->driver_get_version(version); }
const char *driver_error_name(const driver *d, CUresult r) {
	const char *name = NULL;
	return d->get_error_name(r, &name) == 0 && name ? name : "unknown error";
}
CUresult driver_device_count(const driver *d, int *count) { return d->device_get_count(count); }
CUresult driver_device_get(const driver *d, CUdevice *device, int index) { return d->device_get(device, index); }
CUresult driver_device_name(const driver *d, char *name, int len, CUdevice device) { return d->device_get_name(name, len, device); }
CUresult driver_device_attribute(const driver *d, int *value, int attribute, CUdevice device) { return d->device_get_attribute(value, attribute, device); }
CUresult driver_device_memory(const driver *d, size_t *bytes, CUdevice device) { return d->device_total_mem(bytes, device); }
CUresult driver_retain(const driver *d, CUcontext *context, CUdevice device) { return d->primary_ctx_retain(context, device); }
CUresult driver_set_current(const driver *d, CUcontext context) { return d->ctx_set_current(context); }
CUresult driver_release(const driver *d, CUdevice device) { return d->primary_ctx_release(device); }
CUresult driver_synchronize(const driver *d) { return d->ctx_synchronize(); }
CUresult driver_load(const driver *d, CUmodule *module, const void *image) { return d->module_load_data(module, image); }
CUresult driver_unload(const driver *d, CUmodule module) { return d->module_unload(module); }
CUresult driver_function(const driver *d, CUfunction *function, CUmodule module, const char *name) { return d->module_get_function(function, module, name); }
CUresult driver_free_memory(const driver *d, size_t *free_bytes, size_t *total) { return d->mem_get_info(free_bytes, total); }
CUresult driver_alloc(const driver *d, CUdeviceptr *p, size_t bytes) { return d->mem_alloc(p, bytes); }
CUresult driver_alloc_managed(const driver *d, void **p, size_t bytes) {
	CUdeviceptr at = 0;
	CUresult r = d->mem_alloc_managed(&at, bytes, 1); // CU_MEM_ATTACH_GLOBAL
	*p = (void *)(uintptr_t)at;
	return r;
}
CUresult driver_free(const driver *d, CUdeviceptr p) { return d->mem_free(p); }
CUresult driver_write(const driver *d, CUdeviceptr dst, const void *src, size_t bytes) { return d->memcpy_htod(dst, src, bytes); }
CUresult driver_read(const driver *d, void *dst, CUdeviceptr src, size_t bytes) { return d->memcpy_dtoh(dst, src, bytes); }
CUresult driver_copy(const driver *d, CUdeviceptr dst, CUdeviceptr src, size_t bytes) { return d->memcpy_dtod(dst, src, bytes); }
CUresult driver_event_create(const driver *d, CUevent *event) { return d->event_create(event, 0); }
CUresult driver_event_record(const driver *d, CUevent event) { return d->event_record(event, NULL); }
CUresult driver_event_elapsed(const driver *d, float *milliseconds, CUevent start, CUevent end) {
	CUresult r = d->event_synchronize(end);
	return r ? r : d->event_elapsed_time(milliseconds, start, end);
}
CUresult driver_event_destroy(const driver *d, CUevent event) { return d->event_destroy(event); }
