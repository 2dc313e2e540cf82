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
		gemm1x16NEON, gemm2x16NEON, gemm3x16NEON, gemm4x16NEON, gemm5x16NEON, gemm6x16NEON},
	narrow: []rawGemm{nil,
		gemm1x8NEON, gemm2x8NEON, gemm3x8NEON, gemm4x8NEON, gemm5x8NEON, gemm6x8NEON},

	relu:       reluNEON,
	reluGrad:   reluGradNEON,
	add:        addNEON,
	sub:        subNEON,
	mul:        mulNEON,
	scale:      scaleNEON,
	axpy:       axpyNEON,
	scaledDiff: scaledDiffNEON,

	sum:             sumNEON,
	dot:             dotNEON,
	squaredDistance: squaredDistanceNEON,

	maxPool:     maxPoolNEON,
	maxPoolGrad: maxPoolGradNEON,
	avgPool:     avgPoolNEON,
	avgPoolGrad: avgPoolGradNEON,

	positive:      positiveNEON,
	mask:          maskNEON,
	maxPoolArgMax: maxPoolArgMaxNEON,
	maxUnpool:     maxUnpoolNEON,

	f43: rawWinograd{4, winograd43InNEON, winograd43InNEON, winograd43OutNEON, winograd43FilterNEON},
	f63: rawWinograd{6, winograd63InNEON, winograd63InNEON, winograd63OutNEON, winograd63FilterNEON},

	winogradGradIn:     winograd43GradInNEON,
	winogradFilterGrad: winograd43FilterGradNEON,

	adam: adamNEON,

	lrn:      lrnNEON,
	lrnSlope: lrnSlopeNEON,

	relax: relaxNEON,
}.table("neon", neonMR, neonNR)
