// The form: one row for each option of the table of options, made from its JSON schema.
import { S } from './strings.js'
import { h, icon, button, select, pickFiles, tried, askText, dialog, formOf, segmented, base, joined, searchBox } from './dom.js'
import { about, command, defaultText, options, setOption, shown, tab, recall, keep, on, emit, named, titleOf } from './model.js'
import { get, upload } from './api.js'

/** slides are the usual ranges of options whose own range is too wide to slide over: from, to, logarithmic. */
const slides = {
	size: [64, 4096, true],
	iterations: [5, 1000, true],
	'frame-iterations': [1, 200, true],
	'temporal-weight': [0, 1000],
	'style-weight': [1, 1000, true],
	'style-scale': [0.25, 4, true],
	'structure-weight': [0, 10],
	'content-weight': [0, 10],
	'tv-weight': [0, 100],
	octaves: [0, 10],
	lr: [0, 10],
	'warm-up': [0, 500],
	'octave-scale': [1.1, 2],
	zoom: [0.9, 1.2],
	jitter: [0, 64],
	'ssim-weight': [0, 10],
	'mask-feather': [0, 20],
	feather: [0, 20],
	'gradient-blur': [0, 8]
}
const steps = [64, 96, 128, 192, 256, 320, 384, 512, 640, 768, 1024, 1280, 1536, 2048, 3072, 4096] // of sizes

/** listed are the options of which the usual values are a list, though they take others, too. */
const listed = new Set(['canvas', 'style-loss', 'bookmark'])

/** pictures are the options whose file is a picture. */
const pictures = new Set(['palette', 'init', 'regions', 'mask', 'style-regions'])

let rows = new Map()
let hosts = null
let layers = { of: null, all: [] }

/** form fills root, and again when the tab changes. */
export function form(root) {
	hosts = { basic: h('div.rows.basic'), rest: h('div.rest') }
	const fold = h('details.fold',
		{ open: recall('fold', false) },
		h('summary', icon('right'), h('span', S.form.all), h('span.count.quiet')),
		hosts.rest
	)
	fold.ontoggle = () => {
		keep('fold', fold.open)
		if (fold.open) fillRest()
	}
	const search = searchBox(S.form.search)
	search.oninput = () => filter(search.value.trim().toLowerCase())
	hosts.fold = fold
	hosts.search = search
	root.append(hosts.basic, fold)
	on('tab', fill)
	on('about', fill)
	on('options', values)
	fill()
}

function fill() {
	rows = new Map()
	const c = command()
	if (!c) return
	const { basic, groups } = shown()
	hosts.basic.replaceChildren(...basic.map(row))
	hosts.rest.replaceChildren()
	hosts.fold.querySelector('.count').textContent = groups.reduce((n, g) => n + g.names.length, 0)
	if (hosts.fold.open) fillRest()
	values()
}

function fillRest() {
	if (hosts.rest.children.length) return
	hosts.search.value = ''
	hosts.rest.append(hosts.search)
	for (const g of shown().groups) {
		const heading = `group-${g.name.replace(/\W+/g, '-').toLowerCase()}`
		hosts.rest.append(
			h('section.group',
				{ 'aria-labelledby': heading },
				h('h3', { id: heading }, g.name),
				h('div.rows', g.names.map(row))
			)
		)
	}
	values()
}

function filter(text) {
	for (const group of hosts.rest.querySelectorAll('.group')) {
		let any = false
		for (const r of group.querySelectorAll('.row')) {
			r.hidden = text !== '' && !r.dataset.words.includes(text)
			any ||= !r.hidden
		}
		group.hidden = !any
	}
}

function row(name) {
	let p = command().schema.properties[name]
	if (name === 'output') {
		// Of the name only the ending is chosen.
		const endings = command().endings.map(e => `.${e}`)
		p = { enum: endings.filter(e => e !== '.apng'), default: endings[0], description: S.form.kind }
	}
	const id = `o-${name}`
	const otherwise = defaultText(p)
	p.auto ??= otherwise === '' || (otherwise === '0' && /\b0 (is|keeps|means)\b/.test(p.description))
	const title = titleOf(name)
	const help = h('p.offscreen', { id: `${id}-help` }, p.description)
	const mistake = h('p.offscreen', { id: `${id}-error` })
	const reset = button({
		label: S.form.reset,
		'aria-label': `${title}: ${S.form.reset}`,
		iconName: 'restore',
		kind: 'small ghost reset',
		press: () => setOption(name, '')
	})
	const networks = name === 'weights' || name === 'judge-weights'
	const kind = networks
		? network
		: p.type === 'boolean'
			? flip
			: p.enum || listed.has(name)
				? choice
				: (slides[name] && p.type !== 'string') || narrow(p)
					? slide
					: text
	const control = kind(name, p, id, otherwise)
	control.main.setAttribute('aria-describedby', `${id}-help ${id}-error`)
	const node = h('div',
		{
			class: `row ${control.kind}`,
			'data-option': name,
			'data-tip': p.description,
			'data-tip-title': `--${name}`,
			'data-tip-more': joined(bounds(p), otherwise !== '' && S.form.default(otherwise)),
			'data-words': `${name} ${title} ${p.description}`.toLowerCase()
		},
		h('div.head', h('label', { for: id }, title), reset),
		control.node,
		help,
		mistake
	)
	rows.set(name, { node, control, mistake, otherwise, reset })
	return node
}

const narrow = p =>
	p.type === 'number' && p.minimum !== undefined && p.maximum !== undefined && p.maximum - p.minimum <= 100
function bounds(p) {
	const unit = p['x-unit']
	const n = p.items?.type ? p.items : p
	const low = n.minimum ?? n.exclusiveMinimum
	if (low === undefined || n.maximum === undefined || n.maximum > 1e6) return unit ?? ''
	return S.form.range(low, n.maximum, unit ?? '')
}

// put sets an option; what it is anyway is left out.
const put = (name, text, otherwise) => setOption(name, text === otherwise ? '' : text)

/** flip is a switch. */
function flip(name, p, id, otherwise) {
	const input = h('input', { type: 'checkbox', role: 'switch', id, class: 'switch' })
	input.onchange = () => put(name, String(input.checked), otherwise || 'false')
	return {
		node: input,
		main: input,
		kind: 'flip',
		set: v => {
			input.checked = (v ?? (otherwise || 'false')) === 'true'
		}
	}
}

/** choice is a list of names; few and short ones are buttons. */
function choice(name, p, id, otherwise) {
	const none = otherwise === ''
	const few = p.enum?.length <= 4 && p.enum.join('').length + (none ? 4 : 0) <= 20
	if (few) {
		const choices = (none ? ['', ...p.enum] : p.enum).map(value => ({ value, label: value || S.form.auto }))
		const row = segmented({
			label: titleOf(name),
			choices,
			value: otherwise,
			pick: c => put(name, c, otherwise)
		})
		return { node: row.node, main: row.node, kind: 'few', set: v => row.set(v ?? otherwise) }
	}
	const choices = [...(p.enum ?? (name === 'bookmark' ? bookmarks() : p.examples))]
	if (none) choices.unshift({ value: '', label: S.form.auto })
	if (!p.enum) choices.push({ value: '...', label: S.form.other })
	const set = v => put(name, v, otherwise)
	const node = select(
		choices,
		otherwise,
		async v => {
			if (v !== '...') return set(v)
			const typed = await askText({
				title: titleOf(name),
				label: S.form.value,
				note: p.description,
				value: options()[name],
				action: S.form.use
			})
			if (typed) set(typed)
			else values()
		},
		{ id }
	)
	return { node, main: node, kind: 'one', set: v => offer(node, v ?? otherwise) }
}

// offer chooses a value of a list, and adds it if need be.
function offer(node, value) {
	if (![...node.options].some(o => o.value === value)) node.add(h('option', { value }, value))
	node.value = value
}

/** slide is a slider over the usual range beside a box that takes any value. */
function slide(name, p, id, otherwise) {
	const sizes = name === 'size'
	const [low, high, log] = slides[name] ?? [p.minimum, p.maximum]
	const whole = p.type === 'integer'
	const to = x => (log ? Math.log(Math.max(x, low) / low) / Math.log(high / low) : (x - low) / (high - low))
	const from = t => (log ? low * (high / low) ** t : low + t * (high - low))
	const box = h('input', {
		id,
		type: 'text',
		inputmode: 'decimal',
		autocomplete: 'off',
		placeholder: p.auto ? S.form.auto : otherwise
	})
	const bar = h('input', {
		type: 'range',
		'aria-label': titleOf(name),
		tabindex: -1,
		'aria-hidden': 'true',
		min: 0,
		max: sizes ? steps.length - 1 : 200,
		step: 1
	})
	const round = x => (whole ? Math.round(x) : Number(x.toPrecision(x < 1 ? 2 : 3)))
	bar.oninput = () => {
		const v = sizes ? steps[bar.value] : round(from(bar.value / 200))
		const text = String(v)
		box.value = text
		paint(v)
		put(name, text, otherwise)
	}
	box.oninput = () => put(name, box.value.trim(), otherwise)
	const paint = x => {
		const share = sizes ? nearest(x) / (steps.length - 1) : Math.min(1, Math.max(0, to(x)))
		bar.value = sizes ? nearest(x) : Math.round(share * 200)
		bar.style.setProperty('--share', `${share * 100}%`)
	}
	const nearest = x =>
		steps.reduce((best, s, i) => (Math.abs(Math.log(s / x)) < Math.abs(Math.log(steps[best] / x)) ? i : best), 0)
	return {
		node: h('div.pair', bar, box),
		main: box,
		kind: 'slide',
		set: v => {
			if (document.activeElement !== box) box.value = v ?? ''
			const x = parseFloat(v ?? (p.auto ? '' : otherwise))
			if (Number.isFinite(x)) paint(x || low)
			else {
				bar.value = 0
				bar.style.setProperty('--share', '0%')
			}
			bar.classList.toggle('unset', !Number.isFinite(x))
		}
	}
}

/** networks are the options of a list of files of weights. */
export const networks = (files = about.weights.map(w => w.file)) => [
	h('option', { value: '' }, S.form.builtin),
	...files.map(value =>
		h('option', { value }, joined(base(value), about.weights.find(w => w.file === value)?.network))
	)
]

/** network chooses among the files of weights that the folder has. */
function network(name, p, id) {
	const node = select([], '', v => setOption(name, v), { id })
	return {
		node,
		main: node,
		kind: 'one',
		set: v => {
			const files = about.weights.map(w => w.file)
			if (v && !files.includes(v)) files.push(v)
			node.replaceChildren(...networks(files))
			node.value = v ?? ''
			node.title = node.selectedOptions[0]?.text ?? ''
		}
	}
}

/** text is a box; names of layers, weights and the like are proposed. */
function text(name, p, id, otherwise) {
	const proposals = h('datalist', { id: `${id}-list` })
	const box = h('input', {
		id,
		type: 'text',
		list: `${id}-list`,
		autocomplete: 'off',
		spellcheck: 'false',
		placeholder: p.auto ? S.form.auto : otherwise,
		inputmode: p.type === 'integer' || p.type === 'number' ? 'decimal' : undefined
	})
	box.oninput = () => put(name, box.value.trim(), otherwise)
	const fill = async () => {
		const names = await propose(name, p)
		proposals.replaceChildren(...names.map(n => h('option', { value: n.value ?? n }, n.label ?? '')))
	}
	box.addEventListener('focus', () => fill().catch(() => {}), { once: true })
	const parts = [box, proposals]
	const tool = (label, iconName, press) =>
		parts.push(button({ label, 'aria-label': `${titleOf(name)}: ${label}`, iconName, kind: 'small ghost', press }))
	if (name === 'seed') tool(S.form.dice, 'redo', () => setOption(name, String(1 + Math.floor(Math.random() * 99999))))
	if (pickable(name, p)) tool(S.form.list, 'list', tried(() => pick(name, p)))
	if (pictures.has(name)) {
		const choose = async () => {
			const [file] = await pickFiles()
			if (file) setOption(name, (await upload(file, name === 'palette' || name === 'init' ? name : 'mask')).file)
		}
		tool(S.form.choose, 'image', tried(choose))
	}
	return {
		node: h('div.pair', parts),
		main: box,
		kind: 'free',
		set: v => {
			if (document.activeElement !== box) box.value = v ?? ''
		}
	}
}

const isLayer = (name, p) => p['x-names'] === 'layer'
const isChannel = name => /^channels?$/.test(name)
const pickable = (name, p) => isLayer(name, p) || p['x-names'] === 'class' || isChannel(name)

/** pick offers all that an option can be: one, or several with commas between. */
async function pick(name, p) {
	const many = p.type === 'array' || /(els|es)$/.test(name)
	const list = await choices(name, p)
	const now = new Set(numbers(options()[name] ?? ''))
	const answer = await dialog({
		title: titleOf(name),
		body: close => {
			const rows = list.map(([value, what]) => {
				const box = h('input', { type: many ? 'checkbox' : 'radio', name, value, checked: now.has(value) })
				return h('label.check', box, value, what && h('small.quiet', what))
			})
			const search = searchBox(S.form.find, { autofocus: true })
			search.oninput = () => {
				for (const r of rows) r.hidden = !r.textContent.toLowerCase().includes(search.value.trim().toLowerCase())
			}
			const submit = form => {
				const seen = rows.filter(r => !r.hidden)
				if (search.value && seen.length === 1) seen[0].firstChild.checked = true
				close(new FormData(form).getAll(name).join(','))
			}
			return formOf(
				submit,
				search,
				h('div.checks.list', rows),
				h('div.actions', button({ text: S.form.use, kind: 'primary', type: 'submit' }))
			)
		}
	})
	if (answer !== undefined) setOption(name, answer)
}

// numbers are the words of a list, in which 20-25 stands for six.
const numbers = text =>
	text.split(',').flatMap(word => {
		const [, a, b] = /^\s*(\d+)-(\d+)\s*$/.exec(word) ?? []
		return a ? Array.from({ length: b - a + 1 }, (_, i) => String(+a + i)) : word.trim()
	})

async function choices(name, p) {
	const o = options()
	if (p['x-names'] === 'class') {
		const { classes } = await get('/api/classes', { weights: o.weights ?? '' })
		const known = new Set()
		return classes.map(({ class: n, names: [first, ...more] }) => {
			const value = known.has(first) ? String(n) : first
			known.add(first)
			return [value, [value !== first && first, ...more].filter(Boolean).join(', ')]
		})
	}
	const all = await layersOf()
	if (isLayer(name, p)) return all.map(l => [l.name, S.form.channels(l.channels)])
	const first = (o.layers ?? o.layer ?? defaultText(command().schema.properties.layers ?? {})).split(',')[0]
	const n = all.find(l => l.name === first)?.channels ?? Math.max(...all.map(l => l.channels))
	return Array.from({ length: n }, (_, i) => [String(i)])
}

async function propose(name, p) {
	if (isLayer(name, p)) return (await layersOf()).map(l => l.name)
	if (name === 'bookmark') return bookmarks()
	if (name === 'device') return ['cpu', 'cuda']
	if (pictures.has(name)) {
		const folder = name === 'palette' || name === 'init' ? 'in' : 'masks'
		const { files } = await get('/api/files', { folder })
		return [...(p.examples ?? []), ...files.map(f => f.file)]
	}
	return p.examples ?? []
}

const networkOf = () => about.weights.find(w => w.file === options().weights)?.network ?? 'builtin'
const bookmarks = () => about.bookmarks.filter(b => b.network === networkOf()).map(b => b.word)

async function layersOf(weights = options().weights ?? '') {
	if (layers.of !== weights) {
		const answer = await get('/api/layers', { weights })
		layers = { of: weights, all: answer.layers }
	}
	return layers.all
}

/** values shows what the options are. */
function values() {
	const o = options()
	for (const [name, r] of rows) {
		r.control.set(o[name])
		const is = o[name] !== undefined && o[name] !== tab().first?.[name]
		r.node.classList.toggle('changed', is)
		r.reset.disabled = !is
	}
}

/** mistakes marks the options that the server refuses, and returns the first of them that has no row. */
export function mistakes(errors) {
	const by = new Map(errors.map(e => [e.option, e]))
	for (const [name, r] of rows) {
		const e = by.get(name)
		r.node.classList.toggle('bad', Boolean(e))
		r.control.main.setAttribute('aria-invalid', String(Boolean(e)))
		r.mistake.textContent = e ? named([e.message, e.hint].filter(Boolean).join('. ')) : ''
		r.node.dataset.tipBad = r.mistake.textContent
	}
	const near = document.activeElement?.closest('.row.bad')
	if (near) emit('tip', near)
	return errors.find(e => !rows.has(e.option))
}

/** reveal opens the fold if need be and goes to an option. */
export function reveal(name) {
	if (!rows.has(name)) {
		hosts.fold.open = true
		fillRest()
	}
	const r = rows.get(name)
	r?.node.scrollIntoView({ block: 'center' })
	r?.control.main.focus()
}
