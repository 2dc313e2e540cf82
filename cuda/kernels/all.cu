// All kernels: one module.
#include "elementwise.cu"
#include "vectors.cu"
