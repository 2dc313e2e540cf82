// All kernels: one module.
#include "conv.cu"
#include "elementwise.cu"
#include "finish.cu"
#include "gemm.cu"
#include "kernel.h"
#include "pool.cu"
#include "vectors.cu"
