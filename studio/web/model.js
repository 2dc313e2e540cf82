// What is on the work table: tab, pictures, options. It outlives a reload in localStorage.
import { S } from './strings.js'
import { get } from './api.js'

/** bus carries the page's own events, such as inputs, options, tab, jobs, job, selected, gallery, goto. */
export const bus = new EventTarget()
export const on = (name, f) => bus.addEventListener(name, e => f(e.detail))
export const emit = (name, detail) => bus.dispatchEvent(new CustomEvent(name, { detail }))

export function recall(key, otherwise) {
	try {
		return JSON.parse(localStorage.getItem(`oneiro.${key}`)) ?? otherwise
	} catch {
		return otherwise
	}
}
export function keep(key, value) {
	try {
		localStorage.setItem(`oneiro.${key}`, JSON.stringify(value))
	} catch {
		/* a private window: nothing outlives the page */
	}
}

/**
 * tabs are the methods. fixed: options that cannot be changed; first: options that it starts with; more: options
 * shown among the first ones; hides and without: options not shown.
 */
export const tabs = [
	{ id: 'style', command: 'style', more: ['colors', 'structure-weight', 'style-loss'], without: ['method', 'canvas'] },
	{
		id: 'nnst',
		command: 'style',
		fixed: { method: 'nnst' },
		more: ['content-share', 'detail-pass', 'style-rotations', 'colors'],
		hides: ['style-weight', 'style-scale', 'structure-weight', 'tv-weight', 'style-loss'],
		without: ['method', 'canvas']
	},
	{ id: 'dream', command: 'dream', more: ['bookmark'] },
	{ id: 'texture', command: 'texture', more: ['palette'] },
	{ id: 'vis', command: 'vis' },
	{
		id: 'canvas',
		command: 'style',
		first: { canvas: 'head' },
		more: ['canvas', 'warm-up', 'colors'],
		without: ['method']
	},
	{ id: 'film', command: 'film', more: ['frame-iterations', 'range', 'temporal-weight', 'output'] },
	{ id: 'film-dream', command: 'film dream', more: ['decay', 'range', 'output'] }
]

/** own are the options that the studio sets by itself, so that the form does not show them. */
const own = new Set(
	'output json quiet print-every resume preview preview-every style-blend dry-run find strip-recipe save-every shard'.split(
		' '
	)
)

// masks are by the picture they divide: {labels, mode, option, feather, regions} as the painter returns them.
const fresh = () => ({ tab: 'style', content: '', clip: '', style: [], masks: {}, options: {} })

export const table = { ...fresh(), ...recall('table', {}) }
export let about = { commands: [], weights: [], presets: [] }

export const tab = () => tabs.find(t => t.id === table.tab) ?? tabs[0]
export const command = (name = tab().command) => about.commands.find(c => c.name === name)
export const options = () => (table.options[table.tab] ??= { ...tab().first })

function changed(what) {
	keep('table', table)
	emit(what)
	emit('table')
}

export async function loadAbout() {
	const now = await get('/api/about')
	if (JSON.stringify(now) === JSON.stringify(about)) return
	about = now
	emit('about')
}

export function setTab(id) {
	if (!tabs.some(t => t.id === id)) return
	const before = options()
	table.tab = id
	const o = options()
	for (const name of ['weights', 'device', 'memory']) {
		if (before[name]) o[name] = before[name]
		else delete o[name]
	}
	// A texture's size is another thing, and that of a drawn channel is small.
	const photos = tabs.filter(t => t.command === 'style' || t.command === 'dream')
	if (photos.includes(tab())) o.size ??= photos.map(t => table.options[t.id]?.size).find(Boolean)
	if (!o.size) delete o.size
	emit('tab')
	changed('inputs')
}

/** setOption keeps what differs from the default; an empty text goes back to it. */
export function setOption(name, text) {
	const o = options()
	text ||= tab().first?.[name] // such as the canvas of its tab
	if (!text) delete o[name]
	else o[name] = String(text)
	changed('options')
}

export function setOptions(values, id = table.tab) {
	table.options[id] = { ...values }
	if (id === table.tab) emit('tab')
	changed('options')
}

/** setSubject changes the photograph, or the film of tabs that take one. */
export function setSubject(file) {
	const old = subject()
	if (file !== old) delete table.masks[old]
	table[well()] = file
	changed('inputs')
}

export function addStyle(file, at) {
	const entry = { file, weight: 1 }
	if (at !== undefined && table.style[at]) table.style[at] = { ...table.style[at], file }
	else table.style.push(entry)
	changed('inputs')
}
export function dropStyle(at) {
	table.style.splice(at, 1)
	changed('inputs')
}
export function setWeight(at, weight) {
	table.style[at].weight = weight
	changed('options')
}

/** setMask says how a picture of the table is divided; null takes that away. */
export function setMask(file, mask) {
	if (mask) table.masks[file] = mask
	else delete table.masks[file]
	changed('inputs')
}

/** maskMode is what a mask of a picture says in this tab: where to dream, or the regions of photograph or painting. */
export const maskMode = file => (file !== subject() ? 'painting' : tab().command === 'dream' ? 'mask' : 'regions')

/** maskOf is the mask of a picture that this tab uses; that of another method waits. */
export const maskOf = file => (table.masks[file]?.mode === maskMode(file) ? table.masks[file] : undefined)

// photo is the role of the photograph in a command; a dream calls it image.
const photo = c => c?.inputs?.find(i => i.role === 'content' || i.role === 'image')

/** roles are the pictures that the tab's command takes: {content: role, style: role, many: several of style}. */
export function roles() {
	const style = command()?.inputs?.find(i => i.role === 'style')
	return { content: photo(command())?.role, style: style?.role, many: Boolean(style?.many) }
}

/** well is where the table has what the tab paints on: a photograph, or a film. */
export const well = (c = command()) => (photo(c)?.clip ? 'clip' : 'content')
export const subject = () => table[well()]

/** recipe is the body of a job: what is on the table now. */
export function recipe(extra = {}) {
	const t = tab()
	const uses = roles()
	const schema = command()?.schema?.properties ?? {}
	const inputs = {}
	if (uses.content && subject()) inputs[uses.content] = subject()
	if (uses.style && table.style.length) inputs.style = uses.many ? table.style.map(s => s.file) : table.style[0].file
	const o = { ...options(), ...t.fixed, ...extra }
	const weights = table.style.map(s => s.weight)
	if (uses.style && 'style-blend' in schema && weights.length > 1 && weights.some(w => w !== weights[0])) {
		o['style-blend'] = weights.join(',')
	}
	const mask = uses.content && maskOf(subject())
	if (mask?.mode === 'mask') {
		o.mask = mask.labels
		if (mask.feather !== undefined && mask.feather !== 2) o['mask-feather'] = String(mask.feather)
	} else if (mask) {
		o.regions = mask.labels
		if (mask.option) o.region = mask.option
		if (mask.feather !== undefined && mask.feather !== 2) o.feather = String(mask.feather)
	}
	if (uses.style && table.style.some(s => table.masks[s.file])) {
		o['style-regions'] = table.style.map(s => table.masks[s.file]?.labels ?? 'whole').join(',')
	}
	for (const name of Object.keys(o)) if (!(name in schema)) delete o[name]
	return { command: t.command, inputs, options: o }
}

// without deletes options.
const without = (o, names) => names.forEach(name => delete o[name])

/** restore lays a recipe on the table: {command, inputs: {role: file | [file]}, options: {name: text}}. */
export function restore({ command, inputs, options }) {
	const o = { ...options }
	const of = tabs.filter(t => t.command === command)
	const drawn = o.canvas && o.canvas !== 'pixels'
	const at = (o.method && of.find(t => t.fixed?.method === o.method)) || (drawn && of.find(t => t.first)) || of[0]
	if (!at) return false
	table.tab = at.id
	const list = x => (Array.isArray(x) ? x : x ? [x] : [])
	table[well(about.commands.find(c => c.name === command))] = list(inputs.content ?? inputs.image)[0] ?? ''
	const weights = (o['style-blend'] ?? '').split(',').map(Number)
	if (roles().style) {
		table.style = list(inputs.style).map((file, i) => ({ file, weight: weights[i] > 0 ? weights[i] : 1 }))
	}
	table.masks = {}
	const labels = command === 'dream' ? o.mask : o.regions
	if (labels && subject()) {
		const regions = (o.region ?? '')
			.split(',')
			.filter(Boolean)
			.map(text => {
				const [, name, style, settings] = /^([^=:]+)(?:=([^:]*))?(.*)$/.exec(text) ?? [, text, '', '']
				const setting = key => Number(new RegExp(`:${key}=([\\d.]+)`).exec(settings)?.[1] ?? 1)
				return { name, color: name, style: style || null, weight: setting('weight'), scale: setting('scale') }
			})
		table.masks[subject()] = {
			labels,
			mode: maskMode(subject()),
			option: o.region ?? '',
			regions,
			feather: Number(o.feather ?? o['mask-feather'] ?? 2)
		}
		without(o, command === 'dream' ? ['mask', 'mask-feather'] : ['regions', 'region', 'feather'])
	}
	const styleMasks = (o['style-regions'] ?? '').split(',')
	table.style.forEach((s, i) => {
		if (styleMasks[i] && styleMasks[i] !== 'whole')
			table.masks[s.file] = { labels: styleMasks[i], mode: 'painting', regions: [] }
	})
	without(o, ['style-regions', 'style-blend', 'json', 'print-every', 'preview', 'preview-every'])
	if (!o.output?.startsWith('.')) delete o.output // a name is for one picture, an ending is a kind of film
	const schema = about.commands.find(c => c.name === command)?.schema.properties ?? {}
	for (const name of Object.keys(o)) if (defaultText(schema[name] ?? {}) === o[name]) delete o[name]
	if (o.model === 'builtin' && !o.weights) without(o, ['model', 'padding', 'pooling', 'preset'])
	without(o, Object.keys(tab().fixed ?? {}))
	table.options[at.id] = o
	emit('tab')
	changed('inputs')
	return true
}

/** clear empties the table, and brings the options of the tab back to their defaults. */
export function clear() {
	Object.assign(table, fresh(), { tab: table.tab })
	emit('tab')
	changed('inputs')
}

/** defaultText is what an option is when nobody sets it. */
export function defaultText({ default: d }) {
	return Array.isArray(d) ? d.join(',') : String(d ?? '')
}

/** titleOf is what the form calls an option. */
export const titleOf = name => S.options[name] ?? name.replaceAll('-', ' ').replace(/^./, c => c.toUpperCase())

/** methodOf is what the page calls a command, which has another name for some of its methods. */
export const methodOf = (command, method) =>
	S.tabs[method === 'nnst' ? method : command?.replace(' ', '-')]?.[0] ?? S.commands[command] ?? command ?? ''

/** named says an error in the words of the form: where the command line has --size, the field Size. */
export const named = text =>
	text?.replace(/--([a-z][\w-]*)/g, (flag, name) =>
		!own.has(name) && about.commands.some(c => name in c.schema.properties) ? S.form.field(titleOf(name)) : flag
	)

/** shown says which options the tab shows: first the basic ones, then the rest by groups. */
export function shown() {
	const t = tab()
	const c = command()
	if (!c) return { basic: [], groups: [] }
	const properties = c.schema.properties
	const gone = new Set([...own, ...Object.keys(t.fixed ?? {}), ...(t.without ?? [])])
	for (const name of t.more ?? []) gone.delete(name)
	const listing = c.order?.length ? c.order : Object.keys(properties)
	const names = listing.filter(n => n in properties && !gone.has(n))
	const listed = c.basic?.length ? c.basic : names.filter(n => properties[n]['x-basic'])
	const hides = new Set(t.hides)
	const late = ['seed', 'weights', 'device', 'memory'] // what a person changes last
	const more = t.more ?? []
	const basic = [
		...new Set([...listed.filter(n => ![...late, ...more].includes(n)), ...more, ...late.filter(n => listed.includes(n))])
	].filter(n => names.includes(n) && !hides.has(n))
	const rest = names.filter(n => !basic.includes(n) && !hides.has(n))
	const groups = [...new Set(rest.map(n => properties[n]['x-group']))].map(name => ({
		name,
		names: rest.filter(n => properties[n]['x-group'] === name)
	}))
	return { basic, groups }
}
