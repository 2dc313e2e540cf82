// The queue: running, waiting and finished jobs, reordered by dragging or by keys.
import { S } from './strings.js'
import { h, button, bytes, duration, toast, fail, base, joined } from './dom.js'
import { on, emit, tabs, named, titleOf } from './model.js'
import { previewURL, thumbURL } from './api.js'
import { title, cancel, counted, deeds, stateOf } from './stage.js'
import { layOut, dragged } from './wells.js'
import * as queue from './jobs.js'

let ui
const rows = new Map()
let moving = ''

export function queueView(root) {
	ui = {
		list: h('ol.jobs', { 'aria-label': S.queue.title }),
		summary: h('span.quiet'),
		none: h('div.empty', h('p', S.queue.none), h('p.quiet', S.queue.noneHint))
	}
	root.setAttribute('aria-label', S.queue.title)
	root.append(
		h('header.pane-head',
			h('h2', S.queue.title),
			ui.summary,
			button({ text: S.queue.clearShort, label: S.queue.clear, kind: 'small ghost', press: clearDone })
		),
		ui.none,
		ui.list
	)
	ui.list.onkeydown = keys
	ui.list.ondragover = over
	ui.list.ondrop = dropped
	on('jobs', draw)
	on('job', j => {
		const r = rows.get(j.id)
		if (r) {
			r.update(j)
			summary()
		} else draw()
	})
	on('selected', mark)
	draw()
}

function draw() {
	const list = queue.list()
	const ids = new Set(list.map(j => j.id))
	for (const [id, r] of rows)
		if (!ids.has(id)) {
			r.node.remove()
			rows.delete(id)
		}
	let before = null
	const focus = document.activeElement
	list.forEach(j => {
		let r = rows.get(j.id)
		if (!r) rows.set(j.id, (r = row(j)))
		r.update(j)
		const want = before ? before.nextSibling : ui.list.firstChild
		if (want !== r.node) ui.list.insertBefore(r.node, want)
		before = r.node
	})
	if (focus && focus !== document.activeElement && ui.list.contains(focus)) focus.focus()
	ui.none.hidden = list.length > 0
	summary()
	mark()
}

function summary() {
	const w = queue.waiting()
	const r = queue.running()
	const low = queue.free < 1e9 && S.queue.low(bytes(queue.free))
	ui.summary.className = low ? 'warn' : 'quiet'
	ui.summary.textContent =
		low || [r && S.queue.running, w.length && S.queue.waiting(w.length)].filter(Boolean).join(', ')
}

function mark() {
	for (const [id, r] of rows) {
		r.node.classList.toggle('selected', id === queue.selected)
		r.node.setAttribute('aria-current', String(id === queue.selected))
		r.node.tabIndex = id === queue.selected || (!rows.has(queue.selected) && r.node === ui.list.firstChild) ? 0 : -1
	}
}

function row(job) {
	const id = job.id
	const image = h('img', { alt: '', draggable: 'false', loading: 'lazy' })
	const name = h('span.name')
	const info = h('span.info')
	const settings = h('span.settings')
	const bar = h('progress', { max: 1, value: 0, 'aria-label': S.live.progress })
	const actions = h('div.row-actions')
	const node = h('li.job',
		{ 'data-job': id, tabindex: -1 },
		h('div.face', image),
		h('div.text', name, info, settings, bar),
		actions
	)
	let key = ''
	let source = ''
	node.onclick = e => {
		if (!e.target.closest('button')) look(id)
	}
	node.ondblclick = e => {
		const j = queue.jobs.get(id)
		if (!e.target.closest('button') && j?.output) emit('look', { file: j.output })
	}
	node.ondragstart = e => {
		const j = queue.jobs.get(id)
		moving = j.state === 'waiting' ? id : ''
		if (j.output) e.dataTransfer.setData(dragged, j.output)
		e.dataTransfer.setData('text/plain', j.line ?? '')
		e.dataTransfer.effectAllowed = 'copyMove'
		node.classList.add('lifted')
	}
	node.ondragend = () => {
		moving = ''
		node.classList.remove('lifted')
		unmark()
	}

	function update(j) {
		const next =
			j.output && j.state !== 'running'
				? thumbURL(j.output, 128, j.ended ?? '')
				: j.preview
					? previewURL(j)
					: ([j.inputs?.content, j.inputs?.style]
							.flat()
							.filter(Boolean)
							.map(f => thumbURL(f, 128))[0] ?? '')
		if (next !== source) {
			source = next
			if (next) image.src = next
			else image.removeAttribute('src')
		}
		node.className = `job ${j.state}${node.classList.contains('selected') ? ' selected' : ''}${
			node.classList.contains('lifted') ? ' lifted' : ''
		}`
		node.draggable = j.state === 'waiting' || Boolean(j.output)
		name.textContent = title(j)
		settings.textContent = `#${id}${brief(j)}`
		node.dataset.tip = j.line ?? ''
		info.textContent = about(j)
		bar.value = j.steps ? (j.step ?? 0) / j.steps : 0
		bar.hidden = j.state !== 'running'
		node.setAttribute('aria-label', `${title(j)}, ${about(j)}`)
		const now = `${j.state}:${j.checkpoint}:${Boolean(j.output)}`
		if (now !== key) {
			key = now
			actions.replaceChildren(...buttons(j))
		}
	}
	return { node, update }
}

// brief says what was set, so that jobs of the same pictures can be told apart.
function brief(j) {
	const said = ([name, value]) => (value === 'true' ? '' : ` · ${titleOf(name).toLowerCase()} ${base(value)}`)
	const last = ['seed', 'style-weight', 'size', 'iterations'].reverse() // these come first
	const rank = ([name]) => last.indexOf(name)
	return Object.entries(j.options ?? {})
		.sort((a, b) => rank(b) - rank(a))
		.map(said)
		.join('')
}

function about(j) {
	switch (j.state) {
		case 'running':
			return counted(j) ? `${counted(j)} · ${S.queue.left(duration(j.eta))}` : S.state.running
		case 'failed':
			return named(j.error?.error) ?? S.state.failed
		case 'done':
			return joined(S.state.done, j.width && `${j.width} × ${j.height}`, j.seconds && duration(j.seconds))
		case 'stopped':
			return joined(stateOf(j), (j.checkpoint || j.output) && counted(j))
		default:
			return S.state[j.state] ?? j.state
	}
}

function buttons(j) {
	const { id, state } = j
	const mine = tabs.some(t => t.command === j.command)
	const list = [
		...(state === 'waiting'
			? [
					[S.queue.up, 'up', () => shift(id, -1)],
					[S.queue.down, 'down', () => shift(id, 1)],
					[S.queue.top, 'top', () => queue.top(id)]
				]
			: deeds(j)),
		j.sheet && [S.vary.show, 'grid', () => import('./sheet.js').then(m => m.openSheet(j.sheet), fail)],
		mine && [S.queue.edit, 'edit', () => edit(id)],
		[S.queue.duplicate, 'copy', () => queue.duplicate(id)],
		...(state === 'waiting' ? deeds(j) : []),
		!['running', 'waiting'].includes(state) && [S.queue.remove, 'close', () => queue.forget(id)]
	]
	return list.filter(Boolean).map(([label, iconName, press]) =>
		button({
			label,
			iconName,
			kind: 'small ghost',
			press,
			'aria-label': iconName === 'edit' ? label : `${label}: #${id}`
		})
	)
}

export function look(id) {
	queue.select(id)
	emit('goto', 'picture')
}

/** edit lays a job's recipe on the table. */
export function edit(id) {
	const j = queue.jobs.get(id)
	if (j && layOut({ command: j.command, inputs: j.inputs ?? {}, options: j.options ?? {} })) toast(S.queue.edited)
}

function shift(id, by) {
	const list = queue.waiting().map(j => j.id)
	const at = list.indexOf(id)
	const to = at + by
	if (at < 0 || to < 0 || to >= list.length) return
	queue.move(id, by > 0 ? list[to] : (list[to - 1] ?? null))
	rows.get(id)?.node.focus()
}

function keys(e) {
	const node = e.target.closest('.job')
	if (!node || e.target.closest('button, input')) return
	const id = node.dataset.job
	const by = { ArrowUp: -1, ArrowDown: 1 }[e.key]
	if (by && e.altKey) shift(id, by)
	else if (by) {
		const next = by > 0 ? node.nextElementSibling : node.previousElementSibling
		if (next) {
			queue.select(next.dataset.job)
			next.focus()
		}
	} else if (e.key === 'Enter') look(id)
	else if (e.key === 'Delete' || e.key === 'Backspace') {
		const state = queue.jobs.get(id)?.state
		const next = node.nextElementSibling ?? node.previousElementSibling
		if (state === 'running') return
		if (state === 'waiting') cancel(id)
		else queue.forget(id)
		next?.focus()
	} else if (e.key === 'd') queue.duplicate(id)
	else if (e.key === 'e') edit(id)
	else if (e.key === 'r') queue.resume(id)
	else if (e.key === 's') queue.stop(id)
	else return
	e.preventDefault()
	e.stopPropagation()
}

const unmark = () => {
	for (const r of rows.values()) r.node.classList.remove('before', 'behind')
}

// place is where a dragged job would go: the id of the job before it, or null for the first place.
function place(e) {
	const list = queue
		.waiting()
		.map(j => j.id)
		.filter(id => id !== moving)
	let after = null
	for (const id of list) {
		const box = rows.get(id).node.getBoundingClientRect()
		if (e.clientY > box.top + box.height / 2) after = id
	}
	return { list, after }
}

function over(e) {
	if (!moving) return
	e.preventDefault()
	const { list, after } = place(e)
	unmark()
	if (after) rows.get(after).node.classList.add('behind')
	else if (list[0]) rows.get(list[0]).node.classList.add('before')
}

function dropped(e) {
	if (!moving) return
	e.preventDefault()
	e.stopPropagation()
	const { after } = place(e)
	queue.move(moving, after)
	unmark()
}

async function clearDone() {
	const done = queue.list().filter(j => j.state === 'done' || (j.state === 'failed' && !j.checkpoint))
	await Promise.all(done.map(j => queue.forget(j.id)))
}
