// The work table: tabs, wells, form, what it will take, and the start.
import { S } from './strings.js'
import { h, $, $$, icon, button, dialog, toast, fail, copy, duration, bytes, later, field, select, askText,
	confirm, formOf } from './dom.js'
import { tabs, table, tab, about, command, options, setTab, setOptions, recipe, clear, on, emit, recall,
	keep, named } from './model.js'
import { post } from './api.js'
import { add, select as lookAt, refresh, running as isRunning, waiting } from './jobs.js'
import { wells } from './wells.js'
import { form, mistakes, reveal } from './form.js'

let ui
let question // aborts the check under way
let expected // the plan of what is on the table
let errors = []

export function workTable(root) {
	ui = {
		tabs: h('div.tabs', { role: 'tablist', 'aria-label': S.table.methods }),
		wells: h('div.wells'),
		form: h('div.form', { id: 'form', role: 'tabpanel', 'aria-labelledby': 'tab-style' }),
		presets: h('select', { 'aria-label': S.table.presets, id: 'presets' }),
		plan: h('p.plan', { id: 'plan', 'aria-live': 'polite' }),
		line: h('code.line', {
			id: 'line',
			tabindex: 0,
			role: 'textbox',
			'aria-readonly': 'true',
			'aria-label': S.table.line
		}),
		start: button({ text: S.table.start, iconName: 'play', kind: 'primary', id: 'start', press: start })
	}
	ui.start.append(h('kbd', { 'aria-hidden': 'true' }, 'Ctrl ↵'))
	const scroll = h('div.scroll',
		ui.wells,
		h('div.presets',
			ui.presets,
			button({ label: S.table.savePreset, iconName: 'save', kind: 'ghost', press: savePreset }),
			button({ label: S.table.clear, iconName: 'trash', kind: 'ghost', press: startOver })
		),
		ui.form
	)
	root.append(
		ui.tabs,
		scroll,
		(ui.launch = h('footer.launch',
			ui.plan,
			h('div.command',
				ui.line,
				button({
					label: S.table.copy,
					iconName: 'copy',
					kind: 'small ghost',
					id: 'copy',
					press: () => settled().then(() => copy(ui.line.textContent))
				})
			),
			h('div.go',
				ui.start,
				button({ label: S.table.vary, iconName: 'fork', kind: 'soft', id: 'vary', press: () => vary() })
			)
		))
	)
	for (const t of tabs) {
		ui.tabs.append(
			h('button',
				{
					role: 'tab',
					id: `tab-${t.id}`,
					'data-tab': t.id,
					'aria-controls': 'form',
					'data-tip': S.tabs[t.id][1],
					on: { click: () => setTab(t.id) }
				},
				S.tabs[t.id][0]
			)
		)
	}
	ui.tabs.onkeydown = e => {
		const by = { ArrowRight: 1, ArrowLeft: -1 }[e.key]
		if (!by) return
		e.preventDefault()
		const next = tabs[(tabs.findIndex(t => t.id === table.tab) + by + tabs.length) % tabs.length]
		setTab(next.id)
		$(`#tab-${next.id}`).focus()
	}
	ui.presets.onchange = () => usePreset(ui.presets.value)
	wells(ui.wells)
	form(ui.form)
	on('tab', drawTabs)
	on('about', () => {
		drawPresets()
		check()
	})
	on('table', check)
	on('away', is => {
		ui.start.disabled = is
		check()
	})
	drawTabs()
	drawPresets()
}

function drawTabs() {
	for (const b of ui.tabs.children) {
		const is = b.dataset.tab === table.tab
		b.setAttribute('aria-selected', String(is))
		b.tabIndex = is ? 0 : -1
	}
	ui.form.setAttribute('aria-labelledby', `tab-${table.tab}`)
	drawPresets()
}

// --- presets: the program's, and one's own in this browser

const mine = () => recall('presets', [])

const theirs = () =>
	about.presets.filter(p => p.command === tab().command && !tab().hides?.some(name => name in p.options))

function drawPresets() {
	const group = (label, list, prefix) =>
		list.length > 0 &&
		h('optgroup',
			{ label },
			list.map(p => h('option', { value: prefix + p.name }, p.name))
		)
	ui.presets.replaceChildren(
		...[
			h('option', { value: '' }, S.table.presets),
			group(S.table.theirs, theirs(), 'a:'),
			group(S.table.mine, mine().filter(p => p.tab === table.tab), 'm:'),
			mine().some(p => p.tab === table.tab) && h('option', { value: 'forget' }, S.table.forgetPresets)
		].filter(Boolean)
	)
}

function usePreset(value) {
	ui.presets.value = ''
	if (value === 'forget') {
		keep('presets', mine().filter(p => p.tab !== table.tab))
		return drawPresets()
	}
	const name = value.slice(2)
	const p = value.startsWith('a:')
		? theirs().find(p => p.name === name)
		: mine().find(p => p.name === name && p.tab === table.tab)
	if (!p) return
	const before = { ...options() }
	setOptions({ ...tab().first, ...p.options })
	toast(S.table.preset(name), { action: { text: S.undo, press: () => setOptions(before) } })
}

async function savePreset() {
	const name = await askText({
		title: S.table.savePreset,
		label: S.table.presetName,
		note: S.table.presetNote,
		action: S.save
	})
	if (!name) return
	keep('presets', [
		...mine().filter(p => p.name !== name || p.tab !== table.tab),
		{ name, tab: table.tab, options: { ...options() } }
	])
	drawPresets()
}

function startOver() {
	const before = structuredClone(table)
	clear()
	toast(S.table.cleared, {
		action: {
			text: S.undo,
			press: () => {
				Object.assign(table, before)
				emit('tab')
				emit('inputs')
				emit('table')
			}
		}
	})
}

// --- the check: command line, errors, time and memory

let pending = false // whether the table is other than what was checked
let asking // the check under way
let version = 0 // of what is on the table

const soon = later(() => ask(), 180)
function check() {
	pending = true
	version++
	errors = []
	soon()
}

// settled waits until what is on the table has been checked.
async function settled() {
	while (pending) await (asking ?? ask())
}

function ask() {
	question?.abort()
	const mine = (question = new AbortController())
	const asked = version
	const say = text => {
		ui.launch.classList.add('stale')
		ui.plan.className = 'plan'
		ui.plan.replaceChildren(h('span', text), ...$$('.fact', ui.plan).slice(0, 2)) // the last estimate, until there is another
	}
	const slow = [setTimeout(say, 300, S.table.checking), setTimeout(say, 4000, S.table.busy)]
	return (asking = answer(mine).finally(() => {
		slow.forEach(clearTimeout)
		if (mine !== question) return
		pending = asked !== version
		asking = null
		ui.launch.classList.remove('stale')
		ui.start.classList.toggle('refused', errors.length > 0)
	}))
}

async function answer(mine) {
	if (!about.commands.length) return
	expected = null
	try {
		const got = await post('/api/check', recipe(), mine.signal)
		errors = got.errors ?? []
		ui.line.textContent = ui.line.title = got.line ?? ''
		const other = mistakes(errors)
		if (errors.length) refuse(other ?? errors[0])
		else plan((expected = got.plan))
	} catch (e) {
		if (e.name === 'AbortError') return
		errors = e.status === 400 || e.status === 404 ? [e] : []
		mistakes(errors)
		refuse(e)
	}
}

function refuse(e) {
	ui.plan.className = 'plan bad'
	ui.plan.replaceChildren(h('b', named(e.message)), e.hint ? h('span', named(e.hint)) : '')
}

function plan(p) {
	ui.plan.className = 'plan'
	if (!p?.width) return ui.plan.replaceChildren(h('span', S.table.noPlan))
	const part = (name, value, tip) => h('span.fact', { 'data-tip': tip }, icon(name), value)
	ui.plan.replaceChildren(
		part('clock', p.seconds >= 1 ? S.table.about(duration(p.seconds)) : duration(p.seconds), S.table.timeTip),
		part('gear', bytes(p.peak_bytes), S.table.memoryTip),
		part('single', `${p.width} × ${p.height}`, S.table.sizeTip),
		p.frames
			? h('span.fact.quiet', S.table.frames(p.frames))
			: p.steps
				? h('span.fact.quiet', { 'data-tip': S.table.stepsTip }, S.table.steps(p.steps))
				: ''
	)
}

const patience = { seconds: 7200, peak_bytes: 16 * 2 ** 30 } // more of either is worth a question

let starting = Promise.resolve() // of the presses so far, one after the other
let pressed = '' // what the last of them is to start; twice the same is a double click

/** start puts what is on the table into the queue. */
export function start() {
	const body = recipe()
	const what = JSON.stringify(body)
	if (ui.start.disabled || what === pressed) return
	pressed = what
	const asked = version
	const refused = e => {
		fail(e)
		if (e.option) reveal(e.option)
	}
	starting = starting.then(() => begin(body, asked)).catch(refused).finally(() => {
		if (pressed === what) pressed = ''
	})
}

async function begin(body, asked) {
	if (asked === version) await settled()
	// Something else may be on the table by now: then it has to be checked by itself.
	const { errors: found = [], plan: p } = asked === version ? { errors, plan: expected } : await post('/api/check', body)
	if (found.length) throw found[0]
	const large = p && (p.seconds > patience.seconds || p.peak_bytes > patience.peak_bytes)
	if (large) {
		const title = S.table.large(duration(p.seconds), bytes(p.peak_bytes))
		if (!(await confirm({ title, text: S.table.largeHint, action: S.table.anyway }))) return
	}
	const busy = isRunning() || waiting().length
	const job = await add(body)
	if (busy) return toast(S.table.waits)
	lookAt(job.id)
	emit('started', job)
}

/** vary asks for seeds and weights, and queues one small picture for each pair of them. */
export async function vary(body = recipe(), most = 0) {
	const schema = command(body.command)?.schema.properties ?? {}
	const weighted = 'style-weight' in schema && body.options.method !== 'nnst'
	const base = Number(body.options['style-weight'] ?? schema['style-weight']?.default ?? 50)
	// Small is smaller than what they are like, if that says how large it is.
	most ||= Number(body.options.size ?? schema.size?.default) || Infinity
	const sizes = ['128', '192', '256', '384', '512'].filter(n => n < most)
	const answer = await dialog({
		title: S.vary.title,
		body: close => {
			let seeds = weighted ? 1 : 4
			let size = sizes.includes('256') ? '256' : ''
			const factors = new Set(weighted ? [0.5, 1, 2] : [1])
			const note = h('p.quiet')
			const count = () => {
				note.textContent = S.vary.count(seeds * (weighted ? factors.size : 1))
			}
			const pick = h('div.checks',
				[0.25, 0.5, 1, 2, 4].map(f => {
					const box = h('input', { type: 'checkbox', checked: factors.has(f) })
					box.onchange = () => {
						if (box.checked) factors.add(f)
						else factors.delete(f)
						count()
					}
					return h('label.check', box, String(Number((base * f).toPrecision(3))))
				})
			)
			count()
			return formOf(
				() => {
					if (weighted && !factors.size) factors.add(1)
					close({
						seeds,
						size,
						weights: weighted ? [...factors].sort((a, b) => a - b).map(f => Number((base * f).toPrecision(3))) : []
					})
				},
				h('p', S.vary.what),
				field(
					S.vary.seeds,
					select(
						['1', '2', '3', '4', '6', '8'],
						String(seeds),
						v => {
							seeds = Number(v)
							count()
						}
					)
				),
				weighted && h('fieldset', h('legend.label', S.vary.weights), pick),
				'size' in schema &&
					body.command !== 'texture' &&
					field(
						S.vary.size,
						select(
							[...sizes, { value: '', label: S.vary.same }],
							size,
							v => {
								size = v
							}
						)
					),
				h('div.actions', note, button({ text: S.vary.go, kind: 'primary', type: 'submit' }))
			)
		}
	})
	if (!answer) return
	const o = { ...body.options }
	if (answer.size && 'size' in schema && body.command !== 'texture') o.size = answer.size
	const { seeds, weights } = answer
	const made = await post('/api/vary', { ...body, options: o, seeds, weights }).catch(fail)
	if (!made) return
	await refresh()
	lookAt(String(made.sheet))
	toast(S.vary.queued(made.jobs.length))
	emit('goto', 'queue')
	return true
}
