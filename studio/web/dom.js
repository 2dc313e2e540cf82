// Helpers for elements: building, icons, dialogs, toasts, numbers as people read them.
import { S } from './strings.js'
import { named } from './model.js'

/**
 * h builds an element, such as div.row.slide. Props: class, on: {event: f}, set: {property: value}, or attributes;
 * they may be left out before children.
 */
export function h(tag, props = {}, ...kids) {
	if (props === null || typeof props !== 'object' || Array.isArray(props) || props instanceof Node) {
		kids.unshift(props)
		props = {}
	}
	const [name, ...classes] = tag.split('.')
	const node = document.createElement(name)
	if (classes.length) node.className = classes.join(' ')
	if (name === 'button') node.type = name // which submits nothing
	for (const [name, value] of Object.entries(props)) {
		if (value === undefined || value === null || value === false) continue
		if (name === 'class') node.className = value
		else if (name === 'on') for (const [event, f] of Object.entries(value)) node.addEventListener(event, f)
		else if (name === 'set') Object.assign(node, value)
		else node.setAttribute(name, value === true ? '' : value)
	}
	node.append(...kids.flat().filter(k => k !== null && k !== undefined && k !== false))
	return node
}

export const $ = (selector, root = document) => root.querySelector(selector)
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)]

const paths = {
	plus: 'M12 5v14M5 12h14',
	close: 'M6 6l12 12M18 6L6 18',
	check: 'M5 12.5l4.5 4.5L19 7',
	copy: 'M9 9h10v11H9zM15 9V4H5v11h4',
	play: 'M8 5.5v13l10.5-6.5z',
	stop: 'M7 7h10v10H7z',
	up: 'M12 19V5M6 11l6-6 6 6',
	down: 'M12 5v14M6 13l6 6 6-6',
	top: 'M5 4h14M12 20V8M7 13l5-5 5 5',
	redo: 'M20 12a8 8 0 1 1-2.5-5.8M20 3v5h-5',
	trash: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5',
	edit: 'M4 20h4L19 9l-4-4L4 16zM13 7l4 4',
	brush: 'M20 4c-5 2-9 6-11 9l2 2c3-2 7-6 9-11zM8 14c-3 0-3 4-5 5 3 2 7 1 7-3',
	clock: 'M12 3a9 9 0 1 0 .01 0zM12 7v5l3 2',
	image: 'M4 5h16v14H4zM4 16l5-5 5 5 2-2 4 4M15 9h.01',
	slider: 'M12 3v18M8 9l-3 3 3 3M16 9l3 3-3 3',
	side: 'M4 5h16v14H4zM12 5v14',
	single: 'M4 5h16v14H4z',
	blink: 'M2.5 12C5 7 8.5 5 12 5s7 2 9.5 7c-2.5 5-6 7-9.5 7s-7-2-9.5-7zM12 9a3 3 0 1 0 .01 0z',
	fit: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
	gear: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4',
	list: 'M4 6h16M4 12h16M4 18h10',
	grid: 'M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z',
	moon: 'M20 14A8.5 8.5 0 0 1 10 4a8.5 8.5 0 1 0 10 10z',
	help: 'M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 18h.01',
	down2: 'M12 4v11M7 11l5 5 5-5M4 20h16',
	save: 'M5 4h11l3 3v13H5zM8 4v5h7V4M8 20v-6h8v6',
	scale: 'M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7',
	fork: 'M4 4h5v5H4zM15 4h5v5h-5zM15 15h5v5h-5zM9 6.5h6M17.5 9v6',
	film: 'M4 5h16v14H4zM8 5v14M16 5v14M4 9h4M4 15h4M16 9h4M16 15h4',
	votes: 'M4 5h7v14H4zM13 5h7v14h-7zM6 12l1 1 2-3',
	star: 'M12 4l2.5 5.2 5.5.8-4 4 1 5.5-5-2.7-5 2.7 1-5.5-4-4 5.5-.8z',
	restore: 'M4 12a8 8 0 1 0 2.5-5.8M4 3v5h5',
	left: 'M15 6l-6 6 6 6',
	right: 'M9 6l6 6-6 6'
}

/** icon is an outline of 24 units that takes its colour from the text. */
export function icon(name) {
	const ns = 'http://www.w3.org/2000/svg'
	const svg = document.createElementNS(ns, 'svg')
	svg.setAttribute('viewBox', '0 0 24 24')
	svg.setAttribute('class', 'icon')
	svg.setAttribute('aria-hidden', 'true')
	const path = document.createElementNS(ns, 'path')
	path.setAttribute('d', paths[name] ?? '')
	svg.append(path)
	return svg
}

/** button has a text, an icon, or both; without a text the label is for the tooltip and the screen reader. */
export function button({ label, text, iconName, kind = '', press, ...rest }) {
	const own = { class: `button ${kind}${text ? '' : ' bare'}`, on: press && { click: press }, ...rest }
	if (label && !text) {
		own['aria-label'] ??= label
		own['data-tip'] = label
	} else if (label) own['data-tip'] = label
	return h('button', own, iconName && icon(iconName), text && h('span', text))
}

/** segmented is a row of buttons of which one is pressed. */
export function segmented({ label, choices, value, pick, kind = '' }) {
	const row = h('div', { class: `segmented ${kind}`, role: 'group', 'aria-label': label })
	const set = value => {
		for (const b of row.children) b.setAttribute('aria-pressed', String(b.dataset.value === value))
	}
	for (const c of choices) {
		row.append(
			h('button',
				{
					'data-value': c.value,
					'data-tip': c.tip ?? (c.iconName ? c.label : undefined),
					'aria-label': c.iconName ? c.label : undefined,
					on: {
						click: () => {
							set(c.value)
							pick(c.value)
						}
					}
				},
				c.iconName ? icon(c.iconName) : c.label
			)
		)
	}
	set(value)
	return { node: row, set }
}

// toasts lies in the dialog on top, if there is one: what is outside cannot be pressed.
const toasts = $('#toasts')

/** toast says something for a while; action {text, press} adds a button. */
export function toast(text, { hint, action, bad } = {}) {
	const node = h('div',
		{ class: bad ? 'toast bad' : 'toast', role: bad ? 'alert' : undefined },
		h('div', h('p', text), hint && h('p.quiet', hint))
	)
	const gone = () => {
		node.classList.add('leaving')
		setTimeout(() => node.remove(), 200)
	}
	if (action)
		node.append(
			button({
				text: action.text,
				kind: 'small',
				press: () => {
					gone()
					action.press()
				}
			})
		)
	node.append(button({ label: S.close, iconName: 'close', kind: 'small ghost', press: gone }))
	toasts.append(node)
	;($$('dialog[open]').at(-1) ?? document.body).append(toasts)
	while (toasts.children.length > 4) toasts.firstChild.remove()
	setTimeout(gone, bad ? 12000 : action ? 10000 : 5000)
	return gone
}

/** fail shows an error. */
export function fail(e) {
	if (e?.name === 'AbortError') return
	toast(named(e?.message || String(e)), { hint: named(e?.hint), bad: true })
}

/** tried makes a function that shows its error instead of failing. */
export const tried = f => (...args) => f(...args).catch(fail)

/** dialog opens a modal with a title; it resolves with what close(value) was called with, undefined for Esc. */
export function dialog({ title, kind = '', body, start }) {
	return new Promise(resolve => {
		let value
		const node = h('dialog', { class: `dialog ${kind}`, 'aria-label': title })
		const close = v => {
			value = v
			node.close()
		}
		node.append(
			h('header', h('h2', title), button({ label: S.close, iconName: 'close', kind: 'ghost', press: () => close() })),
			h('div.body', body(close, node))
		)
		node.onclose = () => {
			if (node.contains(toasts)) document.body.append(toasts)
			node.remove()
			resolve(value)
		}
		node.onclick = e => {
			if (e.target === node && !kind.includes('full')) close()
		}
		// Enter does what the dialog is for, and never closes it.
		if (!node.querySelector('[autofocus]')) (node.querySelector('.actions .primary') ?? node).autofocus = true
		document.body.append(node)
		node.showModal()
		start?.(node)
	})
}

/** field is a label above a control. */
export function field(text, control, note) {
	return h('label.plain-field', h('span.label', text), control, note && h('span.quiet', note))
}

/** instead makes a listener that does something in the place of the browser. */
export const instead = f => e => {
	e.preventDefault()
	f(e)
}

/** formOf is a form; submit is called when it is sent. */
export const formOf = (submit, ...kids) => {
	const node = h('form', ...kids)
	node.onsubmit = instead(() => submit(node))
	return node
}

/** askText asks for one line; nothing if it is not given. */
export function askText({ title, label, note, value = '', action }) {
	return dialog({
		title,
		body: close => {
			const input = h('input', { type: 'text', required: true, maxlength: 200, autofocus: true, value })
			return formOf(
				() => close(input.value.trim()),
				field(label, input, note),
				h('div.actions', button({ text: action, kind: 'primary', type: 'submit' }))
			)
		}
	})
}

/** confirm asks before something that is not easily undone; true if the action is chosen. */
export function confirm({ text, action, instead, ...rest }) {
	return dialog({
		...rest,
		body: close => [
			h('p', text),
			h('div.actions',
				button({ text: action, kind: instead ? 'ghost danger' : 'primary', press: () => close(true) }),
				button({ text: instead ?? S.back, kind: instead ? 'primary' : 'soft', press: () => close(false) })
			)
		]
	})
}

export function select(choices, value, change, props = {}) {
	const node = h('select',
		{ ...props, on: { change: () => change(node.value) } },
		choices.map(c => h('option', { value: c.value ?? c, selected: (c.value ?? c) === value }, c.label ?? c))
	)
	return node
}

/** ranged is a range with its number in words beside it, which show returns. */
export function ranged(props, value, show) {
	const out = h('output')
	const bar = h('input', { type: 'range', ...props, set: { value }, on: { input: () => set(bar.value) } })
	const set = v => {
		bar.value = v
		bar.style.setProperty('--share', `${(100 * (bar.value - props.min)) / (props.max - props.min)}%`)
		out.textContent = show(Number(v))
		bar.setAttribute('aria-valuetext', out.textContent)
	}
	set(value)
	return { bar, out, set }
}

/** duration says seconds as a person would. */
export function duration(seconds) {
	if (seconds === null || !(seconds >= 0)) return '–'
	if (seconds < 1) return S.time.instant
	if (seconds < 90) return S.time.s(Math.round(seconds))
	if (seconds < 5400) return S.time.min(Math.round(seconds / 60))
	const m = Math.round(seconds / 60)
	return S.time.h(Math.floor(m / 60), m % 60)
}

export function bytes(n) {
	if (!(n > 0)) return '–'
	const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
	let i = 0
	while (n >= 1024 && i < units.length - 1) {
		n /= 1024
		i++
	}
	return `${n < 10 && i > 0 ? n.toFixed(1) : Math.round(n)} ${units[i]}`
}

export function number(x) {
	if (!Number.isFinite(x)) return '–'
	const a = Math.abs(x)
	if (a !== 0 && (a < 0.001 || a >= 1e6)) return x.toExponential(1)
	return a >= 100 ? x.toFixed(0) : a >= 10 ? x.toFixed(1) : a >= 1 ? x.toFixed(2) : x.toFixed(3)
}

/** searchBox is a field to look for something. */
export const searchBox = (text, more) =>
	h('input', { type: 'search', class: 'search', placeholder: text, 'aria-label': text, ...more })

/** paired names what goes into a picture, such as photo × painting. */
export const paired = (...files) => files.map(f => [f ?? []].flat().map(stem).join(', ')).filter(Boolean).join(' × ')

/** joined is a line of what there is to say. */
export const joined = (...parts) => parts.filter(Boolean).join(' · ')

export const base = path => (path ? path.slice(path.lastIndexOf('/') + 1) : '')
export const stem = path => base(path).replace(/\.[^.]+$/, '')

/** later calls f when calls have ceased for so many milliseconds. */
export function later(f, ms) {
	let timer
	return (...args) => {
		clearTimeout(timer)
		timer = setTimeout(() => f(...args), ms)
	}
}

/** rowStep is how many further an arrow key goes among elements that are laid out in rows; 0 for other keys. */
export function rowStep(nodes, key) {
	const columns = nodes.findIndex(n => n.offsetTop > nodes[0].offsetTop)
	const row = columns < 0 ? nodes.length : columns
	return { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row }[key] ?? 0
}

export async function copy(text) {
	try {
		await navigator.clipboard.writeText(text)
	} catch {
		const area = h('textarea.offscreen', { set: { value: text } })
		document.body.append(area)
		area.select()
		document.execCommand('copy')
		area.remove()
	}
	toast(S.copied)
}

export const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches
export const phone = () => matchMedia('(max-width: 760px), (max-height: 480px)').matches

/** pickFiles opens the browser's file chooser. */
export function pickFiles({ many = false, accept = 'image/*,.webp,.tif,.tiff,.avif' } = {}) {
	return new Promise(resolve => {
		const input = h('input', { type: 'file', accept, multiple: many, hidden: true })
		input.onchange = () => {
			resolve([...input.files])
			input.remove()
		}
		input.oncancel = () => {
			resolve([])
			input.remove()
		}
		document.body.append(input)
		input.click()
	})
}
