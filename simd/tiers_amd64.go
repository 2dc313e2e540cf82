package simd

import "github.com/klauspost/cpuid/v2"

// machineTiers returns the tiers of this processor whose registers the operating system saves; cpuid
// reports no other instruction set.
func machineTiers() []*Kernels {
	var tiers []*Kernels
	avx2 := cpuid.CPU.Supports(cpuid.AVX2, cpuid.FMA3, cpuid.BMI2)
	if avx2 && cpuid.CPU.Supports(cpuid.AVX512F, cpuid.AVX512DQ, cpuid.AVX512BW, cpuid.AVX512VL) {
		tiers = append(tiers, avx512Kernels)
	}
	if avx2 {
		tiers = append(tiers, avx2Kernels)
	}
	return tiers
}

var avx2Kernels = rawKernels{
	gemm: []rawGemm{
		nil,
		gemm1x16AVX2,
		gemm2x16AVX2,
		gemm3x16AVX2,
		gemm4x16AVX2,
		gemm5x16AVX2,
		gemm6x16AVX2,
	},
	narrow: []rawGemm{
		nil,
		gemm1x8AVX2,
		gemm2x8AVX2,
		gemm3x8AVX2,
		gemm4x8AVX2,
		gemm5x8AVX2,
		gemm6x8AVX2,
	},
	relu:            reluAVX2,
	reluGrad:        reluGradAVX2,
	add:             addAVX2,
	sub:             subAVX2,
	mul:             mulAVX2,
	scale:           scaleAVX2,
	axpy:            axpyAVX2,
	scaledDiff:      scaledDiffAVX2,
	sum:             sumAVX2,
	dot:             dotAVX2,
	squaredDistance: squaredDistanceAVX2,
	maxPool:         maxPoolAVX2,
	maxPoolGrad:     maxPoolGradAVX2,
	avgPool:         avgPoolAVX2,
	avgPoolGrad:     avgPoolGradAVX2,
	positive:        positiveAVX2,
	mask:            maskAVX2,
	maxPoolArgMax:   maxPoolArgMaxAVX2,
	maxUnpool:       maxUnpoolAVX2,
	f43: rawWinograd{
		4, winograd43InAVX2, winograd43InWideAVX2,
		winograd43OutAVX2, winograd43FilterAVX2,
	},
	f63: rawWinograd{
		6, winograd63InAVX2, winograd63InWideAVX2,
		winograd63OutAVX2, winograd63FilterAVX2,
	},

	winogradGradIn:     winograd43GradInAVX2,
	winogradFilterGrad: winograd43FilterGradAVX2,

	adam:     adamAVX2,
	lrn:      lrnAVX2,
	lrnSlope: lrnSlopeAVX2,

	relax: relaxAVX2,
}.table("avx2", 6, 16)

var avx512Kernels = rawKernels{
	gemm: []rawGemm{
		nil,
		gemm1x32AVX512,
		gemm2x32AVX512,
		gemm3x32AVX512,
		gemm4x32AVX512,
		gemm5x32AVX512,
		gemm6x32AVX512,
		gemm7x32AVX512,
		gemm8x32AVX512,
		gemm9x32AVX512,
		gemm10x32AVX512,
		gemm11x32AVX512,
		gemm12x32AVX512,
	},
	narrow: []rawGemm{
		nil,
		gemm1x16AVX512,
		gemm2x16AVX512,
		gemm3x16AVX512,
		gemm4x16AVX512,
		gemm5x16AVX512,
		gemm6x16AVX512,
		gemm7x16AVX512,
		gemm8x16AVX512,
		gemm9x16AVX512,
		gemm10x16AVX512,
		gemm11x16AVX512,
		gemm12x16AVX512,
	},
	relu:            reluAVX512,
	reluGrad:        reluGradAVX512,
	add:             addAVX512,
	sub:             subAVX512,
	mul:             mulAVX512,
	scale:           scaleAVX512,
	axpy:            axpyAVX512,
	scaledDiff:      scaledDiffAVX512,
	sum:             sumAVX512,
	dot:             dotAVX512,
	squaredDistance: squaredDistanceAVX512,
	maxPool:         maxPoolAVX512,
	maxPoolGrad:     maxPoolGradAVX512,
	avgPool:         avgPoolAVX512,
	avgPoolGrad:     avgPoolGradAVX512,
	positive:        positiveAVX512,
	mask:            maskAVX512,
	maxPoolArgMax:   maxPoolArgMaxAVX512,
	maxUnpool:       maxUnpoolAVX512,
	f43: rawWinograd{
		4, winograd43InAVX512, winograd43InWideAVX512,
		winograd43OutAVX512, winograd43FilterAVX512,
	},
	f63: rawWinograd{
		6, winograd63InAVX512, winograd63InWideAVX512,
		winograd63OutAVX512, winograd63FilterAVX512,
	},

	winogradGradIn:     winograd43GradInAVX512,
	winogradFilterGrad: winograd43FilterGradAVX512,

	adam:     adamAVX512,
	lrn:      lrnAVX512,
	lrnSlope: lrnSlopeAVX512,

	relax: relaxAVX512,
}.table("avx512", 12, 32)
