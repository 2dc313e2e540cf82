module oneiro/cuda/gen

go 1.26
