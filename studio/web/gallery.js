// The gallery of out/: newest first, filtered, compared, voted on.
import { S } from './strings.js'
import { h, button, icon, duration, fail, base, stem, select, later, rowStep, joined, paired, searchBox } from './dom.js'
import { on, recall, keep, methodOf } from './model.js'
import { get, thumbURL } from './api.js'
import { look, toTrash, votes, ranking } from './look.js'
import { bringBack, dragged } from './wells.js'

let ui
let pictures = []
let shown = []
let wanted = { text: '', command: '', sort: 'new' }
let marked = []
let loaded = false

export function build(root) {
	wanted = recall('filter', wanted)
	ui = {
		text: searchBox(S.gallery.filter, { value: wanted.text, id: 'filter' }),
		command: h('select', { 'aria-label': S.gallery.command }),
		sort: select(
			Object.entries(S.gallery.sorts).map(([value, label]) => ({ value, label })),
			wanted.sort,
			want('sort'),
			{ 'aria-label': S.gallery.sort }
		),
		grid: h('ul.cards', { 'aria-label': S.nav.gallery }),
		count: h('span.quiet'),
		compare: button({
			text: S.gallery.compare,
			iconName: 'slider',
			kind: 'soft',
			disabled: true,
			press: compare,
			id: 'compare'
		}),
		none: h('div.empty', h('p', S.gallery.none), h('p.quiet', S.gallery.noneHint))
	}
	root.append(
		h('header.view-head',
			ui.text,
			ui.command,
			ui.sort,
			ui.count,
			h('span.spring'),
			ui.compare,
			button({
				text: S.votes.start,
				iconName: 'votes',
				kind: 'soft',
				id: 'vote',
				press: () => votes(shown, recall('votes', []), t => keep('votes', t))
			}),
			button({
				label: S.votes.ranking,
				iconName: 'star',
				kind: 'ghost',
				press: () => ranking(recall('votes', []), t => keep('votes', t))
			})
		),
		ui.grid,
		ui.none
	)
	ui.text.oninput = () => want('text')(ui.text.value)
	ui.command.onchange = () => want('command')(ui.command.value)
	ui.grid.onkeydown = keys
	on(
		'gallery',
		later(() => {
			if (loaded) show()
		}, 200)
	)
}

// want changes what is looked for.
const want = name => value => {
	wanted[name] = value
	draw()
}

export async function show() {
	loaded = true
	try {
		pictures = (await get('/api/gallery')).pictures ?? []
	} catch (e) {
		return fail(e)
	}
	const commands = [...new Set(pictures.map(p => p.command).filter(Boolean))].sort()
	ui.command.replaceChildren(
		h('option', { value: '' }, S.gallery.all),
		...commands.map(c => h('option', { value: c, selected: c === wanted.command }, methodOf(c)))
	)
	draw()
}

/** open looks at a picture, from wherever it is shown. */
export async function open(file) {
	if (!pictures.length) await show()
	look({ file, pictures: shown.some(p => p.file === file) ? shown : pictures })
}

function draw() {
	keep('filter', wanted)
	const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean)
	const all = p => [p.file, p.command, ...(p.style ?? []), p.content ?? ''].join(' ').toLowerCase()
	shown = pictures.filter(
		p => (!wanted.command || p.command === wanted.command) && words.every(w => all(p).includes(w))
	)
	const rank = {
		old: p => Date.parse(p.modified),
		large: p => -p.width * p.height,
		style: p => (p.score?.numbers ?? p.score)?.style ?? Infinity,
		content: p => (p.score?.numbers ?? p.score)?.content ?? Infinity
	}[wanted.sort]
	if (rank) shown.sort((a, b) => rank(a) - rank(b))
	marked = marked.filter(f => shown.some(p => p.file === f))
	const focus = document.activeElement?.closest?.('.card')?.dataset.file
	ui.grid.replaceChildren(...shown.map(card))
	if (focus) ui.grid.querySelector(`[data-file="${CSS.escape(focus)}"] .face`)?.focus()
	ui.none.hidden = shown.length > 0
	ui.count.textContent = S.gallery.count(shown.length, pictures.length)
	mark()
}

function card(p, i) {
	const image = h('img', {
		src: thumbURL(p.file, 384, p.modified),
		alt: '',
		loading: 'lazy',
		decoding: 'async',
		draggable: 'false',
		width: p.width,
		height: p.height
	})
	const face = h('button',
		{
			class: 'face',
			tabindex: i ? -1 : 0,
			'aria-label': S.gallery.card(
				base(p.file),
				methodOf(p.command, p.method),
				(p.style ?? []).map(base).join(', ')
			),
			on: {
				click: e => (e.shiftKey || e.ctrlKey || e.metaKey ? toggle(p.file) : look({ file: p.file, pictures: shown }))
			}
		},
		image
	)
	const node = h('li.card',
		{ 'data-file': p.file, draggable: 'true', title: base(p.file) },
		face,
		h('div.caption',
			h('span.name', joined(methodOf(p.command, p.method), paired(p.content, p.style) || stem(p.file))),
			h('span.info',
				joined(p.width && `${p.width} × ${p.height}`, p.seconds > 0 && duration(p.seconds))
			)
		),
		p.film && icon('film'),
		button({
			label: S.gallery.mark,
			iconName: 'check',
			kind: 'small glass mark',
			tabindex: -1,
			press: () => toggle(p.file)
		})
	)
	node.ondragstart = e => {
		e.dataTransfer.setData(dragged, p.file)
		e.dataTransfer.effectAllowed = 'copy'
	}
	return node
}

function toggle(file) {
	marked = marked.includes(file) ? marked.filter(f => f !== file) : [...marked, file].slice(-2)
	mark()
}
function mark() {
	for (const c of ui.grid.children) {
		c.classList.toggle('marked', marked.includes(c.dataset.file))
		c.querySelector('.mark').setAttribute('aria-pressed', String(marked.includes(c.dataset.file)))
	}
	ui.compare.disabled = marked.length !== 2
}
function compare() {
	const [against, file] = marked
	look({ file, against, pictures: shown })
}

async function keys(e) {
	const card = e.target.closest('.card')
	if (!card || e.ctrlKey || e.metaKey || e.altKey) return
	const all = [...ui.grid.children]
	const at = all.indexOf(card)
	const by = rowStep(all, e.key)
	if (by) {
		const next = all[at + by]
		if (next) {
			card.querySelector('.face').tabIndex = -1
			const face = next.querySelector('.face')
			face.tabIndex = 0
			face.focus()
		}
	} else if (e.key === 'c') toggle(card.dataset.file)
	else if (e.key === 'r') bringBack(card.dataset.file)
	else if (e.key === 'Delete') {
		const { file } = card.dataset
		if (await toTrash(file)) {
			pictures = pictures.filter(p => p.file !== file)
			draw()
			ui.grid.children[Math.min(at, ui.grid.children.length - 1)]?.querySelector('.face').focus()
		}
	} else return
	e.preventDefault()
}
