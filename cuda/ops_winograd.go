//go:build cuda

package cuda

// winogradRoom is 64 MiB: enough tiles at a time to give all processors work.
const winogradRoom = 1 << 24

// Sizes of F(4x4,3x3): the side of a tile of the result, and how many points it is transformed to.
const (
	winogradTile   = 4
	winogradPoints = 36
)

// winograd reports whether a gather is computed by Winograd's method. With TF32 numbers its transforms
// would cost too many of the few bits; where they are fast, the direct way is too.
func (d *device) winograd(g *gather) bool {
	return !d.options.Direct && !(d.options.TF32 && d.fastTF32()) &&
		g.kh == 3 && g.kw == 3 && g.strideH*g.strideW == 1 && g.dense() && min(g.c, g.out) >= 16 && g.gridH*g.gridW >= 16
}

// winograd adds launches for a gather: some tiles at a time, so that workspace does not grow with the
// picture.
func (b *builder) winograd(g *gather, y, x, filter, bias place, relu bool) {
	tilesH, tilesW := ceil(g.gridH, winogradTile), ceil(g.gridW, winogradTile)
	all := g.n * tilesH * tilesW
	most := min(max(b.dev.room/(winogradPoints*(g.c+g.out)), 1), all)
	u := b.need(winogradPoints * g.c * g.out)
	v, m := b.need(winogradPoints*most*g.c), b.need(winogradPoints*most*g.out)
	b.each("winogradFilter", g.c*g.out, u, filter)
	for first := 0; first < all; first += most {
		tiles := min(most, all-first)
		b.each("winogradSource", tiles*g.c, append([]any{v, x}, ints(first, g.h, g.w, g.c, tilesH, tilesW, g.padTop, g.padLeft)...)...)
		b.matmul(product{rows: tiles, cols: g.out, depth: g.c, count: winogradPoints, whole: true, exact: true}, m, v, u, 1, none)
		args := append([]any{y, m, bias}, ints(first, g.gridH, g.gridW, g.out, tilesH, tilesW)...)
		b.each("winogradResult", tiles*g.out, append(args, flag(relu))...)
	}
}
