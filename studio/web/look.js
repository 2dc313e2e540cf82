// Looking at a finished picture: compare, recipe, score, colours, another size, download, trash.
import { S } from './strings.js'
import { h, $, icon, button, dialog, toast, fail, tried, copy, duration, bytes, number, base, ranged, field, select,
	segmented, later, formOf, joined } from './dom.js'
import { emit, titleOf } from './model.js'
import { get, post, picture, fileURL, showURL, thumbURL } from './api.js'
import { Viewer, open } from './viewer.js'
import { add, select as lookAt } from './jobs.js'
import { bringBack } from './wells.js'
import { vary } from './table.js'

const recipes = new Map()
export async function recipeOf(file) {
	if (!recipes.has(file)) recipes.set(file, await get('/api/recipe', { file }).catch(() => null))
	return recipes.get(file)
}
// inputsOf are the files of a recipe by their roles; those that are not here are left out.
function inputsOf(recipe) {
	const all = {}
	for (const i of recipe?.inputs ?? []) if (i.file) (all[i.role] ??= []).push(i.file)
	return all
}
const photoOf = recipe => (inputsOf(recipe).content ?? inputsOf(recipe).image)?.[0]

/** toTrash moves a picture to the trash; undone is called with its path if it is taken back. False if it stays. */
export async function toTrash(file, undone) {
	try {
		const { file: where } = await post('/api/trash', { file })
		const undo = () => post('/api/trash/undo', { file: where }).then(back => {
			emit('gallery')
			undone?.(back.file)
		}, fail)
		toast(S.look.trashed(base(file)), { action: { text: S.undo, press: undo } })
		emit('gallery')
		return true
	} catch (e) {
		fail(e)
		return false
	}
}

/**
 * look opens a picture of out/ over the page. pictures is the list that the arrows go through, against another
 * picture to compare with instead of the photograph.
 */
export async function look({ file, pictures = [], against = '' }) {
	const viewer = new Viewer()
	const side = h('div.side')
	const strip = h('div.look-main', viewer.node, viewer.tools)
	let at = Math.max(0, pictures.findIndex(p => p.file === file))
	let now = 0 // which show is the last one

	const go = by => {
		if (pictures.length < 2) return
		at = (at + by + pictures.length) % pictures.length
		against = ''
		show(pictures[at].file)
	}

	async function show(next) {
		file = next
		const turn = ++now
		const p =
			pictures.find(x => x.file === file) ??
			(await get('/api/gallery').catch(() => ({ pictures: [] }))).pictures.find(x => x.file === file)
		if (turn !== now) return
		const recipe = await recipeOf(file)
		if (turn !== now) return
		const content = photoOf(recipe)
		const a = against || content || ''
		viewer.show({
			key: `look:${file}:${p?.width}`,
			a: a ? showURL(a) : '',
			b: showURL(file, { v: p?.modified ?? '' }),
			width: p?.width,
			height: p?.height,
			nameA: against ? base(against) : content ? S.viewer.original : '',
			nameB: base(file)
		})
		side.replaceChildren(...panel(p ?? { file }, recipe, content))
		title.textContent = base(file)
	}

	let title
	let shut
	const keys = e => {
		if (e.target.closest('input, select, textarea')) return
		if (e.key === 'ArrowRight' || e.key === 'ArrowLeft') {
			e.preventDefault()
			go(e.key === 'ArrowRight' ? 1 : -1)
		} else if (e.key === 'Delete') trash()
		else if (viewer.press(e)) e.preventDefault()
	}

	async function trash() {
		const gone = file
		if (!(await toTrash(gone, back => viewer.node.isConnected && show(back)))) return
		recipes.delete(gone)
		pictures = pictures.filter(p => p.file !== gone)
		if (!pictures.length) return shut()
		viewer.node.focus()
		at = Math.min(at, pictures.length - 1)
		show(pictures[at].file)
	}

	function panel(p, recipe, content) {
		const body = recipe && {
			command: recipe.command,
			inputs: Object.fromEntries(
				Object.entries(inputsOf(recipe)).map(([role, files]) => [role, role === 'style' ? files : files[0]])
			),
			options: { ...recipe.options }
		}
		const formats = p.film ? [''] : ['png', 'jpeg', 'tiff'] // a film as it is
		return [
			h('p.quiet',
				joined(p.width && `${p.width} × ${p.height}`, p.bytes && bytes(p.bytes), p.seconds > 0 && duration(p.seconds))
			),
			h('div.stack',
				body &&
					button({
						text: S.look.restore,
						iconName: 'restore',
						kind: 'primary',
						press: async () => {
							shut()
							if (!(await bringBack(file))) toast(S.look.noRecipe, { bad: true })
						}
					}),
				h('div.twos',
					body &&
						button({
							text: S.look.vary,
							iconName: 'fork',
							kind: 'soft',
							press: () => vary(body, Math.max(p.width, p.height)).then(done => done && shut())
						}),
					body && !p.film && button({ text: S.look.larger, iconName: 'scale', kind: 'soft', press: tried(() => larger(p)) })
				)
			),
			h('section',
				h('h3', S.look.download),
				h('div.threes',
					formats.map(f =>
						h('a.button.soft',
							{ href: fileURL(file, { download: 1, ...(f && { format: f }) }), download: '' },
							h('span', (f || file.split('.').at(-1)).toUpperCase())
						)
					)
				)
			),
			['style', 'nnst', 'recolor'].includes(recipe?.command ?? 'style') && content && recolour(content),
			!p.film && score(p, recipe, content),
			recipe ? details(recipe) : h('p.quiet', S.look.noRecipe),
			h('div.actions.spread', button({ text: S.look.trash, iconName: 'trash', kind: 'ghost danger', press: trash }))
		].filter(Boolean)
	}

	// recolour shows at once what the colours would be, and saves that as another picture.
	function recolour(content) {
		let colors = ''
		let strength = 1
		let question
		let url = ''
		const { bar, out } = ranged({ min: 0, max: 100, 'aria-label': S.look.strength }, 100, v => {
			strength = v / 100
			return `${v} %`
		})
		const saveIt = button({
			text: S.look.saveColours,
			iconName: 'save',
			kind: 'soft',
			disabled: true,
			press: tried(async () => {
				const job = await add({
					command: 'recolor',
					inputs: { result: file, photo: content },
					options: { colors, 'colors-strength': String(strength) }
				})
				lookAt(job.id)
				toast(S.look.queued)
			})
		})
		const mine = file
		const ask = later(tried(async () => {
			question?.abort()
			question = new AbortController()
			let next = ''
			if (colors) {
				const wish = { file: mine, content, colors, strength, palette: '' }
				const blob = await picture('/api/recolor', wish, question.signal)
				if (mine !== file) return
				next = URL.createObjectURL(blob)
			}
			viewer.show({
				key: viewer.key,
				a: fileURL(against || content),
				b: next || showURL(file),
				width: viewer.size.w,
				height: viewer.size.h,
				nameA: S.viewer.original,
				nameB: next ? S.look.preview : base(file)
			})
			setTimeout(u => u && URL.revokeObjectURL(u), 2000, url)
			url = next
		}), 60)
		const pick = v => {
			colors = v
			saveIt.disabled = !v
			ask()
		}
		const kinds = segmented({
			label: S.look.recolour,
			value: colors,
			pick,
			choices: Object.entries(S.look.colours).map(([value, label]) => ({ value, label }))
		})
		bar.addEventListener('input', () => {
			if (!colors) kinds.set('photo')
			pick(colors || 'photo')
		})
		return h('section.recolour',
			h('h3', S.look.recolour),
			kinds.node,
			h('div.pair', bar, out),
			saveIt
		)
	}

	function score(p, recipe, content) {
		const list = h('dl.score')
		const fill = numbers =>
			list.replaceChildren(
				...Object.entries(numbers)
					.filter(([, v]) => typeof v === 'number')
					.map(([name, v]) => h('div', { 'data-tip': S.scores[name] }, h('dt', name), h('dd', number(v))))
			)
		if (p.score) fill(p.score.numbers ?? p.score)
		const styles = inputsOf(recipe).style ?? []
		return (
			(content || styles.length || p.score) &&
			h('section',
				h('h3', S.look.score),
				list,
				!p.score &&
					button({
						text: S.look.measure,
						iconName: 'star',
						kind: 'soft',
						press: async e => {
							const b = e.currentTarget
							b.disabled = true
							b.classList.add('busy')
							try {
								const got = await post('/api/score', { file, content, style: styles })
								fill(got.numbers)
								b.remove()
							} catch (e) {
								fail(e)
								b.disabled = false
							} finally {
								b.classList.remove('busy')
							}
						}
					})
			)
		)
	}

	function details(recipe) {
		const list = Array.isArray(recipe.inputs) ? recipe.inputs : []
		return h('section.recipe',
			h('h3', S.look.recipe),
			list.length > 0 &&
				h('ul.ingredients',
					list.map(i =>
						h('li',
							{ class: i.file ? '' : 'missing' },
							i.file ? h('img', { src: thumbURL(i.file, 96), alt: '' }) : h('span.blank', icon('image')),
							h('span', h('small', i.role), base(i.name || i.file || '') || S.live.samples)
						)
					)
				),
			recipe.missing?.length > 0 && h('p.warn', S.missing(recipe.missing.join(', '))),
			h('dl.options',
				Object.entries(recipe.options ?? {}).map(([k, v]) => h('div', h('dt', titleOf(k)), h('dd', v)))
			),
			recipe.line &&
				h('div.command',
					h('code.line.wrap', recipe.line),
					button({ label: S.table.copy, iconName: 'copy', kind: 'small ghost', press: () => copy(recipe.line) })
				)
		)
	}

	async function larger(p) {
		const long = Math.max(p.width ?? 0, p.height ?? 0)
		const sizes = [...new Set([2 * long, 1536, 2048, 3072, 4096, 6000, 8192])]
			.filter(s => s > long)
			.sort((a, b) => a - b)
			.slice(0, 6)
		const size = await dialog({
			title: S.look.largerTitle,
			body: close => {
				let value = String(sizes[0])
				const box = h('input', { type: 'text', inputmode: 'numeric', value })
				box.oninput = () => {
					value = box.value
				}
				return formOf(
					() => close(Number(value)),
					h('p', S.look.largerWhat),
					h('div.checks',
						sizes.map(s =>
							button({
								text: String(s),
								kind: 'soft small',
								press: () => {
									value = box.value = String(s)
								}
							})
						)
					),
					field(S.look.longer, box, S.look.print(long)),
					h('div.actions', button({ text: S.look.larger, kind: 'primary', type: 'submit' }))
				)
			}
		})
		if (!size) return
		const job = await post('/api/larger', { file, size })
		lookAt(String(job.id))
		toast(S.look.queued)
	}

	await dialog({
		title: base(file),
		kind: 'full look',
		start: node => {
			title = $('h2', node)
			if (pictures.length > 1)
				$('header', node).lastChild.before(
					button({ label: S.look.previous, iconName: 'left', kind: 'ghost', press: () => go(-1) }),
					button({ label: S.look.next, iconName: 'right', kind: 'ghost', press: () => go(1) })
				)
			node.onkeydown = keys
			viewer.node.focus()
			open.push(viewer)
			show(file)
		},
		body: close => {
			shut = close
			return [strip, side]
		}
	})
	open.splice(open.indexOf(viewer), 1)
}

/**
 * votes shows pairs of pictures of the same photograph without their names, and counts which of them people prefer:
 * in this browser alone.
 */
export async function votes(pictures, tally, keepTally) {
	const pairs = []
	for (let i = 0; i < pictures.length; i++)
		for (let j = i + 1; j < pictures.length; j++) pairs.push([pictures[i], pictures[j]])
	const recipesOf = new Map(await Promise.all(pictures.slice(0, 60).map(async p => [p.file, await recipeOf(p.file)])))
	const key = p => photoOf(recipesOf.get(p.file)) ?? ''
	const same = pairs.filter(([a, b]) => recipesOf.has(a.file) && recipesOf.has(b.file) && key(a) === key(b))
	const seen = new Set(tally.map(v => v.pair))
	const id = ([a, b]) => [a.file, b.file].sort().join(' ')
	const left = (same.length ? same : pairs).filter(p => !seen.has(id(p))).sort(() => Math.random() - 0.5)
	if (!left.length)
		return toast(S.votes.none, {
			action: tally.length ? { text: S.votes.again, press: () => keepTally([]) } : undefined
		})
	await dialog({
		title: S.votes.title,
		kind: 'full votes',
		body: (close, node) => {
			const frames = [0, 1].map(() => new Viewer({ mode: 'single', remember: false }))
			const count = h('span.quiet')
			let pair
			const end = () => {
				close()
				ranking(tally, keepTally)
			}
			const next = () => {
				if (!left.length) return end()
				pair = left.pop()
				if (Math.random() < 0.5) pair.reverse()
				frames.forEach((f, i) =>
					f.show({ key: pair[i].file, b: showURL(pair[i].file), width: pair[i].width, height: pair[i].height })
				)
				count.textContent = S.votes.left(left.length + 1)
			}
			const vote = which => {
				tally = [...tally, { pair: id(pair), files: pair.map(p => p.file), won: which }]
				keepTally(tally)
				next()
			}
			node.onkeydown = e => {
				const which = { ArrowLeft: 0, ArrowRight: 1, ArrowDown: -1 }[e.key]
				if (which === undefined || e.ctrlKey || e.metaKey) return
				e.preventDefault()
				vote(which)
			}
			// The two views move together.
			frames.forEach((f, i) => {
				const apply = f.apply.bind(f)
				const other = frames[1 - i]
				f.apply = () => {
					apply()
					if (f.moving) return
					other.moving = true
					other.scale = f.scale
					other.centre = { ...f.centre }
					other.apply()
					other.moving = false
				}
			})
			setTimeout(next)
			return [
				h('p.quiet', S.votes.what),
				h('div.ballot',
					frames.map((f, i) =>
						h('div.choice',
							f.node,
							button({ text: i ? S.votes.right : S.votes.leftOne, kind: 'primary', press: () => vote(i) })
						)
					)
				),
				h('div.actions.spread',
					button({ text: S.votes.even, kind: 'soft', press: () => vote(-1) }),
					count,
					button({ text: S.votes.end, kind: 'ghost', press: end })
				)
			]
		}
	})
}

/** ranking lists pictures by the share of their votes. */
export function ranking(tally, keepTally) {
	const by = new Map()
	for (const v of tally) {
		v.files.forEach((f, i) => {
			const r = by.get(f) ?? { file: f, n: 0, won: 0 }
			r.n++
			r.won += v.won === -1 ? 0.5 : v.won === i ? 1 : 0
			by.set(f, r)
		})
	}
	const share = r => (r.won + 1) / (r.n + 2) // Laplace's: two votes are no proof
	const list = [...by.values()].sort((a, b) => share(b) - share(a))
	return dialog({
		title: S.votes.ranking,
		kind: 'wide',
		body: close => [
			h('ol.ranking',
				list.map(r =>
					h('li',
						h('img', { src: thumbURL(r.file, 128), alt: '' }),
						h('span', base(r.file)),
						h('b', S.votes.score(r.won, r.n)),
						button({
							text: S.look.open,
							kind: 'small soft',
							press: () => {
								close()
								emit('look', { file: r.file })
							}
						})
					)
				)
			),
			h('div.actions',
				button({
					text: S.votes.again,
					kind: 'ghost',
					press: () => {
						keepTally([])
						close()
					}
				})
			)
		]
	})
}
