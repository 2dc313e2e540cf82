package simd

// genericKernels is the tier in Go: the definition of every kernel, and the fallback on processors without
// a tier of their own.
var genericKernels = Kernels{
	Name: "generic",
	MR:   genericMR,
	NR:   genericNR,

	Gemm: genericGemm,

	ReLU:       genericReLU,
	ReLUGrad:   genericReLUGrad,
	Add:        genericAdd,
	Sub:        genericSub,
	Mul:        genericMul,
	Scale:      genericScale,
	Axpy:       genericAxpy,
	ScaledDiff: genericScaledDiff,

	Sum:             genericSum,
	Dot:             genericDot,
	SquaredDistance: genericSquaredDistance,

	MaxPool:     genericMaxPool,
	MaxPoolGrad: genericMaxPoolGrad,
	AvgPool:     genericAvgPool,
	AvgPoolGrad: genericAvgPoolGrad,

	Positive:      genericPositive,
	Mask:          genericMask,
	MaxPoolArgMax: genericMaxPoolArgMax,
	MaxUnpool:     genericMaxUnpool,

	F43: genericWinograd{4}.kernels(),
	F63: genericWinograd{6}.kernels(),

	WinogradGradIn:     genericWinogradGradIn,
	WinogradFilterGrad: genericWinogradFilterGrad,

	Adam: genericAdam,
	LRN:  genericLRN,

	Relax: genericRelax,
}
