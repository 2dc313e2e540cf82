// Wells: where photograph and paintings are dropped, pasted and picked, weighted and masked.
import { S } from './strings.js'
import { h, icon, button, toast, fail, tried, dialog, pickFiles, base, stem, bytes, duration, joined } from './dom.js'
import { table, tabs, tab, setTab, well as subjectWell, subject, setSubject, addStyle, dropStyle, setWeight,
	setMask, maskOf, maskMode, roles, on, emit, restore, command } from './model.js'
import { select as look, list } from './jobs.js'
import { get, post, upload, fileURL, thumbURL, isVideo } from './api.js'

/** dragged is the type of a picture of this page while it is dragged. */
export const dragged = 'application/x-oneiro'

let root
let sizes = {} // of pictures: width, height, as uploads and lists tell them

export function wells(node) {
	root = node
	on('inputs', draw)
	on('about', draw)
	on('away', is => is || draw())
	draw()
}

function draw() {
	const uses = command() ? roles() : { content: 'content', style: 'style', many: true }
	const focus = document.activeElement?.closest('[data-well]')?.dataset.well
	const id = subjectWell()
	const [name, hint] = S.wells[id]
	root.replaceChildren(
		...[
			uses.content && group(id, name, [well(id, subject(), hint)]),
			uses.style &&
				group('style', S.wells.style, [
					...table.style.map((s, i) => well(`style-${i}`, s.file, '', i, i > 0 && !uses.many)),
					well('style-new', '', table.style.length ? '' : S.wells.dropStyle)
				])
		].filter(Boolean)
	)
	root.classList.toggle('single', !uses.content || !uses.style)
	root.hidden = !uses.content && !uses.style
	if (focus) root.querySelector(`[data-well="${focus}"] button`)?.focus()
}

function group(name, title, kids) {
	return h('section',
		{ class: `wells-group ${name}`, 'aria-label': title },
		h('header',
			h('h3', title),
			button({ label: S.wells.recent, iconName: 'clock', kind: 'small ghost', press: () => recent(name) })
		),
		h('div', { class: kids.length > 1 ? 'wells-list many' : 'wells-list' }, kids)
	)
}

function well(id, file, hint, at, unused) {
	const node = h('div', {
		class: file ? 'well full' : 'well',
		'data-well': id,
		'data-tip': unused && S.wells.unused,
		role: file && 'group',
		'aria-label': file && base(file)
	})
	const take = files => receive(files, id)
	if (file) {
		const image = h('img', { src: thumbURL(file, 512), alt: '', draggable: 'false' })
		image.onerror = () => node.classList.add('missing')
		node.append(
			h('button',
				{
					class: 'face',
					'aria-label': S.wells.replace(base(file)),
					'data-tip': base(file),
					on: { click: async () => take(await pickFiles({ accept: accepts[id] })) }
				},
				image
			)
		)
		node.classList.toggle('unused', Boolean(unused))
		const many = at !== undefined && table.style.length > 1 && roles().many
		const over = (label, iconName, press, lit) =>
			button({ label, 'aria-label': `${label}: ${base(file)}`, iconName, kind: `small glass${lit ? ' lit' : ''}`, press })
		const mask = maskOf(file)
		node.append(
			h('div.over',
				maskable(at) && over(mask ? S.wells.editMask : S.wells.mask, 'brush', () => paint(file), mask),
				mask && over(S.wells.dropMask, 'trash', () => setMask(file, null)),
				over(S.wells.remove, 'close', () => (at === undefined ? setSubject('') : dropStyle(at)))
			)
		)
		if (at === undefined && maskOf(file)) node.append(regionRow())
		if (many) node.append(weight(at))
	} else {
		node.append(
			h('button',
				{
					class: 'face',
					'aria-label': S.wells[id]?.[2] ?? S.wells.pickStyle,
					on: { click: async () => take(await pickFiles({ many: !S.wells[id], accept: accepts[id] })) }
				},
				icon(id === 'clip' ? 'film' : hint ? 'image' : 'plus'),
				hint && h('span', hint),
				hint && h('small', S.wells.ways)
			)
		)
	}
	node.ondragover = e => {
		e.preventDefault()
		node.classList.add('over-drop')
	}
	node.ondragleave = () => node.classList.remove('over-drop')
	node.ondrop = e => {
		e.preventDefault()
		e.stopPropagation()
		document.body.classList.remove('dragging')
		node.classList.remove('over-drop')
		const own = e.dataTransfer.getData(dragged)
		if (own) put(own, id)
		else take([...e.dataTransfer.files])
	}
	return node
}

/** maskable says whether the method can use regions of the photograph, or of a painting. */
function maskable(at) {
	const has = command()?.schema.properties ?? {}
	if (at === undefined && subjectWell() === 'clip') return false
	return at === undefined ? 'regions' in has || 'mask' in has : 'style-regions' in has
}

function weight(at) {
	const input = h('input', {
		type: 'text',
		inputmode: 'decimal',
		value: String(table.style[at].weight),
		'aria-label': `${S.wells.weight}: ${base(table.style[at].file)}`
	})
	input.onchange = () => {
		const x = Number(input.value.replace(',', '.'))
		if (x >= 0 && Number.isFinite(x)) setWeight(at, x)
		else input.value = String(table.style[at].weight)
	}
	input.onkeydown = e => {
		const by = { ArrowUp: 0.5, ArrowDown: -0.5 }[e.key]
		if (!by) return
		e.preventDefault()
		input.value = String(Math.max(0, Number(input.value) + by))
		input.dispatchEvent(new Event('change'))
	}
	return h('label.weight', { 'data-tip': S.wells.weightTip }, h('span', { 'aria-hidden': 'true' }, '×'), input)
}

function regionRow() {
	const { regions = [], mode } = maskOf(subject())
	if (mode === 'mask') return h('div.regions', h('span.chip', S.wells.masked))
	return h('div.regions',
		regions
			.filter(r => r.style || r.weight !== 1 || r.scale !== 1)
			.slice(0, 4)
			.map(r => {
				const dot = h('i.dot')
				dot.style.backgroundColor = r.color
				return h('span.chip', dot, r.style === 'keep' ? S.wells.keep : r.style ? base(r.style) : r.name)
			})
	)
}

/** put uses a file of the folder in a well. */
export function put(file, id) {
	if (S.wells[id]) {
		look('') // the new photograph, not the last result
		setSubject(file)
	} else addStyle(file, id.startsWith('style-') && id !== 'style-new' ? Number(id.slice(6)) : undefined)
}

// accepts are the files that a well takes, if not pictures.
const accepts = { clip: 'video/*,image/gif,image/png,image/webp,.apng,.y4m,.avi,.mkv' }

// wellFor is where a file goes that was dropped somewhere: a film makes the page one for films.
function wellFor(file) {
	const film = file.type.startsWith('video/') || (file.name.includes('.') && isVideo(file.name))
	if (film && subjectWell() !== 'clip') setTab(tab().command === 'dream' ? 'film-dream' : 'film')
	const moves = film || (/gif|webp|apng/.test(file.type) && !subject())
	if (subjectWell() === 'clip') return moves || !roles().style ? 'clip' : 'style-new'
	return roles().content && !subject() ? 'content' : roles().style ? 'style-new' : 'content'
}

/** receive uploads files and puts them into a well; a picture that oneiro made brings its recipe with it. */
export async function receive(files, id) {
	for (const file of files) {
		try {
			root.classList.add('busy')
			const to = id ?? wellFor(file)
			const got = await upload(file, to === 'clip' ? to : 'in')
			sizes[got.file] = got
			if (got.made && (await bringBack(got.file, to))) return
			put(got.file, to)
			if (S.wells[id]) break // which takes one
			if (id && id !== 'style-new') id = 'style-new'
		} catch (e) {
			fail(e)
		} finally {
			root.classList.remove('busy')
		}
	}
}

/** bringBack lays the recipe inside a picture on the table. */
export async function bringBack(file, well) {
	const job = list().find(j => j.output === file)
	let recipe
	try {
		recipe = await get('/api/recipe', { file })
	} catch (e) {
		recipe = job // many kinds of film have no room for a recipe
		if (!job) fail(e)
	}
	if (!recipe || !layOut(recipe)) return false
	look(job?.id ?? '') // what came back, not what was there
	toast(S.restored(base(file)), {
		hint: recipe.missing?.length ? S.missing(recipe.missing.join(', ')) : '',
		action: well && { text: S.wells.use[well] ?? S.wells.use.style, press: () => put(file, well) }
	})
	return true
}

/** layOut turns a recipe, whose inputs are a list with roles, into what the table takes. */
export function layOut(recipe) {
	let inputs = recipe.inputs ?? {}
	if (Array.isArray(inputs)) {
		const all = inputs.filter(i => i.file)
		inputs = {}
		for (const i of all) (inputs[i.role] ??= []).push(i.file)
	}
	const done = restore({ command: recipe.command, inputs, options: recipe.options ?? {} })
	if (done) emit('goto', 'studio')
	return done
}

const recent = tried(async role => {
	const { files } = await get('/api/files', { folder: 'in', ...(role === 'clip' && { clips: 1 }) })
	files.sort((a, b) => (a.modified < b.modified ? 1 : -1))
	const file = await dialog({
		title: S.wells.recentTitle,
		kind: 'wide',
		body: close =>
			files.length
				? h('div.thumbs',
						files.map(f =>
							h('button',
								{ class: 'thumb', on: { click: () => close(f.file) } },
								h('img', { src: thumbURL(f.file, 256, f.modified), alt: '', loading: 'lazy' }),
								h('span', base(f.file)),
								h('small', joined(f.width ? `${f.width} × ${f.height}` : bytes(f.bytes), f.seconds && duration(f.seconds)))
							)
						)
					)
				: h('p.quiet.empty', S.wells.noRecent)
	})
	if (file) put(file, role === 'style' ? 'style-new' : role)
})

/** paint opens the mask painter over a picture of the table. */
const paint = tried(async file => {
	const { openMaskPainter } = await import('./mask.js')
	const size = sizes[file] ?? (await measure(file))
	const of = file === subject()
	const mode = maskMode(file)
	const old = maskOf(file)
	const done = await openMaskPainter({
		imageURL: fileURL(file),
		width: size.width,
		height: size.height,
		mode,
		labels: old ? fileURL(old.labels) : null,
		regions: old?.regions ?? (of ? [] : (table.masks[subject()]?.regions ?? [])),
		feather: old?.feather ?? 2,
		styles: table.style.map(s => ({ file: s.file, name: base(s.file) })),
		pickStyle: async () => {
			const [picked] = await pickFiles()
			if (!picked) return null
			const got = await upload(picked)
			return { file: got.file, name: base(got.file) }
		},
		proposals: async count => fileURL((await post('/api/regions', { file, count })).file)
	})
	if (!done) return
	const got = await upload(new File([done.blob], `${stem(file)}-regions.png`), 'mask')
	setMask(file, { labels: got.file, mode, option: done.option ?? '', feather: done.feather, regions: done.regions })
})

async function measure(file) {
	const image = new Image()
	image.src = fileURL(file)
	await image.decode()
	return { width: image.naturalWidth, height: image.naturalHeight }
}
