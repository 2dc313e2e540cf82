// Start of the page: views, drops and pastes anywhere, help on hover, theme.
import { S } from './strings.js'
import { h, $, $$, button, fail, phone, icon, instead } from './dom.js'
import { on, emit, about, loadAbout, recall, keep } from './model.js'
import { workTable } from './table.js'
import { stage, percent } from './stage.js'
import { queueView, look } from './queue.js'
import { receive, bringBack, dragged } from './wells.js'
import * as queue from './jobs.js'
import { keys, list as keyList } from './keys.js'

const views = ['studio', 'gallery', 'dreams']
const panes = ['setup', 'picture', 'queue']

// room loads the module of a view on first use, so that the studio appears sooner.
const rooms = {}
function room(name) {
	return (rooms[name] ??= import(`./${name}.js`).then(module => {
		module.build($(`#${name}`))
		return module
	}))
}

/** go shows a view, and on a phone one pane of the studio. */
function go(to) {
	const view = views.includes(to) ? to : 'studio'
	const pane = panes.includes(to) ? to : to === 'studio' ? 'setup' : document.body.dataset.pane
	document.body.dataset.view = view
	document.body.dataset.pane = pane
	for (const v of views) $(`#${v}`).hidden = v !== view
	const at = view === 'studio' ? pane : view
	for (const a of $$('[data-goto]')) {
		const is = a.dataset.goto === at || (a.dataset.goto === 'studio' && view === 'studio')
		if (is) a.setAttribute('aria-current', 'page')
		else a.removeAttribute('aria-current')
	}
	const hash = `#${phone() ? at : view}`
	if (location.hash !== hash) history.replaceState(null, '', hash)
	if (view !== 'studio')
		room(view)
			.then(r => document.body.dataset.view === view && r.show())
			.catch(fail)
	hideTip()
}

function chrome() {
	const link = (to, text, name) =>
		h('a',
			{ href: `#${to}`, 'data-goto': to, on: { click: instead(() => emit('goto', to)) } },
			name && icon(name),
			h('span', text)
		)
	$$('.skip').forEach((link, i) => {
		link.textContent = S.skip[i]
		link.onclick = instead(() => $(link.hash).focus())
	})
	$('#nav').setAttribute('aria-label', S.nav.label)
	$('#dock').setAttribute('aria-label', S.nav.label)
	$('#nav').append(...views.map(v => link(v, S.nav[v])))
	const icons = { setup: 'gear', picture: 'image', queue: 'list', gallery: 'grid', dreams: 'moon' }
	$('#dock').append(...Object.entries(icons).map(([to, name]) => link(to, S.nav[to], name)))
	const pill = h('button',
		{
			class: 'pill',
			hidden: true,
			on: {
				click: () => {
					const r = queue.running()
					if (r) look(r.id)
				}
			}
		},
		h('i.pulse'),
		h('span')
	)
	const lost = h('span.lost', { role: 'status', hidden: true }, S.offline.lost)
	$('#tools').append(
		lost,
		pill,
		button({ label: S.theme, iconName: 'moon', kind: 'ghost', id: 'theme', press: theme }),
		button({ label: S.keys.title, iconName: 'help', kind: 'ghost', id: 'help', press: keyList })
	)
	const update = () => {
		const r = queue.running()
		pill.hidden = !r
		if (r) pill.lastChild.textContent = percent(r) || S.state.running
	}
	on('jobs', update)
	on('job', update)
	const away = is => {
		lost.hidden = !is
		document.body.classList.toggle('away', is)
		emit('away', is)
	}
	let timer // since the first of several errors
	on('connected', ({ up, why }) => {
		lost.textContent = why ?? S.offline.lost
		if (!up) return (timer ??= setTimeout(away, 1500, true))
		if (timer || !about.commands.length) loadAbout().catch(fail) // it may be another start of the server
		clearTimeout(timer)
		timer = undefined
		away(false)
	})
}

function theme() {
	const light = document.documentElement.dataset.theme
		? document.documentElement.dataset.theme === 'light'
		: matchMedia('(prefers-color-scheme: light)').matches
	const next = light ? 'dark' : 'light'
	document.documentElement.dataset.theme = next
	keep('theme', next)
	emit('jobs') // curves take their colours anew
	queue.select(queue.selected)
}

// --- files from anywhere

function drops() {
	const cover = h('div.cover', { 'aria-hidden': 'true' }, h('p', S.drop))
	document.body.append(cover)
	let depth = 0
	addEventListener('dragenter', e => {
		if (!e.dataTransfer?.types.includes('Files')) return
		depth++
		document.body.classList.add('dragging')
	})
	addEventListener('dragleave', () => {
		if (--depth <= 0) {
			depth = 0
			document.body.classList.remove('dragging')
		}
	})
	addEventListener('dragover', e => {
		if (e.dataTransfer?.types.includes('Files') || e.dataTransfer?.types.includes(dragged)) e.preventDefault()
	})
	addEventListener(
		'drop',
		e => {
			depth = 0
			document.body.classList.remove('dragging')
			if (e.defaultPrevented) return
			e.preventDefault()
			const own = e.dataTransfer.getData(dragged)
			if (own) return bringBack(own)
			const files = [...e.dataTransfer.files]
			if (files.length) {
				emit('goto', 'studio')
				receive(files)
			}
		},
		false
	)
	addEventListener('paste', e => {
		const files = [...(e.clipboardData?.files ?? [])].filter(f => f.type.startsWith('image/'))
		if (!files.length || document.querySelector('dialog[open]')) return
		e.preventDefault()
		const well = document.activeElement?.closest('[data-well]')?.dataset.well
		receive(
			files.map(f =>
				f.name && f.name !== 'image.png'
					? f
					: new File([f], `pasted.${f.type.split('/')[1].replace('jpeg', 'jpg')}`, { type: f.type })
			),
			well
		)
	})
}

// --- help on hover and focus: one bubble for all

const tip = $('#tip') // it moves into dialogs, which lie above all else
let tipTimer
function hideTip() {
	clearTimeout(tipTimer)
	tip.hidden = true
}

function tips() {
	const show = (node, wait) => {
		clearTimeout(tipTimer)
		tipTimer = setTimeout(() => {
			if (!node.isConnected) return
			tip.replaceChildren(
				...[
					node.dataset.tipBad && h('em', node.dataset.tipBad),
					node.dataset.tipTitle && h('b', node.dataset.tipTitle),
					h('span', node.dataset.tip),
					node.dataset.tipMore && h('small', node.dataset.tipMore)
				].filter(Boolean)
			)
			const host = node.closest('dialog[open]') ?? document.body
			if (tip.parentNode !== host) host.append(tip)
			tip.hidden = false
			const box = node.getBoundingClientRect()
			const own = tip.getBoundingClientRect()
			const row = node.classList.contains('row')
			const beside = row && box.right + own.width + 16 < innerWidth
			const x = beside
				? box.right + 10
				: Math.min(innerWidth - own.width - 8, Math.max(8, box.left + box.width / 2 - own.width / 2))
			let y = beside ? box.top : box.bottom + 8
			if (y + own.height > innerHeight - 8) y = beside ? innerHeight - own.height - 8 : box.top - own.height - 8
			tip.style.left = `${Math.round(x)}px`
			tip.style.top = `${Math.round(Math.max(8, y))}px`
		}, wait)
	}
	on('tip', node => show(node, 0))
	document.addEventListener('pointerover', e => {
		if (e.pointerType === 'touch') return
		const node = e.target.closest?.('[data-tip]')
		if (node) show(node, 450)
		else hideTip()
	})
	document.addEventListener('focusin', e => {
		const node = e.target.closest?.('[data-tip]')
		if (node && e.target.matches(':focus-visible')) show(node, 150)
		else hideTip()
	})
	for (const name of ['pointerdown', 'keydown', 'wheel']) document.addEventListener(name, hideTip, { passive: true })
	document.addEventListener('focusout', hideTip)
}

async function boot() {
	chrome()
	workTable($('#setup'))
	stage($('#picture'))
	queueView($('#queue'))
	drops()
	tips()
	keys()
	on('goto', go)
	on('look', ({ file }) => room('gallery').then(r => r.open(file), fail))
	on('started', () => {
		if (phone()) go('picture')
	})
	addEventListener('hashchange', () => go(location.hash.slice(1) || 'studio'))
	$('.brand').onclick = instead(() => go('studio'))
	go(location.hash.slice(1) || recall('view', 'studio'))
	try {
		await Promise.all([loadAbout(), queue.refresh()])
		document.title = 'oneiro'
		document.documentElement.dataset.ready = ''
	} catch (e) {
		fail(e)
	}
	queue.start()
	matchMedia('(prefers-color-scheme: light)').onchange = () => emit('jobs') // as theme does
}
boot()
