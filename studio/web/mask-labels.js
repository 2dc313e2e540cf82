// Pictures of regions: one byte for each pixel says which region it is in. What is painted changes whole pixels,
// so that colours stay flat. docs/regions.md says what the program makes of such a picture.

/** The longer side at which the program keeps pictures of regions: edges need no more (internal/region, MaxSide). */
export const maxSide = 2048

/** The least part of a picture that makes a region, and the largest number of them (internal/region). */
export const leastShare = 5e-4
export const maxRegions = 16

/** Colours to paint with, far from each other, those with a name first. The last three leave theirs to others. */
export const palette = ['#ffffff', '#0000ff', '#ff0000', '#00b400', '#ffff00', '#ff8000', '#800080', '#00ffff', '#ff00ff',
	'#8c4614', '#ff82be', '#808080', '#000000', '#0a6e6e', '#14146e', '#6e1414']

// The colours that have names (internal/region/names.go).
const named = Object.entries({
	black: '#000000', white: '#ffffff', gray: '#808080 #c0c0c0 #505050', red: '#ff0000 #c81e1e #800000',
	green: '#00ff00 #008000 #3cb44b', blue: '#0000ff #000080 #006ee6', yellow: '#ffff00 #ffdc19',
	cyan: '#00ffff #46c8e6 #008080', magenta: '#ff00ff #e632e6', orange: '#ff8000 #ffa500',
	purple: '#800080 #8c1ebe', brown: '#8c4614 #a52a2a', pink: '#ffc0cb #ff82be',
}).flatMap(([name, all]) => all.split(' ').map(c => [name, c]))

export const rgb = hex => [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16))
export const hex = c => '#' + c.map(v => v.toString(16).padStart(2, '0')).join('')

function okLab(colour) {
	const [r, g, b] = rgb(colour).map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
	const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
	const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
	const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
	return [0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s, 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
		0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s]
}

/**
 * names returns what the program calls each of some colours: the name that is nearest, or the colour itself where
 * another colour is nearer to that name. Of two as near, the one that has the larger share of the picture has it.
 */
export function names(colours, shares = []) {
	const owners = new Map()
	const order = colours.map((_, i) => i).sort((a, b) => (shares[b] ?? 0) - (shares[a] ?? 0))
	for (const i of order) {
		const at = okLab(colours[i])
		let name = '', least = Infinity
		for (const [n, c] of named) {
			const d = Math.hypot(...okLab(c).map((v, k) => v - at[k]))
			if (d < least) [name, least] = [n, d]
		}
		if (!owners.has(name) || least < owners.get(name).least) owners.set(name, { i, least })
	}
	const all = [...colours]
	for (const [name, { i }] of owners) all[i] = name
	return all
}

/** fit returns the size at which a picture of w x h pixels is painted on. */
export function fit(w, h) {
	const scale = Math.min(1, maxSide / Math.max(w, h))
	return [w, h].map(v => Math.max(1, Math.round(v * scale)))
}

// Box is a part of a picture, from x0, y0 to x1, y1 without those.
const emptyBox = () => ({ x0: Infinity, y0: Infinity, x1: 0, y1: 0 })

function extend(box, x0, y0, x1, y1) {
	box.x0 = Math.min(box.x0, x0)
	box.y0 = Math.min(box.y0, y0)
	box.x1 = Math.max(box.x1, x1)
	box.y1 = Math.max(box.y1, y1)
}

/** Labels are the regions of w x h pixels, with a history. Regions are data that the history keeps beside the pixels. */
export class Labels {
	constructor(w, h, regions) {
		this.w = w
		this.h = h
		this.data = new Uint8Array(w * h)
		this.regions = regions
		this.done = []
		this.undone = []
		this.bytes = 0
	}

	// begin starts a change, which commit ends or abort takes back.
	begin() {
		this.change ??= { data: this.data.slice(), regions: structuredClone(this.regions), box: emptyBox() }
	}

	commit() {
		const { data, regions, box } = this.change
		this.change = null
		const pixels = box.x1 > box.x0
		if (!pixels && JSON.stringify(regions) === JSON.stringify(this.regions)) return false
		this.done.push({ box, regions, data: pixels ? this.cut(data, box) : null })
		this.undone = []
		this.forget()
		return true
	}

	abort() {
		if (!this.change) return emptyBox()
		const { data, regions, box } = this.change
		this.data.set(data)
		this.regions = regions
		this.change = null
		return box
	}

	// undo and redo return what they changed, or null.
	undo() { return this.move(this.done, this.undone); }
	redo() { return this.move(this.undone, this.done); }

	move(from, to) {
		const step = from.pop()
		if (!step) return null
		to.push({ box: step.box, regions: this.regions, data: step.data && this.cut(this.data, step.box) })
		this.regions = step.regions
		if (step.data) {
			const { x0, y0, x1, y1 } = step.box
			for (let y = y0; y < y1; y++) {
				this.data.set(step.data.subarray((y - y0) * (x1 - x0), (y - y0 + 1) * (x1 - x0)), y * this.w + x0)
			}
		}
		return step.box
	}

	// forget drops the oldest steps where all together take more than 128 MB.
	forget() {
		let bytes = 0, i = this.done.length
		while (i > 0 && bytes < 128e6) bytes += this.done[--i].data?.length ?? 100
		this.done.splice(0, i)
	}

	cut(data, { x0, y0, x1, y1 }) {
		const out = new Uint8Array((x1 - x0) * (y1 - y0))
		for (let y = y0; y < y1; y++) out.set(data.subarray(y * this.w + x0, y * this.w + x1), (y - y0) * (x1 - x0))
		return out
	}

	// span gives the pixels x0 to x1 of a row to a region.
	span(y, x0, x1, region) {
		x0 = Math.max(0, x0)
		x1 = Math.min(this.w, x1)
		if (y < 0 || y >= this.h || x0 >= x1) return
		this.data.fill(region, y * this.w + x0, y * this.w + x1)
		extend(this.change.box, x0, y, x1, y + 1)
	}

	// stroke gives a region the pixels whose centres are within a radius of the way from a to b.
	stroke(a, b, radius, region) {
		const box = emptyBox()
		radius = Math.max(radius, 0.5)
		const dx = b.x - a.x, dy = b.y - a.y, long = dx * dx + dy * dy
		const y0 = Math.floor(Math.min(a.y, b.y) - radius), y1 = Math.ceil(Math.max(a.y, b.y) + radius)
		const x0 = Math.floor(Math.min(a.x, b.x) - radius), x1 = Math.ceil(Math.max(a.x, b.x) + radius)
		const inside = (x, y) => {
			const px = x + 0.5 - a.x, py = y + 0.5 - a.y
			const t = long ? Math.min(1, Math.max(0, (px * dx + py * dy) / long)) : 0
			return (px - t * dx) ** 2 + (py - t * dy) ** 2 <= radius * radius
		}
		for (let y = Math.max(y0, 0); y < Math.min(y1, this.h); y++) {
			let from = Math.max(x0, 0), to = Math.min(x1, this.w)
			while (from < to && !inside(from, y)) from++
			while (to > from && !inside(to - 1, y)) to--
			if (from === to) continue
			this.span(y, from, to, region)
			extend(box, from, y, to, y + 1)
		}
		return box
	}

	// polygon gives a region the pixels whose centres are inside, by the even-odd rule.
	polygon(points, region) {
		for (let y = 0; y < this.h; y++) {
			const at = y + 0.5, cuts = []
			points.forEach((p, i) => {
				const q = points[(i + 1) % points.length]
				if (p.y <= at !== q.y <= at) cuts.push(p.x + (at - p.y) / (q.y - p.y) * (q.x - p.x))
			})
			cuts.sort((a, b) => a - b)
			for (let i = 0; i + 1 < cuts.length; i += 2) {
				this.span(y, Math.ceil(cuts[i] - 0.5), Math.ceil(cuts[i + 1] - 0.5), region)
			}
		}
	}

	// flood gives a region what is around a pixel: pixels that touch, lie in the same region as the first, and whose
	// colour in the photograph, rgba, is within a tolerance, 0 to 1, of the first's.
	flood(x, y, rgba, tolerance, region) {
		const { w, h, data } = this, start = y * w + x, own = data[start]
		const most = 3 * (255 * tolerance) ** 2, seen = new Uint8Array(w * h), queue = [start]
		const [r, g, b] = rgba.subarray(4 * start, 4 * start + 3)
		const like = i => data[i] === own
			&& (rgba[4 * i] - r) ** 2 + (rgba[4 * i + 1] - g) ** 2 + (rgba[4 * i + 2] - b) ** 2 <= most
		seen[start] = 1
		for (let n = 0; n < queue.length; n++) {
			const i = queue[n], cx = i % w
			const visit = j => { if (!seen[j] && like(j)) { seen[j] = 1; queue.push(j); } }
			if (cx > 0) visit(i - 1)
			if (cx < w - 1) visit(i + 1)
			if (i >= w) visit(i - w)
			if (i < w * (h - 1)) visit(i + w)
		}
		this.closeSpecks(seen, own)
		for (let i = 0; i < seen.length; i++) {
			if (!seen[i]) continue
			data[i] = region
			extend(this.change.box, i % w, i / w | 0, i % w + 1, (i / w | 0) + 1)
		}
	}

	// closeSpecks adds small holes, such as noise leaves: pixels most of whose neighbours are in.
	closeSpecks(seen, own) {
		const { w, h, data } = this
		for (let pass = 0; pass < 2; pass++) {
			const more = []
			for (let y = 1; y < h - 1; y++) {
				for (let i = y * w + 1; i < (y + 1) * w - 1; i++) {
					if (seen[i] || data[i] !== own) continue
					const n = seen[i - w - 1] + seen[i - w] + seen[i - w + 1] + seen[i - 1] + seen[i + 1]
						+ seen[i + w - 1] + seen[i + w] + seen[i + w + 1]
					if (n >= 5) more.push(i)
				}
			}
			for (const i of more) seen[i] = 1
		}
	}

	// remove gives the pixels of a region to the first one, or those of the first to the second, and drops it.
	remove(region) {
		for (let i = 0; i < this.data.length; i++) {
			const v = this.data[i]
			if (v === region) this.data[i] = 0
			else if (v > region) this.data[i]--
		}
		this.regions.splice(region, 1)
		extend(this.change.box, 0, 0, this.w, this.h)
	}

	// shares returns the part of the picture that each region has.
	shares() {
		const n = new Array(this.regions.length).fill(0)
		for (const v of this.data) n[v]++
		return n.map(v => v / this.data.length)
	}

	// swap changes two regions for each other, but for what they are called.
	swap(a, b) {
		this.data.forEach((v, i) => { this.data[i] = v === a ? b : v === b ? a : v })
		extend(this.change.box, 0, 0, this.w, this.h)
	}

	// replace takes the regions of a picture, rgba, whose colours need not be quite even: pixels between two areas
	// join the nearer one. Regions of like colours keep what is known of them. Others stay if keep says so.
	replace(rgba, keep) {
		const known = this.regions, like = c => known.find(r => distance(rgb(r.color), c) <= 48 * 48)
		const colours = colouredAreas(rgba, this.w * this.h)
		colours.sort((a, b) => (like(b)?.rest ?? 0) - (like(a)?.rest ?? 0))
		if (keep) colours.push(...known.map(r => rgb(r.color)).filter(c => !colours.some(o => distance(o, c) <= 48 * 48)))
		this.assign(rgba, colours)
		this.regions = colours.map(c => ({ ...like(c), color: hex(c) }))
	}

	// assign gives each pixel to the nearest of some colours, or if none is near, as at soft edges, to the nearest area.
	assign(rgba, colours) {
		const { data, w, h } = this
		let edge = []
		const unknown = 255
		for (let i = 0; i < data.length; i++) {
			const [k, d] = nearest(rgba, i, colours)
			data[i] = d <= 24 * 24 ? k : unknown
			if (data[i] !== unknown) edge.push(i)
		}
		while (edge.length) {
			const next = []
			for (const i of edge) {
				for (const j of [i % w ? i - 1 : i, i % w < w - 1 ? i + 1 : i, i - w, i + w]) {
					if (j >= 0 && j < w * h && data[j] === unknown) {
						data[j] = data[i]
						next.push(j)
					}
				}
			}
			edge = next
		}
		data.forEach((v, i) => { if (v === unknown) data[i] = nearest(rgba, i, colours)[0] })
		extend(this.change.box, 0, 0, w, h)
	}
}

const distance = (a, b) => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2

function nearest(rgba, i, colours) {
	let best = 0, least = Infinity
	for (let k = 0; k < colours.length; k++) {
		const c = colours[k]
		const d = (rgba[4 * i] - c[0]) ** 2 + (rgba[4 * i + 1] - c[1]) ** 2 + (rgba[4 * i + 2] - c[2]) ** 2
		if (d < least) [best, least] = [k, d]
	}
	return [best, least]
}

// colouredAreas returns the colours that fill areas of a picture, those of the largest first.
function colouredAreas(rgba, n) {
	const bins = new Map()
	for (let i = 0; i < n; i++) {
		const key = rgba[4 * i] << 16 | rgba[4 * i + 1] << 8 | rgba[4 * i + 2]
		bins.set(key, (bins.get(key) ?? 0) + 1)
	}
	const all = [...bins].sort((a, b) => b[1] - a[1]).map(([key, count]) => [[key >> 16, key >> 8 & 255, key & 255], count])
	const chosen = []
	for (const [c, count] of all) {
		if (chosen.length === maxRegions || count < leastShare * n / 8) break
		if (!chosen.some(o => distance(o.c, c) < 48 * 48)) chosen.push({ c, n: 0 })
	}
	if (!chosen.length) chosen.push({ c: [255, 255, 255], n: 0 })
	for (const [c, count] of all) {
		chosen.sort((a, b) => distance(a.c, c) - distance(b.c, c))[0].n += count
	}
	return chosen.filter(o => o.n >= leastShare * n).sort((a, b) => b.n - a.n).map(o => o.c)
}

/**
 * soft returns w x h values averaged with a quadratic B-spline of some width, as the program does it
 * (internal/region, Blur).
 */
export function soft(values, w, h, width) {
	const taps = [0.75]
	for (let x = 3 / width, k = 1; x < 1.5; x = 3 * ++k / width) taps.push(x < 0.5 ? 0.75 - x * x : 0.5 * (1.5 - x) ** 2)
	const pass = (src, dst, n, lines, step, stride) => {
		for (let l = 0; l < lines; l++) {
			for (let i = 0; i < n; i++) {
				let sum = 0, all = 0
				for (let j = Math.max(0, i - taps.length + 1); j < Math.min(n, i + taps.length); j++) {
					const t = taps[Math.abs(i - j)]
					sum += t * src[l * stride + j * step]
					all += t
				}
				dst[l * stride + i * step] = sum / all
			}
		}
	}
	const rows = new Float32Array(w * h), out = new Float32Array(w * h)
	pass(values, rows, w, h, 1, w)
	pass(rows, out, h, w, w, 1)
	return out
}
