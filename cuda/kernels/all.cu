// All kernels: one module.
#include "elementwise.cu"
#include "finish.cu"
#include "pool.cu"
