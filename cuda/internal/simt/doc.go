// Package simt builds a stand-in for the library of the CUDA driver, on which kernels run on the
// processor. It is for tests: of package cuda, and of whatever computes with it, on machines without a
// GPU. See src/standin.cpp for what it is told by the environment, and src/block.cpp for how it runs a
// kernel.
//
// What it proves is that kernels and the calls of the driver keep to CUDA's rules. It cannot prove how a
// GPU rounds, how fast it is, or that two threads of a warp which run at once do not race.
package simt
