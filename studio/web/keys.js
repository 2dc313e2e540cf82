// Keys of the whole page, and the list of them.
import { S } from './strings.js'
import { h, $, dialog, toast } from './dom.js'
import { tabs, setTab, emit } from './model.js'
import { start, vary } from './table.js'
import { viewer } from './stage.js'
import { open } from './viewer.js'
import * as queue from './jobs.js'

const typing = e =>
	e.target.closest?.('input:not([type=range]):not([type=checkbox]), textarea, select, [contenteditable]')
const shut = () => !$('dialog[open]')
let escaped = 0
let gone = () => {}

export function keys() {
	addEventListener('keydown', e => {
		if (e.defaultPrevented) return
		const control = e.ctrlKey || e.metaKey
		if (control && e.key === 'Enter' && shut()) {
			e.preventDefault()
			return start()
		}
		if (typing(e)) {
			if (e.key === 'Escape' && shut()) e.target.blur()
			return
		}
		if (e.key === ' ' && !control && !e.target.closest('button, a, summary, input, [role=switch]')) {
			e.preventDefault()
			return (open.at(-1) ?? viewer).original(true)
		}
		if (control || e.altKey || !shut()) {
			if (e.key === '?' && shut()) list()
			return
		}
		const studio = document.body.dataset.view === 'studio'
		const v = { b: 'blink', s: 'slider', d: 'side', v: 'single' }[e.key]
		const to = { g: 'gallery', q: 'queue', t: 'studio', a: 'dreams' }[e.key]
		if (v && studio) viewer.setMode(v)
		else if (e.key === '?') list()
		else if (to) emit('goto', to)
		else if (e.key === 'n') vary()
		else if (/^[1-8]$/.test(e.key) && e.target !== viewer.node && !viewer.node.contains(e.target))
			setTab(tabs[Number(e.key) - 1].id)
		else if (e.key === '/') $('#filter') && document.body.dataset.view === 'gallery' ? $('#filter').focus() : null
		else if (e.key === 'Escape') escape()
		else if (
			studio &&
			(e.key === 'ArrowLeft' || e.key === 'ArrowRight') &&
			!e.target.closest('[role=tablist], input')
		) {
			if (viewer.mode === 'slider' && viewer.both && e.target === document.body) viewer.press(e)
			else step(e.key === 'ArrowRight' ? 1 : -1)
		} else if (studio && (e.key === '[' || e.key === ']' || '+-=01'.includes(e.key))) viewer.press(e)
		else return
		e.preventDefault()
	})
	const back = () => [viewer, ...open].forEach(v => v.original(false))
	addEventListener('keyup', e => e.key === ' ' && back())
	addEventListener('blur', back)
}

/** step looks at the next job of the queue. */
function step(by) {
	const list = queue.list()
	const at = list.findIndex(j => j.id === queue.selected)
	const next = list[at < 0 ? 0 : at + by]
	if (next) queue.select(next.id)
}

// escape stops the running job and keeps its picture; twice, since a key is pressed by mistake sooner than a button.
function escape() {
	const r = queue.running()
	if (!r) return
	if (Date.now() - escaped < 3000) {
		escaped = 0
		gone()
		return queue.stop(r.id)
	}
	escaped = Date.now()
	gone = toast(S.keys.escape)
}

export function list() {
	dialog({
		title: S.keys.title,
		kind: 'wide keys',
		body: () =>
			S.keys.groups.map(([title, rows]) =>
				h('section',
					h('h3', title),
					h('dl',
						rows.map(([keys, what]) =>
							h('div',
								h('dt',
									keys.split(' ').map(k => h('kbd', k))
								),
								h('dd', what)
							)
						)
					)
				)
			)
	})
}
