// The middle of the studio: the selected job's picture, progress and losses.
import { S } from './strings.js'
import { h, icon, button, duration, bytes, base, confirm, toast, fail, joined, paired } from './dom.js'
import { subject, bus, on, emit, methodOf, named, setOption } from './model.js'
import { fileURL, showURL, previewURL } from './api.js'
import { Viewer } from './viewer.js'
import { curves } from './curves.js'
import * as queue from './jobs.js'

const counts = ['step', 'eta', 'elapsed', 'memory']

export let viewer
let ui

export function stage(root) {
	viewer = new Viewer()
	viewer.node.id = 'stage'
	const graph = curves()
	ui = {
		graph,
		title: h('h2'),
		state: h('span.state'),
		numbers: h('dl.numbers'),
		bar: h('progress', { max: 1, value: 0, 'aria-label': S.live.progress }),
		actions: h('div.live-actions'),
		warn: h('span.warn', { tabindex: 0, hidden: true }, S.live.warned),
		error: h('p.job-error', { role: 'alert', hidden: true })
	}
	for (const key of counts) {
		ui[key] = h('dd', '–')
		ui.numbers.append(h('div', h('dt', S.live[`${key}Name`] ?? S.live.steps.name), ui[key]))
	}
	root.append(
		viewer.node,
		viewer.tools,
		h('div.live',
			h('div.live-head', h('div.live-title', ui.title, ui.state, ui.warn), ui.actions),
			ui.bar,
			h('div.live-body', ui.numbers, graph.node),
			ui.error
		)
	)
	on('selected', draw)
	on('inputs', () => draw())
	on('job', j => {
		if (j.id === queue.selected) draw()
	})
	on('jobs', () => draw())
	draw()
}

const drawSoon = { asked: false }
function draw() {
	if (drawSoon.asked) return
	drawSoon.asked = true
	requestAnimationFrame(() => {
		drawSoon.asked = false
		now()
	})
}

function now() {
	const j = queue.current()
	document.title = running()
	if (!j) {
		const content = subject()
		viewer.show({
			key: `table:${content}`,
			b: content ? showURL(content) : '',
			nameB: base(content),
			hint: content ? '' : welcome()
		})
		ui.title.textContent = S.live.idle
		ui.state.textContent = ''
		ui.state.className = 'state'
		ui.bar.value = 0
		for (const k of counts) ui[k].textContent = '–'
		ui.graph.draw(null)
		ui.error.hidden = ui.warn.hidden = true
		return actions('')
	}
	const { content: photo, image, picture, photo: of } = j.inputs ?? {}
	const content = [photo ?? image ?? picture ?? of].flat()[0] ?? ''
	const done = j.output && j.state !== 'running'
	const b = done ? showURL(j.output, { v: j.ended ?? '' }) : j.preview ? previewURL(j) : ''
	viewer.show({
		key: `job:${j.id}`,
		a: content ? showURL(content) : '',
		b,
		width: j.width,
		height: j.height,
		nameA: picture ? base(picture) : content ? S.viewer.original : '',
		nameB: done ? base(j.output) : j.preview ? unit(j).soFar(j.step ?? 0) : '',
		hint: b || content ? '' : h('p', S.state[j.state])
	})
	ui.title.textContent = title(j)
	ui.state.textContent = stateOf(j)
	ui.state.className = `state ${j.state}`
	const share = j.steps ? Math.min(1, (j.step ?? 0) / j.steps) : 0
	ui.bar.value = j.state === 'done' ? 1 : share
	ui.bar.className = j.state
	ui.step.previousSibling.textContent = unit(j).name
	ui.step.textContent = counted(j) || '–'
	ui.eta.textContent = j.state === 'running' ? duration(j.eta) : '–'
	ui.elapsed.textContent = j.seconds ? duration(j.seconds) : '–'
	ui.memory.textContent = bytes(j.memory)
	ui.graph.draw(j)
	ui.error.hidden = !j.error
	if (j.error)
		ui.error.replaceChildren(
			...[
				h('b', named(j.error.error)),
				j.error.hint && h('span', named(j.error.hint)),
				j.error.hint?.includes(`--${truncated}`) &&
					button({ text: S.live.truncated, kind: 'small soft', press: () => useWhatThereIs(j) })
			].filter(Boolean)
		)
	ui.warn.hidden = !j.warnings?.length
	ui.warn.dataset.tip = named(j.warnings?.join('\n') ?? '')
	actions(j)
}

const truncated = 'allow-truncated'

// useWhatThereIs runs a job again that was refused for a picture that is cut short.
async function useWhatThereIs(j) {
	const { content, image } = j.inputs
	if (subject() === [content ?? image].flat()[0]) setOption(truncated, 'true')
	const body = { command: j.command, inputs: j.inputs, options: { ...j.options, [truncated]: 'true' } }
	const next = await queue.add(body).catch(fail)
	if (!next) return
	queue.select(next.id)
	queue.forget(j.id)
}

// unit is what a job counts.
const unit = j => (/^film/.test(j.command) || Number(j.options?.frames) ? S.live.frames : S.live.steps)

/** percent says how much of a job is done, if that is known. */
export const percent = j => (j.steps ? `${Math.floor((100 * (j.step ?? 0)) / j.steps)} %` : '')

function running() {
	const r = queue.running()
	return r && percent(r) ? `${percent(r)} · oneiro` : 'oneiro'
}

function welcome() {
	return [icon('blink'), h('p.big', S.welcome.title), h('p', S.welcome.text)]
}

/** cancel drops a job; of one that runs it asks first, since its work would be lost. */
export async function cancel(id) {
	const j = queue.jobs.get(id)
	if (j?.state === 'running' && j.step > 0 && (j.preview || j.seconds > 5)) {
		const asked = new AbortController()
		const sure = await confirm({
			title: S.queue.sure,
			text: S.queue.sureHint,
			action: S.queue.discard,
			instead: S.queue.stop,
			start: node => {
				// A job that has ended meanwhile is no question any more.
				const close = () => queue.jobs.get(id)?.state === 'running' || node.close()
				for (const name of ['job', 'jobs']) bus.addEventListener(name, close, { signal: asked.signal })
			}
		})
		asked.abort()
		if (sure === undefined) return
		if (!sure) return queue.stop(id)
	}
	if ((await queue.cancel(id)) && j)
		toast(S.queue.cancelled(title(j)), {
			action: {
				text: S.queue.again,
				press: () => queue.add({ command: j.command, inputs: j.inputs ?? {}, options: j.options ?? {} }).catch(fail)
			}
		})
}

/** stateOf says what a job does, and of one that was stopped whether there is anything of it. */
export const stateOf = ({ state, checkpoint, output }) =>
	S.state[state === 'stopped' && !checkpoint && !output ? 'nothing' : state]

/** counted says how far a job is; of a film nobody may know how long it is. */
export const counted = j => (j.steps ? `${j.step ?? 0} / ${j.steps}` : j.step ? String(j.step) : '')

/** title names a job by what goes into it. */
export function title(j) {
	return joined(methodOf(j.command, j.options?.method), paired(...Object.values(j.inputs ?? {})) || (j.command === 'vis' ? visOf(j.options) : S.live.samples))
}
const visOf = (o = {}) => o.class ?? [o.atlas ?? o.layer ?? o.filters, o.channel].filter(Boolean).join(' ')

// actions changes only when what can be done changes, so that a button under the pointer stays.
function actions(j) {
	const key = j ? `${j.id}:${j.state}:${j.output ?? ''}:${j.checkpoint}` : ''
	if (ui.actions.dataset.key === key) return
	ui.actions.dataset.key = key
	const list = j ? deeds(j) : []
	if (j?.output && j.state !== 'running') {
		list.push([S.live.open, 'grid', () => emit('look', { file: j.output }), 'soft'])
		list.push([S.look.download, 'down2', () => (location.href = fileURL(j.output, { download: 1 })), 'ghost'])
	}
	ui.actions.replaceChildren(
		...list.map(([text, name, press, kind]) => button({ text, iconName: name, kind: `small ${kind}`, press }))
	)
}

/** deeds are what can be done with a job as it is: text, icon, function, kind of button. */
export function deeds({ id, state, checkpoint }) {
	const all = []
	if (state === 'running') all.push([S.queue.stop, 'stop', () => queue.stop(id), 'soft'])
	if (state === 'running' || state === 'waiting') all.push([S.queue.cancel, 'close', () => cancel(id), 'ghost'])
	if (state === 'stopped' || state === 'failed')
		all.push([checkpoint ? S.queue.resume : S.queue.restart, 'play', () => queue.resume(id), 'soft'])
	return all
}
