package loss

import (
	"math"
	"strconv"

	"oneiro/autodiff"
)

// laplacian is the discrete Laplace filter D of Li et al., arXiv:1707.01253, equation 2.
var laplacian = []float32{0, -1, 0, -1, 4, -1, 0, -1, 0}

// Detail returns the Laplacian of image averaged over pool x pool pixels, with edges repeated: one level of
// a Laplacian pyramid.
func Detail(image *autodiff.Node, pool int) *autodiff.Node {
	if pool > 1 {
		image = autodiff.AvgPool(image, autodiff.Pool{KH: pool, KW: pool, StrideH: pool, StrideW: pool})
	}
	image = autodiff.PadWith(image, autodiff.Same(3, 3), autodiff.PadReplicate)
	return autodiff.Filter(image, 3, 3, laplacian, 1)
}

// Laplacian is how much of the content image's detail is lost at one level: the squared distance of the
// picture's Detail from target, that of the content image (Li, Xu, Nie and Chua, "Laplacian-Steered Neural
// Style Transfer", arXiv:1707.01253, equation 3, where several such terms are added up). It differs from the
// paper by a constant: the distance is relative to the target's own square.
func Laplacian(pool int, weight float64, target *autodiff.Tensor) Term {
	return Term{
		Name: "structure/laplacian" + strconv.Itoa(pool), Weight: weight,
		Build: func(in Inputs) *autodiff.Node {
			x := Detail(in.Image, pool)
			return autodiff.RelativeSquaredError(x, x.Graph().Const(target))
		},
	}
}

// The constants of SSIM, and the size and deviation of its window (Wang et al. 2004, section III.C).
const (
	ssimC1     = 0.01 * 0.01
	ssimC2     = 0.03 * 0.03
	ssimWindow = 11
	ssimSigma  = 1.5
)

// SSIM is 1 minus the mean structural similarity of the picture and target, channel by channel, with a
// Gaussian window of 11 pixels, or fewer if the picture is smaller (Wang, Bovik, Sheikh and Simoncelli,
// "Image quality assessment: from error visibility to structural similarity", 2004, equation 13).
func SSIM(weight float64, target *autodiff.Tensor) Term {
	return Term{Name: "structure/ssim", Weight: weight, Build: func(in Inputs) *autodiff.Node {
		s := in.Image.Shape
		window := gaussian(min(ssimWindow, s.H, s.W), ssimSigma)
		k := len(window)
		blur := func(x *autodiff.Node) *autodiff.Node {
			return autodiff.Filter(autodiff.Filter(x, k, 1, window, 1), 1, k, window, 1)
		}
		x := in.Image
		y := x.Graph().Const(target)
		mx, my := blur(x), blur(y)
		mxx, myy, mxy := autodiff.Square(mx), autodiff.Square(my), autodiff.Mul(mx, my)
		vx := autodiff.Sub(blur(autodiff.Square(x)), mxx)
		vy := autodiff.Sub(blur(autodiff.Square(y)), myy)
		cov := autodiff.Sub(blur(autodiff.Mul(x, y)), mxy)
		num := autodiff.Mul(autodiff.ScaleOffset(mxy, 2, ssimC1), autodiff.ScaleOffset(cov, 2, ssimC2))
		den := autodiff.Mul(
			autodiff.ScaleOffset(autodiff.Add(mxx, myy), 1, ssimC1),
			autodiff.ScaleOffset(autodiff.Add(vx, vy), 1, ssimC2))
		return autodiff.ScaleOffset(autodiff.Mean(autodiff.Div(num, den)), -1, 1)
	}}
}

// gaussian returns n samples of a Gaussian that sum to 1.
func gaussian(n int, sigma float64) []float32 {
	w := make([]float64, n)
	var sum float64
	for i := range w {
		d := float64(i) - float64(n-1)/2
		w[i] = math.Exp(-d * d / (2 * sigma * sigma))
		sum += w[i]
	}
	out := make([]float32, n)
	for i, v := range w {
		out[i] = float32(v / sum)
	}
	return out
}
