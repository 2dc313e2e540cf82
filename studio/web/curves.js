// Curves of the loss and of each term, on a canvas of its own, with values under the pointer.
import { S } from './strings.js'
import { h, number } from './dom.js'

const hues = [1, 2, 3, 4, 5, 6, 7, 8].map(i => `--curve-${i}`)
const kindOf = term => term.split('/')[0]

/** curves returns {node, draw(job)}. The scale is logarithmic: losses fall by orders of magnitude. */
export function curves() {
	const canvas = h('canvas', { role: 'img' })
	const legend = h('ul.legend')
	const probe = h('i', { hidden: true })
	const node = h('div.curves', canvas, legend, probe)
	// color resolves a color of the style sheet, which a canvas cannot.
	const color = name => {
		probe.style.color = `var(${name})`
		return getComputedStyle(probe).color
	}
	const off = new Set()
	let job = null
	let at = null
	let asked = false

	function draw(next) {
		job = next
		if (asked) return
		asked = true
		requestAnimationFrame(() => {
			asked = false
			paint()
		})
	}

	function paint() {
		const w = canvas.clientWidth
		const hgt = canvas.clientHeight
		if (!w || !hgt) return
		const dpr = devicePixelRatio || 1
		if (canvas.width !== Math.round(w * dpr) || canvas.height !== Math.round(hgt * dpr)) {
			canvas.width = Math.round(w * dpr)
			canvas.height = Math.round(hgt * dpr)
		}
		const c = canvas.getContext('2d')
		c.setTransform(dpr, 0, 0, dpr, 0, 0)
		c.clearRect(0, 0, w, hgt)
		const points = job?.curve ?? []
		const kinds = [...new Set(points.flatMap(p => Object.keys(p[2] ?? {}).map(kindOf)))]
		write(kinds, points)
		canvas.setAttribute(
			'aria-label',
			points.length ? S.live.curveLabel(points.length, number(points[0][1]), number(points.at(-1)[1])) : S.live.noCurve
		)
		c.strokeStyle = color('--line')
		c.lineWidth = 1
		c.beginPath()
		c.moveTo(0, hgt - 0.5)
		c.lineTo(w, hgt - 0.5)
		c.stroke()
		if (points.length < 2) return
		const loss = [p => p[1], color('--text'), 1.75, 1]
		const terms = [...new Set(points.flatMap(p => Object.keys(p[2] ?? {})))]
			.filter(t => !off.has(kindOf(t)))
			.map(t => [p => p[2]?.[t], color(hues[kinds.indexOf(kindOf(t)) % hues.length]), 1, 0.75])
		const valuesOf = ([value]) => points.map(value).filter(Number.isFinite)
		const height = series => {
			const values = series.flatMap(valuesOf)
			const good = values.filter(v => v > 0)
			const falling = valuesOf(series[0]).every(v => v > 0) // a dream's objective rises, and may be of any sign
			const top = Math.max(...(falling ? good : values))
			const low = falling ? Math.max(Math.min(...good), top * 1e-4) : Math.min(...values)
			const scale = falling ? v => Math.log(Math.max(v, low)) : v => v
			const span = scale(top) - scale(low) || 1
			return v => 6 + (hgt - 14) * (1 - (scale(v) - scale(low)) / span)
		}
		const together = height([loss, ...terms])
		const last = Math.max(job.steps || 0, points.at(-1)[0])
		const first = Math.min(points[0][0], 1)
		const x = s => 4 + ((w - 8) * (s - first)) / Math.max(1, last - first)
		const line = ([value, stroke, width, alpha], y) => {
			c.strokeStyle = stroke
			c.lineWidth = width
			c.globalAlpha = alpha
			c.beginPath()
			let pen = false
			for (const p of points) {
				const v = value(p)
				if (v === undefined || !Number.isFinite(v)) {
					pen = false
					continue
				}
				if (pen) c.lineTo(x(p[0]), y(v))
				else c.moveTo(x(p[0]), y(v))
				pen = true
			}
			c.stroke()
			c.globalAlpha = 1
		}
		c.lineJoin = 'round'
		// Terms are parts of the loss; what else is told of the frames of a film has another unit.
		const apart = kinds.includes('warp error')
		for (const series of [...terms, loss]) line(series, apart ? height([series]) : together)
		if (at !== null) {
			const p = nearest(points, first + ((at - 4) / (w - 8)) * Math.max(1, last - first))
			c.strokeStyle = color('--quiet')
			c.setLineDash([2, 3])
			c.beginPath()
			c.moveTo(x(p[0]), 0)
			c.lineTo(x(p[0]), hgt)
			c.stroke()
			c.setLineDash([])
		}
	}

	const nearest = (points, step) =>
		points.reduce((best, p) => (Math.abs(p[0] - step) < Math.abs(best[0] - step) ? p : best))

	// write fills the legend in place, so that focus and pointer stay where they are.
	function write(kinds, points) {
		const w = canvas.clientWidth
		const p =
			points.length && at !== null
				? nearest(
						points,
						points[0][0] + ((at - 4) / (w - 8)) * (Math.max(job.steps || 0, points.at(-1)[0]) - points[0][0])
					)
				: points.at(-1)
		const entries = [
			...(points.some(p => Number.isFinite(p[1])) ? [[S.live.loss, '--text', p?.[1]]] : []),
			...kinds.map((k, i) => [
				k,
				hues[i % hues.length],
				Object.entries(p?.[2] ?? {}).reduce((sum, [t, v]) => (kindOf(t) === k ? sum + v : sum), 0)
			])
		]
		while (legend.children.length > entries.length) legend.lastChild.remove()
		entries.forEach(([name, hue, value], i) => {
			let item = legend.children[i]
			if (!item || item.dataset.name !== name) {
				const b = h('button',
					{ class: 'key', 'aria-pressed': String(!off.has(name)) },
					h('i.swatch'),
					h('span', name),
					h('b')
				)
				b.firstChild.style.backgroundColor = `var(${hue})`
				if (name !== S.live.loss)
					b.onclick = () => {
						if (!off.delete(name)) off.add(name)
						b.setAttribute('aria-pressed', String(!off.has(name)))
						draw(job)
					}
				else b.disabled = true
				const made = h('li', { 'data-name': name }, b)
				if (item) item.replaceWith(made)
				else legend.append(made)
				item = made
			}
			item.querySelector('b').textContent = p ? number(value) : ''
		})
	}

	canvas.onpointermove = e => {
		at = e.offsetX
		draw(job)
	}
	canvas.onpointerleave = () => {
		at = null
		draw(job)
	}
	new ResizeObserver(() => draw(job)).observe(canvas)
	return { node, draw }
}
