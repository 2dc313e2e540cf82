// All kernels: one module.
#include "elementwise.cu"
