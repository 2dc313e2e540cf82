package simd

//go:generate go run -C _gen . -isa avx2 -out ../avx2_amd64.s -stubs ../avx2_amd64.go -pkg simd
//go:generate go run -C _gen . -isa avx512 -out ../avx512_amd64.s -stubs ../avx512_amd64.go -pkg simd
//go:generate go run -C _gen ./neon
