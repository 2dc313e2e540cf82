// Command gen writes the amd64 kernels of package simd: one assembly file and its stubs for each
// instruction set.
package main

import (
	"flag"

	. "github.com/mmcloughlin/avo/build"
)

func main() {
	name := flag.String("isa", "", "avx2 or avx512")
	flag.Parse() // along with avo's own flags -out, -stubs and -pkg
	v, ok := isas[*name]
	if !ok {
		flag.Usage()
		return
	}
	v.gemms()
	v.vectors()
	v.reductions()
	v.pools()
	v.bits()
	v.winograd()
	v.winogradGrad()
	v.adam()
	v.lrn()
	v.relax()
	Generate()
}
