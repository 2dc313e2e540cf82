// All kernels: one module.
#include "conv.cu"
#include "elementwise.cu"
#include "gemm.cu"
#include "kernel.h"
