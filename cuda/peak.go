package cuda

// cores are the multiplications with addition of float32 numbers that a multiprocessor does in a cycle, by
// compute capability: table "Throughput of Native Arithmetic Instructions" of NVIDIA's programming guide.
var cores = map[[2]int]int{
	{5, 0}: 128, {5, 2}: 128, {5, 3}: 128,
	{6, 0}: 64, {6, 1}: 128, {6, 2}: 128,
	{7, 0}: 64, {7, 2}: 64, {7, 5}: 64,
	{8, 0}: 64, {8, 6}: 128, {8, 7}: 128, {8, 9}: 128,
	{9, 0}:  128,
	{10, 0}: 128, {10, 3}: 128, {12, 0}: 128, {12, 1}: 128,
}

// Peak returns the float32 operations that the GPU does in a second at most, without tensor cores, or 0
// if its kind is not known here.
func (i Info) Peak() float64 {
	return 2 * float64(cores[[2]int{i.Major, i.Minor}]) * float64(i.Processors) * 1e3 * float64(i.Clock)
}
