package simd

// Every arm64 processor that Go runs on has NEON.
func machineTiers() []*Kernels { return []*Kernels{neonKernels} }

// The register tile of NEON: 24 accumulators out of 32 registers.
const (
	neonMR = 6
	neonNR = 16
)

var neonKernels = rawKernels{
	gemm: []rawGemm{nil,
		neonGemm1x16, neonGemm2x16, neonGemm3x16, neonGemm4x16, neonGemm5x16, neonGemm6x16},
	narrow: []rawGemm{nil,
		neonGemm1x8, neonGemm2x8, neonGemm3x8, neonGemm4x8, neonGemm5x8, neonGemm6x8},

	relu:       neonReLU,
	reluGrad:   neonReLUGrad,
	add:        neonAdd,
	sub:        neonSub,
	mul:        neonMul,
	scale:      neonScale,
	axpy:       neonAxpy,
	scaledDiff: neonScaledDiff,

	sum:             neonSum,
	dot:             neonDot,
	squaredDistance: neonSquaredDistance,

	maxPool:     neonMaxPool,
	maxPoolGrad: neonMaxPoolGrad,
	avgPool:     neonAvgPool,
	avgPoolGrad: neonAvgPoolGrad,

	adam: neonAdam,
}.table("neon", neonMR, neonNR)
