// The picture that is painted on: photograph, colours over it, and the brush; zoom and pan.
import { soft } from './mask-labels.js'

const softSide = 512 // the longer side at which soft edges are shown

/** canvasOf returns a canvas of w x h pixels. */
export const canvasOf = (width, height) => Object.assign(document.createElement('canvas'), { width, height })

/** View draws on a canvas, in steps of the screen. */
export class View {
	// photo is a canvas of the size of labels. What is drawn over it comes from tint(region) -> [r, g, b, alpha].
	constructor(canvas, photo, labels, tint) {
		Object.assign(this, { canvas, photo, labels, tint, scale: 1, x: 0, y: 0, opacity: 0.55, overlay: null, feather: 0 })
		this.colours = canvasOf(labels.w, labels.h)
		this.pixels = new ImageData(labels.w, labels.h)
		this.words = new Uint32Array(this.pixels.data.buffer)
		this.brush = null // {x, y, radius, color, cross} in pixels of the picture
		this.points = []  // of a polygon
		new ResizeObserver(() => this.resize()).observe(canvas)
	}

	resize() {
		const ratio = devicePixelRatio || 1, { canvas } = this
		const [w, h] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)]
		if (!w || !h) return
		const first = !this.ratio, fitted = this.fitted
		this.ratio = ratio
		Object.assign(canvas, { width: w, height: h })
		if (first || fitted) this.fit()
		else this.moved()
	}

	fit() {
		const { w, h } = this.labels, { clientWidth: cw, clientHeight: ch } = this.canvas
		this.scale = Math.min((cw - 16) / w, (ch - 16) / h)
		this.x = (cw - w * this.scale) / 2
		this.y = (ch - h * this.scale) / 2
		this.fitted = true
		this.draw()
	}

	// zoom multiplies the scale; the point x, y of the canvas, its middle by default, stays.
	zoom(factor, x = this.canvas.clientWidth / 2, y = this.canvas.clientHeight / 2) {
		const scale = Math.min(32, Math.max(0.02, this.scale * factor))
		this.x = x - (x - this.x) * scale / this.scale
		this.y = y - (y - this.y) * scale / this.scale
		this.scale = scale
		this.moved()
	}

	pan(dx, dy) {
		this.x += dx
		this.y += dy
		this.moved()
	}

	// moved keeps a part of the picture in sight.
	moved() {
		const { w, h } = this.labels, { clientWidth: cw, clientHeight: ch } = this.canvas, rim = 48
		this.x = Math.min(cw - rim, Math.max(rim - w * this.scale, this.x))
		this.y = Math.min(ch - rim, Math.max(rim - h * this.scale, this.y))
		this.fitted = false
		this.draw()
	}

	// reveal pans until a point of the picture is in sight.
	reveal(p) {
		const rim = 24, x = this.x + p.x * this.scale, y = this.y + p.y * this.scale
		const by = (v, size) => v < rim ? rim - v : v > size - rim ? size - rim - v : 0
		const dx = by(x, this.canvas.clientWidth), dy = by(y, this.canvas.clientHeight)
		if (dx || dy) this.pan(dx, dy)
		else this.draw()
	}

	// at returns the point of the picture at an event.
	at(e) {
		const box = this.canvas.getBoundingClientRect()
		return { x: (e.clientX - box.left - this.x) / this.scale, y: (e.clientY - box.top - this.y) / this.scale }
	}

	// changed shows what changed in a part of the labels.
	changed({ x0, y0, x1, y1 }) {
		if (x1 <= x0 || y1 <= y0) return
		const table = Uint32Array.from(this.labels.regions, (_, i) => {
			const [r, g, b, a] = this.tint(i)
			return (Math.round(a * 255) << 24 | b << 16 | g << 8 | r) >>> 0
		})
		const { w, data } = this.labels
		for (let y = y0; y < y1; y++) {
			for (let i = y * w + x0; i < y * w + x1; i++) this.words[i] = table[data[i]]
		}
		this.colours.getContext('2d').putImageData(this.pixels, 0, 0, x0, y0, x1 - x0, y1 - y0)
		this.overlay = null
		this.draw()
	}

	all() { this.changed({ x0: 0, y0: 0, x1: this.labels.w, y1: this.labels.h }); }

	// showSoft lays a veil over what stays of the photograph, with edges as soft as they will be. share(region) says how
	// much is painted there, 0 to 1, and inside whether edges reach inwards only, as those of masks do, or to both sides.
	showSoft(feather, share, inside) {
		const { w, h, data, regions } = this.labels, scale = Math.min(1, softSide / Math.max(w, h))
		const sw = Math.max(1, Math.round(w * scale)), sh = Math.max(1, Math.round(h * scale))
		const plane = new Float32Array(sw * sh), shares = regions.map((_, i) => share(i))
		for (let y = 0; y < sh; y++) {
			for (let x = 0; x < sw; x++) {
				const l = data[Math.min(h - 1, (y + 0.5) / sh * h | 0) * w + Math.min(w - 1, (x + 0.5) / sw * w | 0)]
				plane[y * sw + x] = shares[l]
			}
		}
		const width = feather / 100 * Math.max(sw, sh) * (inside ? 2 : 1)
		const blurred = width > 1 ? soft(plane, sw, sh, width) : plane
		const out = new ImageData(sw, sh)
		for (let i = 0; i < plane.length; i++) {
			const v = inside && width > 1 ? Math.min(plane[i], Math.max(2 * blurred[i] - 1, 0)) : blurred[i]
			out.data[4 * i + 3] = 255 * (1 - v)
		}
		this.overlay = canvasOf(sw, sh)
		this.overlay.getContext('2d').putImageData(out, 0, 0)
		this.draw()
	}

	draw() {
		this.frame ??= requestAnimationFrame(() => {
			this.frame = null
			this.paint()
		})
	}

	paint() {
		const { canvas, ratio, scale, labels: { w, h } } = this, g = canvas.getContext('2d')
		if (!ratio) return
		g.setTransform(ratio, 0, 0, ratio, 0, 0)
		g.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight)
		g.setTransform(ratio * scale, 0, 0, ratio * scale, ratio * this.x, ratio * this.y)
		g.imageSmoothingEnabled = scale * ratio < 2
		g.imageSmoothingQuality = 'high'
		g.drawImage(this.photo, 0, 0, w, h)
		g.globalAlpha = this.opacity
		if (this.overlay) g.imageSmoothingEnabled = true
		g.drawImage(this.overlay ?? this.colours, 0, 0, w, h)
		g.globalAlpha = 1
		if (this.points.length) this.paintPolygon(g)
		if (this.brush) this.paintBrush(g)
	}

	// twice draws lines that are seen on everything: light ones on dark ones.
	twice(g, trace, colour = '#fff') {
		for (const [style, width] of [['#000a', 3], [colour, 1.5]]) {
			g.beginPath()
			trace()
			g.strokeStyle = style
			g.lineWidth = width / this.scale
			g.stroke()
		}
	}

	paintPolygon(g) {
		const last = this.brush ? [this.brush] : [], dot = 4 / this.scale
		this.twice(g, () => [...this.points, ...last].forEach((p, i) => i ? g.lineTo(p.x, p.y) : g.moveTo(p.x, p.y)))
		for (const p of this.points) this.twice(g, () => g.rect(p.x - dot, p.y - dot, 2 * dot, 2 * dot))
	}

	paintBrush(g) {
		const { x, y, radius, color, cross } = this.brush, long = 10 / this.scale
		if (radius) this.twice(g, () => g.arc(x, y, radius, 0, 2 * Math.PI), color)
		if (cross || !radius) {
			this.twice(g, () => {
				g.moveTo(x - long, y)
				g.lineTo(x + long, y)
				g.moveTo(x, y - long)
				g.lineTo(x, y + long)
			}, color)
		}
	}
}
