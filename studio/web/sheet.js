// A sheet of variants: seeds across, weights down, each as it grows.
import { S } from './strings.js'
import { h, button, dialog } from './dom.js'
import { bus, emit } from './model.js'
import { previewURL, thumbURL } from './api.js'
import * as queue from './jobs.js'

/** openSheet shows the jobs that were queued together; a click opens what is done. */
export async function openSheet(id) {
	const jobs = () => queue.list().filter(j => j.sheet === id)
	const of = (j, name) => Number(j.options?.[name] ?? 0)
	const rows = [...new Set(jobs().map(j => of(j, 'style-weight')))].sort((a, b) => a - b)
	const seeds = [...new Set(jobs().map(j => of(j, 'seed')))].sort((a, b) => a - b)
	const cells = new Map()
	const update = j => {
		const c = cells.get(j.id)
		if (!c) return
		const done = j.output && j.state !== 'running'
		const source = done ? thumbURL(j.output, 512, j.ended ?? '') : j.preview ? previewURL(j) : ''
		if (source && c.image.getAttribute('src') !== source) c.image.src = source
		c.bar.value = j.steps ? (j.step ?? 0) / j.steps : 0
		c.bar.hidden = j.state === 'done'
		c.face.disabled = !done
	}
	const cell = j => {
		const image = h('img', { alt: '' })
		const bar = h('progress', { max: 1, value: 0 })
		const face = h('button', { class: 'face', 'aria-label': j.line }, image, bar)
		cells.set(j.id, { image, bar, face })
		return face
	}
	const stop = new AbortController()
	const open = await dialog({
		title: S.vary.sheet,
		kind: 'wide variants',
		body: close => {
			const grid = h('div.variants-grid')
			grid.style.gridTemplateColumns = `auto repeat(${seeds.length}, minmax(0, 1fr))`
			grid.append(h('span'), ...seeds.map(s => h('small', S.vary.seed(s))))
			for (const w of rows) {
				grid.append(h('small', w ? S.vary.weight(w) : ''))
				for (const s of seeds) {
					const j = jobs().find(x => of(x, 'style-weight') === w && of(x, 'seed') === s)
					if (!j) {
						grid.append(h('span'))
						continue
					}
					const face = cell(j)
					face.onclick = () => close(queue.jobs.get(j.id).output)
					grid.append(face)
					update(j)
				}
			}
			bus.addEventListener('job', e => update(e.detail), { signal: stop.signal })
			return [grid, h('div.actions', button({ text: S.close, kind: 'soft', press: () => close() }))]
		}
	})
	stop.abort()
	if (open) emit('look', { file: open })
}
