// Dreams: what the channels of a network draw, words for some of them, and films that fall into a dream.
import { S } from './strings.js'
import { h, icon, button, toast, tried, calm, ranged, rowStep } from './dom.js'
import { table, setTab, setOption, options, recipe, on, emit, keep, recall } from './model.js'
import { get, post, fileURL } from './api.js'
import { add, select as lookAt, jobs } from './jobs.js'
import { networks } from './form.js'

let ui
let ready = false
let where = recall('atlas', { weights: '', layer: '' })
let atlas = null
let timer = 0

export function build(root) {
	ui = {
		weights: h('select', { 'aria-label': S.dreams.network }),
		layer: h('select', { 'aria-label': S.dreams.layer }),
		sheet: h('div.sheet', { role: 'group', 'aria-label': S.dreams.atlas }),
		told: h('p.quiet.told', { 'aria-live': 'polite' }),
		words: h('div.words'),
		film: h('div.film')
	}
	root.append(
		h('section.atlas',
			h('header.view-head', h('h2', S.dreams.atlas), ui.weights, ui.layer, h('span.spring'), ui.told),
			ui.sheet
		),
		h('aside.dream-side',
			h('section', h('h2', S.dreams.bookmarks), h('p.quiet', S.dreams.bookmarksWhat), ui.words),
			h('section', h('h2', S.dreams.film), h('p.quiet', S.dreams.filmWhat), ui.film)
		)
	)
	ui.weights.onchange = () => {
		where = { weights: ui.weights.value, layer: '' }
		network()
	}
	ui.layer.onchange = () => {
		where.layer = ui.layer.value
		draw()
	}
	film()
	on('job', j => {
		if (atlas?.job && String(atlas.job) === j.id) draw()
	})
	on('inputs', () => motion())
}

export function show() {
	if (ready) return motion()
	ready = true
	ui.weights.replaceChildren(...networks())
	ui.weights.value = where.weights
	network()
	motion()
}

const network = tried(async () => {
	const { weights } = where
	const [{ layers }, { words }] = await Promise.all([
		get('/api/layers', { weights }),
		get('/api/bookmarks', { weights })
	])
	const names = layers.map(l => ({ value: l.name, label: l.channels ? `${l.name} · ${l.channels}` : l.name }))
	if (!names.some(n => n.value === where.layer)) where.layer = usual(layers)
	ui.layer.replaceChildren(
		...names.map(n => h('option', { value: n.value, selected: n.value === where.layer }, n.label))
	)
	ui.words.replaceChildren(
		...words.map(bookmark => h('button.chip', { on: { click: () => dreamOf({ bookmark }) } }, bookmark))
	)
	if (!words.length) ui.words.append(h('p.quiet', S.dreams.noBookmarks))
	draw()
})

// usual is a layer in the middle, after a ReLU or a block: it knows forms, and has not too many channels to draw.
function usual(layers) {
	const good = layers.filter(l => /relu|concat|output|mixed/.test(`${l.name} ${l.kind}`))
	const list = good.length ? good : layers
	return list[Math.floor(list.length * 0.55)]?.name ?? ''
}

/** dreamOf sets the dream tab to one thing, and goes there. */
function dreamOf(values) {
	setTab('dream')
	const o = options()
	for (const name of ['objective', 'channels', 'layers', 'class', 'bookmark']) if (!(name in values)) delete o[name]
	if (where.weights) o.weights = where.weights
	else delete o.weights
	for (const [k, v] of Object.entries(values)) setOption(k, v)
	emit('tab')
	lookAt('')
	emit('goto', 'studio')
	toast(S.dreams.set(Object.values(values).join(', ')), { hint: table.content ? '' : S.dreams.needsPhoto })
}

async function draw() {
	keep('atlas', where)
	clearTimeout(timer)
	if (!where.layer) return
	const asked = where.layer
	try {
		atlas = await get('/api/atlas', { weights: where.weights, layer: where.layer })
		if (asked !== where.layer) return
		if (atlas.file) sheet()
		else wait()
		if (!atlas.file && ['waiting', 'running', 'working'].includes(atlas.state)) timer = setTimeout(draw, 2500)
	} catch (e) {
		ui.sheet.replaceChildren(h('div.empty', h('p', e.message), e.hint && h('p.quiet', e.hint)))
	}
}

function wait() {
	const at = atlas.job && jobs.get(String(atlas.job))
	const busy = ['waiting', 'running'].includes(atlas.state)
	ui.told.textContent = ''
	ui.sheet.replaceChildren(
		h('div.empty',
			icon('grid'),
			h('p', busy ? S.dreams.drawing(where.layer) : S.dreams.absent(where.layer)),
			busy
				? h('progress', at?.steps ? { max: 1, value: (at.step ?? 0) / at.steps } : {})
				: h('p.quiet', S.dreams.absentHint),
			!busy && button({ text: S.dreams.make, iconName: 'play', kind: 'primary', id: 'make-atlas', press: make })
		)
	)
}

const make = tried(async () => {
	const job = await post('/api/atlas', where)
	atlas = { state: 'waiting', job: job.id }
	wait()
	timer = setTimeout(draw, 1500)
})

// sheet cuts the picture of all channels into buttons, one for each of them.
async function sheet() {
	const { columns, channels, file, tile } = atlas
	const image = new Image()
	image.src = fileURL(file)
	await image.decode().catch(() => {})
	const { naturalWidth: w, naturalHeight: hgt } = image
	if (!w || atlas.file !== file) return
	const share = (at, size, all) => `${all === size ? 0 : (100 * at) / (all - size)}%`
	const dream = (channel, more) => {
		const text = `channel=${channel}:layer=${where.layer}`
		const now = more && table.options.dream?.objective
		dreamOf({ objective: now ? `${now},${text}` : text })
	}
	const tiles = Array.from({ length: channels }, (_, k) => {
		const face = h('i')
		face.style.backgroundImage = `url("${image.src}")`
		face.style.backgroundSize = `${(100 * w) / tile.width}% ${(100 * hgt) / tile.height}%`
		face.style.backgroundPosition = `${share(tile.left + (k % columns) * tile.right, tile.width, w)} ${share(
			tile.top + Math.floor(k / columns) * tile.down,
			tile.height,
			hgt
		)}`
		return h('button',
			{
				class: 'tile',
				'data-channel': k,
				tabindex: k ? -1 : 0,
				'aria-label': S.dreams.channel(k, where.layer),
				on: { click: e => dream(k, e.shiftKey) }
			},
			face,
			h('small', k)
		)
	})
	ui.sheet.onkeydown = e => {
		const at = tiles.indexOf(document.activeElement)
		const next = tiles[at + rowStep(tiles, e.key)]
		if (at < 0 || !next || next === tiles[at]) return
		e.preventDefault()
		tiles[at].tabIndex = -1
		next.tabIndex = 0
		next.focus()
	}
	ui.told.textContent = S.dreams.click
	ui.sheet.replaceChildren(h('div.tiles', tiles))
}

// --- film: the settings, how the picture moves, and a few frames of it

const film0 = { frames: 48, zoom: 1.03, turn: 0.3, x: 0, y: 0, fps: 12, loop: 0 }
let moves = { ...film0, ...recall('film', {}) }
let playing = 0

function film() {
	const row = (name, min, max, step, unit) => {
		const id = `film-${name}`
		const { bar, out } = ranged({ min, max, step, id, 'aria-label': S.dreams[name] }, moves[name], v => {
			moves[name] = v
			return `${v}${unit}`
		})
		bar.addEventListener('input', () => {
			keep('film', moves)
			motion()
		})
		return h('div.row.slide',
			h('div.head', h('label', { for: id }, S.dreams[name])),
			h('div.pair', bar, out)
		)
	}
	ui.reel = h('div.reel', h('img', { alt: '' }), h('p.quiet', S.dreams.reelHint))
	ui.film.append(
		ui.reel,
		h('div.rows',
			row('frames', 8, 300, 4, ''),
			row('zoom', 0.95, 1.1, 0.005, '×'),
			row('turn', -5, 5, 0.1, '°'),
			row('x', -2, 2, 0.1, ' %'),
			row('y', -2, 2, 0.1, ' %'),
			row('fps', 5, 30, 1, ''),
			row('loop', 0, 48, 4, '')
		),
		h('div.twos',
			button({ text: S.dreams.tryFilm, iconName: 'film', kind: 'soft', id: 'film-try', press: () => shoot(true) }),
			button({ text: S.dreams.shoot, iconName: 'play', kind: 'primary', id: 'film-go', press: () => shoot(false) })
		)
	)
}

// motion plays how the camera moves over the photograph, without the dream.
function motion() {
	cancelAnimationFrame(playing)
	const image = ui.reel.querySelector('img')
	const still = !table.content || document.body.dataset.view !== 'dreams'
	ui.reel.classList.toggle('void', !table.content)
	if (!table.content) return image.removeAttribute('src')
	if (still) return
	const source = fileURL(table.content)
	if (image.getAttribute('src') !== source) image.src = source
	const start = performance.now()
	const step = now => {
		const length = calm() ? 1 : Math.max(1, Math.min(moves.frames, 60))
		const f = Math.floor(((now - start) / 1000) * moves.fps) % length
		const zoom = moves.zoom ** f
		image.style.transform = `scale(${zoom}) rotate(${moves.turn * f}deg) translate(${-moves.x * f}%, ${-moves.y * f}%)`
		if (!calm() && document.body.dataset.view === 'dreams') playing = requestAnimationFrame(step)
	}
	playing = requestAnimationFrame(step)
}

const shoot = tried(async small => {
	const before = table.tab
	setTab('dream')
	const o = {
		frames: String(small ? 8 : moves.frames),
		zoom: String(moves.zoom),
		turn: String(moves.turn),
		fps: String(moves.fps),
		loop: String(small ? 0 : moves.loop),
		...(moves.x || moves.y ? { pan: `${moves.x},${moves.y}` } : {}),
		...(small ? { size: '192' } : {})
	}
	const body = recipe(o)
	setTab(before)
	if (where.weights && !body.options.weights) body.options.weights = where.weights
	const job = await add(body)
	lookAt(job.id)
	toast(S.dreams.filming)
	emit('goto', 'picture')
})
