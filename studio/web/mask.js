// The mask painter: a dialog in which a person divides a picture into regions.
import { button, h, icon, ranged, select } from './dom.js'
import { painter as M } from './strings.js'
import { fit, Labels, leastShare, maxRegions, names, palette, rgb } from './mask-labels.js'
import { encodePNG } from './mask-png.js'
import { canvasOf, View } from './mask-view.js'

/**
 * openMaskPainter shows a picture to paint regions on. It resolves with null, or with
 *   blob: PNG of flat colours, at the size of the picture, but at most 2048 pixels: more the program does not keep;
 *   regions: [{name, color, style: null | 'keep' | FILE, weight, scale, share}], which may be given back to go on;
 *   option: what --region takes, such as blue=in/a.jpg:scale=1.5,red=keep; empty if all regions are alike;
 *   feather: per cent of the longer side.
 * mode is regions; painting for those of a style picture, which have no styles; or mask, of white and black.
 * styles: [{file, name}] are pictures that a region may have for itself, and pickStyle gets one more.
 */
export async function openMaskPainter(o) {
	const [w, height] = fit(o.width, o.height)
	const [photo, labels] = await Promise.all([read(o.imageURL, w, height), o.labels && read(o.labels, w, height, true), sheet()])
	return new Painter({ mode: 'regions', styles: [], feather: 2, ...o }, photo, labels).open()
}

/** regionOption returns what --region takes for regions as openMaskPainter returns them. */
export function regionOption(regions) {
	return regions.map(r => {
		const settings = ['scale', 'weight'].filter(name => of(r, name) !== 1).map(name => `:${name}=${r[name]}`).join('')
		if (r.style === 'keep') return `${r.name}=keep`
		return r.style || settings ? `${r.name}${r.style ? `=${r.style}` : ''}${settings}` : ''
	}).filter(Boolean).join(',')
}

// of returns a factor of a region, 1 if it has none.
const of = (region, name) => region[name] || 1

// read returns a picture as a canvas of w x h pixels; one of flat colours stays so.
async function read(url, w, h, flat = false) {
	const answer = await fetch(url)
	if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`)
	const bitmap = await createImageBitmap(await answer.blob(), flat ? { colorSpaceConversion: 'none' } : {})
	const canvas = canvasOf(w, h), g = canvas.getContext('2d', { willReadFrequently: true })
	g.fillStyle = '#fff'
	g.fillRect(0, 0, w, h)
	g.imageSmoothingEnabled = !flat
	g.imageSmoothingQuality = 'high'
	g.drawImage(bitmap, 0, 0, w, h)
	bitmap.close()
	return canvas
}

const pixels = canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data

// sheet loads the painter's style sheet when it is needed first.
let loaded
function sheet() {
	return loaded ??= new Promise((resolve, reject) => {
		const link = h('link', { rel: 'stylesheet', href: new URL('mask.css', import.meta.url).href, on: { load: resolve, error: reject } })
		document.head.append(link)
	})
}

const tools = {
	brush: ['B'],
	eraser: ['E', 'M9 19h11M5 15l5 5 10-10-5-5zM9.5 9.5l5 5'],
	fill: ['F', 'M11 3l8 8-8 8-8-8zM3.5 11h15M20 15c1.5 2 1.5 4 0 4s-1.5-2 0-4z'],
	polygon: ['P', 'M5 18L4 8l9-4 7 6-4 9zM5 18h.01M4 8h.01M13 4h.01M20 10h.01M16 19h.01'],
}
const masks = ['#000000', '#ffffff', '#808080']
const steps = 100 // of the slider of sizes

class Painter {
	constructor(options, photo, labels) {
		Object.assign(this, { options, photo, mode: options.mode, tool: 'brush', tolerance: 0.12, feather: options.feather })
		const long = Math.max(photo.width, photo.height)
		this.most = long / 2
		this.radius = long / 32
		this.photoPixels = pixels(photo)
		this.labels = new Labels(photo.width, photo.height, this.start())
		if (labels) {
			this.labels.begin()
			if (this.mode === 'mask') this.labels.assign(pixels(labels), masks.map(rgb))
			else this.labels.replace(pixels(labels), options.regions?.length > 0)
			this.labels.change = null
		}
		this.active = Math.min(1, this.labels.regions.length - 1)
		this.pointers = new Map()
	}

	// start returns the regions to begin with: the first has all of the picture.
	start() {
		if (this.mode === 'mask') return masks.map(color => ({ color }))
		const given = (this.options.regions ?? []).map(r => ({ ...r }))
		if (!given.length) given.push({ color: palette[0] })
		if (!given.some(r => r.rest)) given[0].rest = true
		if (given.length === 1) given.push({ color: this.unused(given)[0] })
		return given
	}

	unused(regions) {
		return palette.filter(c => !regions.some(r => r.color === c))
	}

	// tint returns how a region is shown: in its colour, but for the rest; a mask darkens what stays.
	tint(i) {
		const { color, rest } = this.labels.regions[i]
		if (this.mode === 'mask') return [0, 0, 0, 1 - rgb(color)[0] / 255]
		return [...rgb(color), rest ? 0 : 1]
	}

	called(shares) {
		const all = names(this.labels.regions.map(r => r.color), shares)
		return this.mode === 'mask' ? all.map(n => M.maskRegions[n] ?? n) : all
	}

	open() {
		return new Promise(resolve => {
			const title = this.options.title ?? M.titles[this.mode]
			this.node = h('dialog', { class: 'dialog full mask', 'aria-label': title })
			this.node.append(this.head(title), this.body())
			const keys = e => this.key(e) // the focus is nowhere when what had it has gone
			document.addEventListener('keydown', keys)
			this.node.addEventListener('close', () => {
				document.removeEventListener('keydown', keys)
				this.node.remove()
				resolve(this.result ?? null)
			})
			this.node.addEventListener('cancel', e => { e.preventDefault(); this.escape() })
			this.node.addEventListener('keyup', e => { if (e.code === 'Space') this.space = false })
			document.body.append(this.node)
			this.node.showModal()
			this.view = new View(this.canvas, this.photo, this.labels, i => this.tint(i))
			this.view.all()
			this.refresh()
			this.canvas.focus()
		})
	}

	head(title) {
		return h('header', h('h2', title),
			button({ text: M.cancel, kind: 'ghost', press: () => this.escape(true) }),
			button({ text: M.use, kind: 'primary', press: () => this.use() }))
	}

	body() {
		this.canvas = h('canvas', { class: 'mask-canvas', tabindex: 0, role: 'application', 'aria-label': M.canvas })
		this.listen()
		this.status = h('p', { class: 'mask-status', role: 'status', 'aria-live': 'polite' })
		this.list = h('ul', { class: 'mask-regions', 'aria-label': M.regions })
		return h('div.mask-body', this.toolbar(),
			h('div.mask-stage', this.canvas, this.status),
			h('div.mask-side', h('h3', M.regions), this.list, this.actions(), this.edge(),
				h('p.quiet.mask-help', M.help)))
	}

	toolbar() {
		const row = h('div', { class: 'mask-tools', role: 'group', 'aria-label': M.toolbar })
		this.toolButtons = Object.entries(tools).map(([name, [, path]]) => {
			const outline = icon(name)
			if (path) outline.firstChild.setAttribute('d', path)
			return h('button', {
				'data-tool': name, 'data-tip': M.toolTips[name], on: { click: () => this.choose(name) },
			}, outline, h('span', M.tools[name]))
		})
		this.undoButton = button({ label: M.undo, iconName: 'restore', press: () => this.undo() })
		this.redoButton = button({ label: M.redo, iconName: 'redo', press: () => this.undo(true) })
		this.sizeRange = slider(M.size, M.sizeTip, 0, steps, 1, this.sizeStep(), v => this.resize(this.sizeAt(v)))
		this.toleranceRange = slider(M.tolerance, M.toleranceTip, 0, 100, 1, 100 * this.tolerance, v => {
			this.tolerance = v / 100
			return M.percent(v)
		})
		const opacity = slider(M.opacity, M.opacityTip, 0, 100, 5, 55, v => {
			if (this.view) this.view.opacity = v / 100
			this.view?.draw()
			return M.percent(v)
		})
		this.pressure = h('input', { type: 'checkbox' })
		this.pressureLabel = h('label', { class: 'check', hidden: true }, this.pressure, M.pressure)
		row.append(h('div.segmented.mask-tool', ...this.toolButtons), this.sizeRange.node, this.toleranceRange.node,
			this.pressureLabel, opacity.node,
			h('div.mask-group', this.undoButton, this.redoButton,
				button({ label: M.zoomOut, text: '−', 'aria-label': M.zoomOut, press: () => this.view.zoom(1 / 1.4) }),
				button({ label: M.fit, iconName: 'fit', press: () => this.view.fit() }),
				button({ label: M.zoomIn, text: '+', 'aria-label': M.zoomIn, press: () => this.view.zoom(1.4) })))
		return row
	}

	actions() {
		const row = h('div.mask-actions')
		const clear = button({ text: M.clear, kind: 'small soft', press: () => this.change(() => {
			for (let y = 0; y < this.labels.h; y++) this.labels.span(y, 0, this.labels.w, 0)
		}) })
		if (this.mode === 'mask') {
			row.append(clear, button({ text: M.invert, kind: 'small soft', press: () => this.change(() => this.labels.swap(0, 1)) }))
			return row
		}
		this.addButton = button({ text: M.add, iconName: 'plus', kind: 'small soft', press: () => this.add() })
		row.append(this.addButton, clear)
		if (!this.options.proposals) return row
		let count = '4'
		const counts = Array.from({ length: 11 }, (_, i) => ({ value: String(i + 2), label: M.partsOf(i + 2) }))
		this.proposeButton = button({ text: M.propose, label: M.proposeTip, kind: 'small soft', press: () => this.propose(Number(count)) })
		row.append(h('div.mask-group', this.proposeButton,
			select(counts, count, v => { count = v }, { 'aria-label': M.parts })))
		return row
	}

	// edge has the width of soft edges, and shows them.
	edge() {
		if (this.mode === 'painting') return null
		this.softBox = h('input', { type: 'checkbox', on: { change: () => this.showSoft() } })
		const range = slider(M.feather, M.featherTip, 0, 20, 0.5, this.feather, v => {
			this.feather = v
			if (this.view) {
				this.softBox.checked = true
				this.showSoft()
			}
			return M.percent(v)
		})
		return this.edgeNode = h('div.mask-edge', range.node, h('label.check', this.softBox, M.showSoft))
	}

	// Tools

	choose(tool) {
		this.tool = tool
		if (tool !== 'polygon') this.view.points = []
		this.refresh()
		this.hover()
	}

	sizeStep() { return Math.round(steps * Math.log(this.radius) / Math.log(this.most)) }
	sizeAt(v) { return this.most ** (v / steps) }

	resize(radius) {
		this.radius = Math.min(this.most, Math.max(0.5, radius))
		this.hover()
		return M.pixels(Math.max(1, Math.round(2 * this.radius)))
	}

	// painted returns the region that a tool gives pixels to.
	painted(erase = this.tool === 'eraser') { return erase ? 0 : this.active }

	hover(at = this.last, cross = this.keyed) {
		if (!this.view) return
		this.last = at
		this.keyed = cross
		const brush = this.tool === 'brush' || this.tool === 'eraser'
		this.view.brush = at && {
			...at, radius: brush ? this.radius : 0, cross,
			color: this.mode === 'mask' ? '#fff' : this.labels.regions[this.painted()].color,
		}
		this.view.draw()
	}

	stroke(from, to, pressure, erase) {
		const box = this.labels.stroke(from, to, this.radius * pressure, this.painted(erase || this.tool === 'eraser'))
		this.view.changed(box)
	}

	flood(p) {
		const x = Math.floor(p.x), y = Math.floor(p.y)
		if (x < 0 || y < 0 || x >= this.labels.w || y >= this.labels.h) return
		this.change(() => this.labels.flood(x, y, this.photoPixels, this.tolerance, this.active))
	}

	corner(p) {
		const { points } = this.view, near = 10 / this.view.scale
		if (points.length > 2 && Math.hypot(p.x - points[0].x, p.y - points[0].y) < near) return this.close()
		points.push(p)
		this.say(M.corners(points.length))
		this.view.draw()
	}

	close() {
		const { points } = this.view
		this.view.points = []
		this.say('')
		if (points.length > 2) this.change(() => this.labels.polygon(points, this.active))
		this.view.draw()
	}

	// change does something that can be undone, and shows it.
	change(f) {
		this.labels.begin()
		f()
		this.finish()
	}

	finish() {
		const { box } = this.labels.change
		if (this.labels.commit()) this.dirty = true
		this.view.changed(box)
		this.refresh()
		if (this.softBox?.checked) this.showSoft()
	}

	undo(redo = false) {
		if (this.labels.change) return
		if (!redo && this.view.points.length) {
			this.view.points.pop()
			return this.view.draw()
		}
		if (!(redo ? this.labels.redo() : this.labels.undo())) return
		this.active = Math.min(this.active, this.labels.regions.length - 1)
		this.view.all()
		this.refresh()
		if (this.softBox?.checked) this.showSoft()
		this.say(redo ? M.redone : M.undone)
	}

	showSoft() {
		if (!this.softBox.checked) return this.view.all()
		const mask = this.mode === 'mask'
		this.view.showSoft(this.feather, i => {
			const r = this.labels.regions[i]
			return mask ? rgb(r.color)[0] / 255 : r.style === 'keep' ? 0 : 1
		}, mask)
	}

	// Pointers: one paints; two fingers, the middle button or Space move.

	listen() {
		const { canvas } = this, on = (name, f) => canvas.addEventListener(name, f)
		on('pointerdown', e => this.down(e))
		on('pointermove', e => this.move(e))
		on('pointerup', e => this.up(e))
		on('pointercancel', e => this.up(e))
		on('pointerleave', () => { if (!this.pointers.size) this.hover(null, false) })
		on('contextmenu', e => e.preventDefault())
		on('dblclick', () => { if (this.tool === 'polygon') this.close() })
		canvas.addEventListener('wheel', e => {
			e.preventDefault()
			const box = canvas.getBoundingClientRect(), lines = e.deltaMode === 1 ? 16 : 1
			this.view.zoom(Math.exp(-e.deltaY * lines * (e.ctrlKey ? 0.01 : 0.002)), e.clientX - box.left, e.clientY - box.top)
		}, { passive: false })
	}

	down(e) {
		e.preventDefault()
		this.canvas.focus({ preventScroll: true })
		this.canvas.setPointerCapture(e.pointerId)
		this.pointers.set(e.pointerId, { x: e.clientX, y: e.clientY })
		if (e.pointerType === 'pen' && !this.pen) {
			this.pen = true
			this.pressureLabel.hidden = false
		}
		const fingers = e.pointerType === 'touch'
		if (this.pointers.size > 1) {
			this.view.changed(this.labels.abort())
			this.drag = 'pinch'
		} else if (e.button === 1 || this.space || fingers && this.pen) {
			this.drag = 'pan'
		} else if (this.tool === 'brush' || this.tool === 'eraser') {
			this.drag = 'paint'
			this.erase = e.button === 2 || e.button === 5 // 5 is the eraser of a pen
			this.labels.begin()
			this.last = this.view.at(e)
			this.stroke(this.last, this.last, this.pressed(e), this.erase)
		} else if (e.button === 0) {
			this.drag = 'click'
		}
		this.hover(this.view.at(e), false)
	}

	pressed(e) { return this.pressure.checked && e.pointerType === 'pen' && e.pressure ? 0.2 + 0.8 * e.pressure : 1 }

	move(e) {
		const before = this.pointers.get(e.pointerId)
		if (this.drag === 'paint' && before) {
			const all = e.getCoalescedEvents?.() ?? []
			for (const c of all.length ? all : [e]) {
				const at = this.view.at(c)
				this.stroke(this.last, at, this.pressed(c), this.erase)
				this.last = at
			}
		} else if (this.drag === 'pan' && before) {
			this.view.pan(e.clientX - before.x, e.clientY - before.y)
		} else if (this.drag === 'pinch' && before) {
			this.pinch(e, before)
		}
		if (before) this.pointers.set(e.pointerId, { x: e.clientX, y: e.clientY })
		this.hover(this.view.at(e), false)
	}

	pinch(e, before) {
		const other = [...this.pointers].find(([id]) => id !== e.pointerId)?.[1]
		if (!other) return
		const box = this.canvas.getBoundingClientRect(), apart = p => Math.hypot(p.x - other.x, p.y - other.y)
		const now = { x: e.clientX, y: e.clientY }
		this.view.pan((now.x - before.x) / 2, (now.y - before.y) / 2)
		this.view.zoom(apart(now) / Math.max(1, apart(before)), (now.x + other.x) / 2 - box.left, (now.y + other.y) / 2 - box.top)
	}

	up(e) {
		if (!this.pointers.delete(e.pointerId)) return
		const drag = this.drag
		if (drag === 'pinch' && this.pointers.size) return // until the last finger is up
		this.drag = null
		if (drag === 'paint' && this.labels.change) this.finish()
		if (drag === 'click' && e.type === 'pointerup') {
			if (this.tool === 'fill') this.flood(this.view.at(e))
			else this.corner(this.view.at(e))
		}
		if (e.pointerType === 'touch') this.hover(null, false)
	}

	// Keys

	key(e) {
		const typing = e.target.matches('select, input:not([type])')
		const control = e.ctrlKey || e.metaKey, key = e.key.toLowerCase()
		if (control) {
			if (key === 'z' || key === 'y') {
				e.preventDefault()
				this.undo(key === 'y' || e.shiftKey)
			} else if (key === 'enter') {
				e.preventDefault()
				this.use()
			}
			e.stopPropagation()
			return
		}
		e.stopPropagation() // the page has keys of its own
		if (key === 'escape' && !typing) {
			e.preventDefault() // a browser lets a dialog keep the second one only after a click
			return this.escape()
		}
		if (typing || e.altKey) return
		const done = this.shortcut(e, key)
		if (done) e.preventDefault()
	}

	shortcut(e, key) {
		const tool = Object.keys(tools).find(t => tools[t][0].toLowerCase() === key)
		if (tool) return this.choose(tool), true
		if (key === '[' || key === ']') {
			this.resize(this.radius * (key === ']' ? 1.2 : 1 / 1.2))
			this.sizeRange.set(this.sizeStep())
			return true
		}
		if (key === '+' || key === '=') return this.view.zoom(1.4), true
		if (key === '-') return this.view.zoom(1 / 1.4), true
		if (key === '0') return this.view.fit(), true
		if (key >= '1' && key <= '9' && this.labels.regions[key - 1]) return this.activate(key - 1), true
		if (e.target === this.canvas) return this.canvasKey(e, key)
		return false
	}

	canvasKey(e, key) {
		const way = { arrowleft: [-1, 0], arrowright: [1, 0], arrowup: [0, -1], arrowdown: [0, 1] }[key]
		if (way) {
			const step = (e.shiftKey ? 40 : 8) / this.view.scale, { w, h } = this.labels
			const from = this.last ?? { x: w / 2, y: h / 2 }
			const to = { x: clamp(from.x + way[0] * step, w), y: clamp(from.y + way[1] * step, h) }
			this.hover(to, true)
			this.view.reveal(to)
			return true
		}
		if (key === ' ') {
			this.space = true
			if (this.keyed && this.last) this.press(this.last)
			return true
		}
		if (key === 'enter') return this.view.points.length ? this.close() : this.use(), true
		if (key === 'backspace') return this.view.points.length ? this.undo() : null, true
		return false
	}

	// press uses the tool where the keyboard's cross is.
	press(p) {
		if (this.tool === 'fill') this.flood(p)
		else if (this.tool === 'polygon') this.corner({ ...p })
		else {
			this.labels.begin()
			this.stroke(p, p, 1)
			this.finish()
		}
	}

	// Regions

	activate(i, focus = false) {
		this.active = i
		if (this.tool === 'eraser') this.tool = 'brush'
		this.refresh()
		if (focus) this.list.querySelectorAll('input[type=radio]')[i]?.focus()
		this.hover()
	}

	add() {
		const { regions } = this.labels, color = this.unused(regions)[0]
		if (!color || regions.length >= maxRegions) return this.say(M.most(maxRegions))
		this.change(() => { regions.push({ color }); this.labels.regions = [...regions] })
		this.activate(this.labels.regions.length - 1)
	}

	edit(i, values) {
		this.change(() => { this.labels.regions = this.labels.regions.map((r, k) => k === i ? { ...r, ...values } : r) })
		if ('color' in values) this.view.all()
		if (this.softBox?.checked) this.showSoft()
	}

	remove(i) {
		this.change(() => { this.labels.regions = [...this.labels.regions]; this.labels.remove(i) })
		this.view.all()
		this.activate(Math.min(Math.max(1, this.active >= i ? this.active - 1 : this.active), this.labels.regions.length - 1))
	}

	async propose(count) {
		this.proposeButton.disabled = true
		this.say(M.proposing)
		try {
			const proposed = await read(await this.options.proposals(count), this.labels.w, this.labels.h, true)
			this.change(() => this.labels.replace(pixels(proposed), false))
			this.activate(Math.min(this.active, this.labels.regions.length - 1))
			this.view.all()
			this.say('')
		} catch (e) {
			this.say(e.hint ? `${e.message} ${e.hint}` : e.message)
		}
		this.proposeButton.disabled = false
	}

	// refresh shows regions, and which tool and region are chosen.
	refresh() {
		for (const b of this.toolButtons) b.setAttribute('aria-pressed', String(b.dataset.tool === this.tool))
		this.sizeRange.node.hidden = this.tool === 'fill' || this.tool === 'polygon'
		this.toleranceRange.node.hidden = this.tool !== 'fill'
		this.undoButton.disabled = !this.labels.done.length
		this.redoButton.disabled = !this.labels.undone.length
		if (this.addButton) this.addButton.disabled = this.labels.regions.length >= maxRegions
		if (this.edgeNode && this.mode === 'regions') this.edgeNode.hidden = !this.labels.regions.some(r => r.style === 'keep')
		const shares = this.labels.shares(), called = this.called(shares), focus = this.focused()
		this.list.replaceChildren(...this.labels.regions.map((r, i) => this.row(r, i, called[i], shares[i])))
		if (focus) this.list.querySelector(focus)?.focus()
	}

	// focused returns a selector of what has the focus in the list, which is built anew.
	focused() {
		const at = document.activeElement
		return this.list.contains(at) ? `[data-key="${at.dataset.key}"]` : ''
	}

	row(r, i, name, share) {
		const active = i === this.active
		const radio = h('input', {
			type: 'radio', name: 'mask-region', 'data-key': `region${i}`, set: { checked: active }, on: { change: () => this.activate(i, true) },
		})
		const swatch = h('span.mask-swatch')
		swatch.style.background = r.color
		const part = share > 0 && share < leastShare ? M.small : M.percent(share < 0.0995 && share > 0 ? (100 * share).toFixed(1) : Math.round(100 * share))
		const row = h('li', { class: active ? 'active' : '' },
			h('label', radio, swatch, h('span.mask-name', name), h('span.quiet', part)))
		if (this.mode === 'mask') return row
		if (this.labels.regions.length > 2) {
			row.append(button({ label: M.remove(name), iconName: 'trash', kind: 'small ghost', 'data-key': `remove${i}`, press: () => this.remove(i) }))
		}
		if (active) row.append(this.details(r, i))
		else if (this.summary(r)) row.append(h('span.quiet.mask-summary', this.summary(r)))
		return row
	}

	summary(r) {
		if (r.style === 'keep') return M.kept
		const picture = this.options.styles.find(s => s.file === r.style)
		const factors = ['weight', 'scale'].filter(name => of(r, name) !== 1).map(name => `${M[name]} ${M.times(r[name])}`)
		return [picture?.name ?? r.style, ...factors].filter(Boolean).join(', ')
	}

	// details are the settings of the chosen region.
	details(r, i) {
		const node = h('div.mask-details')
		const colours = [r.color, ...this.unused(this.labels.regions)]
		const colour = select(names(colours).map((label, k) => ({ value: colours[k], label })), r.color,
			color => this.edit(i, { color }), { 'aria-label': M.colour, 'data-key': `colour${i}` })
		if (this.mode === 'painting') return node
		const { styles, pickStyle } = this.options
		const choices = [{ value: '', label: M.styles.all }, { value: 'keep', label: M.styles.keep },
			...styles.map(s => ({ value: s.file, label: s.name })), ...pickStyle ? [{ value: '?', label: M.styles.other }] : []]
		const style = select(choices, r.style ?? '', async v => {
			if (v === '?') {
				const picked = await pickStyle()
				if (!picked) return this.refresh()
				if (!styles.some(s => s.file === picked.file)) styles.push(picked)
				v = picked.file
			}
			this.edit(i, { style: v || null, ...v === 'keep' ? { weight: 1, scale: 1 } : {} })
		}, { 'data-key': `style${i}` })
		node.append(labelled(M.colour, colour), labelled(M.style, style))
		if (r.style !== 'keep') {
			node.append(this.factor(M.weight, r, i, 'weight', Infinity), this.factor(M.scale, r, i, 'scale', 16))
		}
		return node
	}

	factor(label, r, i, name, most) {
		const node = h('input', {
			inputmode: 'decimal', placeholder: '1', 'data-key': `${name}${i}`, set: { value: of(r, name) === 1 ? '' : r[name] },
			on: { change: () => {
				const v = Number(node.value.replace(',', '.'))
				this.edit(i, { [name]: v > 0 ? Math.min(v, most) : 1 })
			} },
		})
		return labelled(label, node)
	}

	say(text) { this.status.textContent = text }

	// The end

	escape(asked = false) {
		if (this.view.points.length && !asked) {
			this.view.points = []
			this.view.draw()
			return this.say('')
		}
		if (!this.dirty) return this.node.close()
		if (this.question) return this.question.querySelector('button').focus()
		this.question = h('div', { class: 'mask-question', role: 'alertdialog', 'aria-label': M.leave }, h('span', M.leave),
			button({ text: M.leaveNo, kind: 'soft', press: () => { this.question.remove(); this.question = null; this.canvas.focus() } }),
			button({ text: M.leaveYes, kind: 'soft danger', press: () => this.node.close() }))
		this.node.append(this.question)
		this.question.querySelector('button').focus()
	}

	// use ends with what is painted, or says why it is no mask.
	async use() {
		const { labels, mode } = this, shares = labels.shares()
		const there = labels.regions.map((_, i) => i).filter(i => shares[i] > 0)
		const count = there.filter(i => shares[i] >= leastShare)
		if (mode === 'mask' && shares[0] === 1) return this.say(M.nothingDreams)
		if (mode !== 'mask' && count.length < 2) return this.say(M.unpainted)
		if (mode === 'regions' && count.every(i => labels.regions[i].style === 'keep')) return this.say(M.allKept)
		const called = names(count.map(i => labels.regions[i].color), count.map(i => shares[i]))
		const regions = count.map((i, k) => ({ style: null, weight: 1, scale: 1, ...labels.regions[i], name: called[k], share: shares[i] }))
		const blob = await encodePNG(labels.w, labels.h, labels.data, labels.regions.map(r => rgb(r.color)))
		this.result = { blob, regions, option: mode === 'regions' ? regionOption(regions) : '', feather: this.feather }
		this.node.close()
	}
}

const clamp = (v, most) => Math.min(most - 0.5, Math.max(0.5, v))
const labelled = (text, control) => h('label.mask-field', h('span', text), control)

// slider is a labelled range; show is called with its number and returns it in words.
function slider(label, tip, min, max, step, value, show) {
	const { bar, out, set } = ranged({ min, max, step }, value, show)
	return { node: h('label', { class: 'mask-slider', 'data-tip': tip }, h('span', label), bar, out), set }
}
