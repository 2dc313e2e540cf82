// The viewer: one picture or two, by slider, side by side or in turn, fitted or pixel by pixel.
import { S } from './strings.js'
import { h, button, segmented, calm } from './dom.js'
import { recall, keep } from './model.js'

/** open are the viewers of dialogs, the last one on top. */
export const open = []

const modes = ['single', 'slider', 'side', 'blink']

/** Viewer shows B, a result, and compares it with A, usually the photograph. */
export class Viewer {
	#token = { a: 0, b: 0 }
	#urls = { a: '', b: '' }
	#pointers = new Map()
	#timer = 0

	constructor({ mode = recall('mode', 'slider'), remember = true } = {}) {
		this.remember = remember
		this.size = { w: 1, h: 1 }
		this.scale = 0 // CSS pixels for one of the picture's; 0 fits
		this.centre = { x: 0.5, y: 0.5 } // of the view, as a share of the picture
		this.share = 0.5
		this.a = this.#layer('a')
		this.b = this.#layer('b')
		this.divider = h('div.divider',
			{
				role: 'slider',
				tabindex: 0,
				'aria-label': S.viewer.divider,
				'aria-valuemin': 0,
				'aria-valuemax': 100,
				'aria-orientation': 'horizontal'
			},
			h('span.knob')
		)
		this.nameA = h('span.tag.a')
		this.nameB = h('span.tag.b')
		this.empty = h('div.nothing')
		this.node = h('div.viewer',
			{ tabindex: 0, role: 'group', 'aria-label': S.viewer.label },
			this.b,
			this.a,
			this.divider,
			this.nameA,
			this.nameB,
			this.empty
		)
		this.modes = segmented({
			label: S.viewer.modes,
			value: mode,
			pick: m => this.setMode(m),
			kind: 'icons',
			choices: modes.map(value => ({ value, label: S.viewer[value], iconName: value }))
		})
		this.percent = h('output.percent')
		this.zoomFit = button({ label: S.viewer.fit, iconName: 'fit', kind: 'small', press: () => this.fit() })
		this.zoomFull = button({ text: '1:1', label: S.viewer.full, kind: 'small', press: () => this.full() })
		this.tools = h('div.viewer-tools',
			{ role: 'toolbar', 'aria-label': S.viewer.tools },
			this.modes.node,
			h('div.zooms', this.zoomFit, this.zoomFull, this.percent)
		)
		this.#listen()
		new ResizeObserver(() => this.apply()).observe(this.node)
		this.setMode(mode)
	}

	#layer(name) {
		const image = h('img', { alt: '', draggable: 'false' })
		const layer = h('div', { class: `layer ${name}` }, image)
		layer.image = image
		return layer
	}

	/** show sets the pictures: their URLs and names, the size of B. Without any, hint is shown. */
	show({ a = '', b = '', width, height, nameA = '', nameB = '', hint = '', key }) {
		if (key !== this.key) {
			this.key = key
			this.scale = 0
			this.centre = { x: 0.5, y: 0.5 }
		}
		this.empty.replaceChildren(...[hint].flat())
		this.node.classList.toggle('void', !b && !a)
		this.names = [nameA, nameB]
		if (width && height && (width !== this.size.w || height !== this.size.h)) {
			this.size = { w: width, h: height }
			this.known = true
			this.apply()
		} else if (!width) this.known = false
		this.#load('a', a)
		this.#load('b', b)
		this.b.image.alt = nameB
		this.a.image.alt = nameA
		this.#labels()
	}

	// #load changes a picture only when the next one is ready: nothing flickers.
	async #load(which, url) {
		if (this.#urls[which] === url) return
		this.#urls[which] = url
		const token = ++this.#token[which]
		const image = this[which].image
		if (!url) {
			image.removeAttribute('src')
			this[which].classList.remove('loaded')
			this.apply()
			return this.#labels()
		}
		const next = new Image()
		next.src = url
		try {
			await next.decode()
		} catch {
			/* shown as missing */
		}
		if (token !== this.#token[which]) return
		image.src = url
		this[which].classList.toggle('loaded', next.naturalWidth > 0)
		if (which === 'b' && !this.known && next.naturalWidth) this.size = { w: next.naturalWidth, h: next.naturalHeight }
		if (which === 'a' && !this.known && !this.#urls.b && next.naturalWidth)
			this.size = { w: next.naturalWidth, h: next.naturalHeight }
		this.apply()
		this.#labels()
	}

	setMode(mode) {
		this.mode = modes.includes(mode) ? mode : 'slider'
		if (this.remember) keep('mode', this.mode)
		this.node.dataset.mode = this.mode
		this.modes.set(this.mode)
		clearInterval(this.#timer)
		this.node.classList.remove('flip')
		if (this.mode === 'blink') {
			this.#timer = setInterval(
				() => {
					if (!this.node.isConnected || this.held) return
					this.node.classList.toggle('flip')
					this.#labels()
				},
				calm() ? 1500 : 700
			)
		}
		this.apply()
		this.#labels()
	}

	/** original shows the photograph alone while it is on. */
	original(on) {
		if (this.held === on) return
		this.held = on
		this.node.classList.toggle('held', on)
		this.apply()
		this.#labels()
	}

	#labels() {
		const [a, b] = this.names ?? ['', '']
		if (!this.both) {
			const onlyA = this.a.classList.contains('loaded')
			this.nameA.textContent = onlyA ? a : ''
			this.nameB.textContent = onlyA ? '' : b
			return
		}
		const one = this.mode === 'single' || this.mode === 'blink' || this.held
		const flipped = this.held || this.node.classList.contains('flip')
		this.nameA.textContent = one ? '' : a
		this.nameB.textContent = one ? (flipped ? a : b) : b
	}

	get both() {
		return this.node.classList.contains('pair')
	}
	#paneWidth() {
		return this.mode === 'side' && this.both && !this.held ? this.node.clientWidth / 2 : this.node.clientWidth
	}
	#fitted() {
		const w = this.#paneWidth()
		return Math.min((w - 2 * this.margin) / this.size.w, (this.node.clientHeight - 2 * this.margin) / this.size.h)
	}
	get margin() {
		return Math.min(20, this.node.clientWidth / 40)
	}

	fit() {
		this.scale = 0
		this.centre = { x: 0.5, y: 0.5 }
		this.apply()
	}
	full() {
		this.scale = 1 / (devicePixelRatio || 1)
		this.apply()
	}

	/** zoom multiplies the scale and keeps a point of the view where it is. */
	zoom(by, x = this.#paneWidth() / 2, y = this.node.clientHeight / 2) {
		const old = this.scale || this.#fitted()
		const next = Math.min(32, Math.max(this.#fitted() / 2, old * by))
		const w = this.#paneWidth()
		const dx = (x - w / 2) / this.size.w
		const dy = (y - this.node.clientHeight / 2) / this.size.h
		this.centre.x += dx / old - dx / next
		this.centre.y += dy / old - dy / next
		this.scale = Math.abs(next / this.#fitted() - 1) < 0.02 ? 0 : next
		this.apply()
	}

	pan(dx, dy) {
		const scale = this.scale || this.#fitted()
		this.centre.x -= dx / scale / this.size.w
		this.centre.y -= dy / scale / this.size.h
		this.apply()
	}

	setShare(share) {
		this.share = Math.min(1, Math.max(0, share))
		this.apply()
	}

	apply() {
		// Until both are loaded, the one that is has the whole view.
		const both = [this.a, this.b].every(l => l.classList.contains('loaded'))
		this.node.classList.toggle('pair', both)
		const { w, h: hgt } = this.size
		const width = this.#paneWidth()
		const height = this.node.clientHeight
		if (!width || !height) return
		const fitted = this.#fitted()
		const scale = this.scale || fitted
		const bound = (c, view, size) => {
			const half = view / 2 / (size * scale)
			return half >= 0.5 ? 0.5 : Math.min(1 - half * 0.9, Math.max(half * 0.9, c))
		}
		this.centre = { x: bound(this.centre.x, width, w), y: bound(this.centre.y, height, hgt) }
		const left = width / 2 - this.centre.x * w * scale
		const top = height / 2 - this.centre.y * hgt * scale
		for (const layer of [this.a, this.b]) {
			const s = layer.image.style
			s.width = `${w}px`
			s.height = `${hgt}px`
			s.transform = `translate(${left}px, ${top}px) scale(${scale})`
			layer.classList.toggle('pixels', this.scale > 0 && scale * (devicePixelRatio || 1) >= 3)
		}
		const from = Math.max(0, left)
		const to = Math.min(width, left + w * scale)
		const at = from + (to - from) * this.share
		this.a.style.clipPath =
			this.mode === 'slider' && both && !this.held ? `inset(0 ${Math.max(0, width - at)}px 0 0)` : ''
		this.divider.style.left = `${at}px`
		this.divider.style.top = `${Math.max(0, top)}px`
		this.divider.style.bottom = `${Math.max(0, height - top - hgt * scale)}px`
		this.span = { from, to }
		this.divider.setAttribute('aria-valuenow', String(Math.round(this.share * 100)))
		this.percent.textContent = this.node.classList.contains('void')
			? ''
			: `${Math.round(scale * (devicePixelRatio || 1) * 100)} %`
		this.zoomFit.setAttribute('aria-pressed', String(!this.scale))
		this.zoomFull.setAttribute('aria-pressed', String(Math.abs(this.scale * (devicePixelRatio || 1) - 1) < 0.01))
		this.node.classList.toggle('zoomed', Boolean(this.scale))
		const tagX = Math.max(0, left)
		const tagY = Math.max(0, height - top - hgt * scale)
		this.node.style.setProperty('--tag-x', `${tagX}px`)
		this.node.style.setProperty('--tag-y', `${Math.min(tagY, height - 40)}px`)
		this.node.style.setProperty(
			'--tag-r',
			`${Math.max(
				0,
				this.node.clientWidth - (this.mode === 'side' && this.both && !this.held ? width : 0) - (left + w * scale)
			)}px`
		)
	}

	#local(e) {
		const box = this.node.getBoundingClientRect()
		const pane = this.#paneWidth()
		return { x: (e.clientX - box.left) % pane, y: e.clientY - box.top, all: e.clientX - box.left }
	}

	#listen() {
		const n = this.node
		n.addEventListener(
			'wheel',
			e => {
				e.preventDefault()
				const p = this.#local(e)
				this.zoom(Math.exp(-e.deltaY * (e.ctrlKey ? 0.01 : 0.0015)), p.x, p.y)
			},
			{ passive: false }
		)
		n.ondblclick = e => {
			if (e.target.closest('.divider')) return
			const p = this.#local(e)
			if (this.scale) this.fit()
			else this.zoom(Math.max(1 / (devicePixelRatio || 1) / this.#fitted(), 2), p.x, p.y)
		}
		n.onpointerdown = e => {
			if (e.button > 0) return
			const divides = e.target.closest('.divider') || (this.mode === 'slider' && this.both && !this.scale)
			this.#pointers.set(e.pointerId, { x: e.clientX, y: e.clientY, divides })
			n.setPointerCapture(e.pointerId)
			if (divides) {
				this.divider.focus({ preventScroll: true })
				this.#divide(e)
			}
		}
		n.onpointermove = e => {
			const p = this.#pointers.get(e.pointerId)
			if (!p) return
			const dx = e.clientX - p.x
			const dy = e.clientY - p.y
			if (this.#pointers.size === 2) {
				const other = [...this.#pointers].find(([id]) => id !== e.pointerId)[1]
				const before = Math.hypot(p.x - other.x, p.y - other.y)
				const now = Math.hypot(e.clientX - other.x, e.clientY - other.y)
				const mid = this.#local({ clientX: (e.clientX + other.x) / 2, clientY: (e.clientY + other.y) / 2 })
				if (before > 0) this.zoom(now / before, mid.x, mid.y)
				this.pan(dx / 2, dy / 2)
			} else if (p.divides) this.#divide(e)
			else if (this.scale) this.pan(dx, dy)
			p.x = e.clientX
			p.y = e.clientY
		}
		const up = e => void this.#pointers.delete(e.pointerId)
		n.onpointerup = up
		n.onpointercancel = up
		n.onkeydown = e => {
			if (this.press(e)) {
				e.preventDefault()
				e.stopPropagation()
			}
		}
	}

	#divide(e) {
		const { from, to } = this.span
		this.setShare((this.#local(e).all - from) / Math.max(1, to - from))
	}

	/** press does what a key means in the viewer, and says whether it means anything. */
	press(e) {
		if (e.ctrlKey || e.metaKey || e.altKey) return false
		const slides = this.mode === 'slider' && this.both && (!this.scale || document.activeElement === this.divider)
		const step = e.shiftKey ? 0.1 : 0.02
		switch (e.key) {
			case 'ArrowLeft':
			case 'ArrowRight': {
				const by = e.key === 'ArrowLeft' ? -1 : 1
				if (slides) this.setShare(this.share + by * step)
				else if (this.scale) this.pan(-40 * by, 0)
				else return false
				return true
			}
			case 'ArrowUp':
			case 'ArrowDown':
				if (!this.scale) return false
				this.pan(0, e.key === 'ArrowUp' ? 40 : -40)
				return true
			case 'Home':
			case 'End':
				if (slides) this.setShare(e.key === 'End' ? 1 : 0)
				return slides
			case '[':
				this.setShare(this.share - 0.05)
				return true
			case ']':
				this.setShare(this.share + 0.05)
				return true
			case '+':
			case '=':
				this.zoom(1.25)
				return true
			case '-':
				this.zoom(0.8)
				return true
			case '0':
				this.fit()
				return true
			case '1':
				this.full()
				return true
			default:
				return false
		}
	}
}
