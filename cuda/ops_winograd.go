//go:build cuda

package cuda

import "oneiro/autodiff"

// winogradRoom is 64 MiB: enough tiles at a time to give all processors work.
const winogradRoom = 1 << 24

// Sizes of F(4x4,3x3): the side of a tile of the result, and how many points it is transformed to.
const (
	winogradTile   = 4
	winogradPoints = 36
)

// winograd reports whether a convolution is computed by Winograd's method. With TF32 numbers its transforms
// would cost too many of the few bits; where they are fast, the direct way is too.
func (d *device) winograd(g *geometry) bool {
	return !d.options.Direct && !(d.options.TF32 && d.fastTF32()) &&
		g.Winograd() && g.ForH*g.ForW >= 16
}

// ConvTile implements autodiff.ConvTiler.
func (d *device) ConvTile(_, _, _, _ int) int { return winogradTile }

// winograd adds launches for a convolution: some tiles at a time, so that workspace does not grow with the
// picture. result adds the one that transforms the products at m back, which ends with the arguments where.
func (b *builder) winograd(g *geometry, x place, f filter, result func(n int, m place, where []any)) {
	tilesH, tilesW := ceil(g.GridH, winogradTile), ceil(g.GridW, winogradTile)
	all := g.N * tilesH * tilesW
	most := min(max(b.dev.room/(winogradPoints*(g.C+g.OutC)), 1), all)
	u := b.pack(f, "winograd", winogradPoints*g.C*g.OutC, func(to place) { b.winogradFilter(to, f, g.C*g.OutC) })
	v, m := b.need(winogradPoints*most*g.C), b.need(winogradPoints*most*g.OutC)
	source, around := "winogradSource", []any(nil)
	if g.Mode != autodiff.PadZero {
		source = "winogradSourceAround"
		around = []any{int32(g.Rows().End), int32(g.Columns().End), flag(g.Mode == autodiff.PadReflect)}
	}
	for first := 0; first < all; first += most {
		tiles := min(most, all-first)
		where := ints(g.PadTop, g.PadLeft, first, g.H, g.W, g.C, tilesH, tilesW)
		b.each(source, tiles*g.C, append(append([]any{v, x}, where...), around...)...)
		points := product{rows: tiles, cols: g.OutC, depth: g.C, count: winogradPoints, whole: true, exact: true}
		b.matmul(points, m, v, u, epilogue{scale: 1})
		result(tiles*g.OutC, m, ints(first, g.GridH, g.GridW, g.OutC, tilesH, tilesW))
	}
}

// winogradFilter adds launches that transform a filter of so many pairs of channels.
func (b *builder) winogradFilter(u place, f filter, pairs int) {
	taps := f.at
	if f.places != nil {
		taps = b.need(9 * pairs)
		b.transpose(taps, f.at, f.places, f.rows, f.cols)
	}
	b.each("winogradFilter", pairs, u, taps)
}

// winogradConv is winograd with the result in y.
func (b *builder) winogradConv(g *geometry, y, x place, f filter, e epilogue) {
	if !wholeWords(g.OutC) {
		e.mask, e.signs = none, none
	}
	b.performed(e)
	b.winograd(g, x, f, func(n int, m place, where []any) {
		b.each("winogradResult", n, append([]any{y, e.mask, e.signs, m, e.bias, flag(e.relu)}, where...)...)
	})
}

// winogradPool is winograd with the max pool of the result, of whole words of channels, in y.
func (b *builder) winogradPool(g *geometry, y, argMax *autodiff.Node, x place, f filter, e epilogue) {
	e.mask = none
	b.performed(e)
	b.winograd(g, x, f, func(n int, m place, where []any) {
		args := []any{b.at(y), b.at(argMax), e.signs, m, e.bias, flag(e.relu), int32(y.Shape.H), int32(y.Shape.W)}
		b.each("winogradPool", n, append(args, where...)...)
	})
}

// wholeWords reports whether the channels of a pixel fill words of bits, so that each belongs to one warp.
func wholeWords(c int) bool { return c%32 == 0 }
