// A sheet of variants: seeds and weights, the more of them across, each as it grows.
import { S } from './strings.js'
import { h, button, dialog } from './dom.js'
import { bus, emit } from './model.js'
import { previewURL, thumbURL } from './api.js'
import * as queue from './jobs.js'

/** openSheet shows the jobs that were queued together; a click opens what is done. */
export async function openSheet(id) {
	const jobs = () => queue.list().filter(j => j.sheet === id)
	const of = (j, name) => Number(j.options?.[name] ?? 0)
	const axis = (name, word) => ({ name, word, all: [...new Set(jobs().map(j => of(j, name)))].sort((a, b) => a - b) })
	const [rows, columns] = [
		axis('style-weight', w => (w ? S.vary.weight(w) : '')),
		axis('seed', S.vary.seed)
	].sort((a, b) => a.all.length - b.all.length)
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
			grid.style.gridTemplateColumns = `auto repeat(${columns.all.length}, minmax(0, 1fr))`
			grid.append(h('span'), ...columns.all.map(c => h('small', columns.word(c))))
			for (const r of rows.all) {
				grid.append(h('small', rows.word(r)))
				for (const c of columns.all) {
					const j = jobs().find(x => of(x, rows.name) === r && of(x, columns.name) === c)
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
