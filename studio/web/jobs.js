// The queue as the server has it, kept up to date by its events.
import { get, post, patch, remove, listen } from './api.js'
import { emit, recall, keep } from './model.js'
import { fail, later } from './dom.js'

export const jobs = new Map()
let order = []
let loaded = false
export let selected = recall('selected', '')
export let connected = false
export let free = Infinity // bytes on the disk of the server

export const list = () => order.map(id => jobs.get(id)).filter(Boolean)
export const running = () => list().find(j => j.state === 'running')
export const waiting = () => list().filter(j => j.state === 'waiting')
export const current = () => jobs.get(selected)

export function select(id) {
	selected = id
	keep('selected', id)
	chosen()
}

// chosen says what is selected. A job that has ended comes without its curve, which is fetched when it is looked at.
function chosen() {
	const j = current()
	emit('selected', j)
	if (!j || j.curve.length || j.fetched || !j.step || ['running', 'waiting'].includes(j.state)) return
	j.fetched = true
	get(route(j.id)).then(j => emit('job', put(j)), () => {})
}

export async function refresh() {
	const answer = await get('/api/jobs')
	free = answer.free ?? Infinity
	const now = new Set(answer.jobs.map(j => String(j.id)))
	for (const id of jobs.keys()) if (!now.has(id)) jobs.delete(id)
	order = answer.jobs.map(j => String(j.id))
	for (const j of answer.jobs) put(j)
	const idle = !jobs.has(selected) || (!loaded && jobs.get(selected).state === 'waiting')
	if (idle) selected = String(running()?.id ?? '')
	loaded = true
	emit('jobs')
	chosen()
}
const soon = later(() => refresh().catch(() => {}), 120)

function put(job) {
	const id = String(job.id)
	const old = jobs.get(id)
	const next = { ...old, ...job, id }
	// Events come faster than lists: a curve that is longer is newer.
	if (old?.curve && !(job.curve?.length >= old.curve.length)) next.curve = old.curve
	next.curve ??= []
	jobs.set(id, next)
	return next
}

const most = 600 // points of a curve; every second one goes when there are more

export function start() {
	listen(
		{
			job(job) {
				const fresh = !jobs.has(String(job.id))
				const j = put(job)
				if (fresh) {
					// After those that wait, before those that are done.
					const at = order.findIndex(id => !['running', 'waiting'].includes(jobs.get(id)?.state))
					order.splice(at < 0 ? order.length : at, 0, j.id)
				}
				if (j.state === 'running' && (!current() || current().state !== 'running')) select(j.id)
				emit('jobs')
				emit('job', j)
				soon() // its place may have changed
			},
			step({ id, ...s }) {
				const j = jobs.get(String(id))
				if (!j) return soon()
				Object.assign(j, s, { state: 'running' })
				if (Number.isFinite(s.loss) || s.terms) j.curve.push([s.step, s.loss, s.terms ?? {}])
				if (j.curve.length > most) j.curve = j.curve.filter((_, i) => i % 2 === 0 || i === j.curve.length - 1)
				emit('job', j)
			},
			preview(p) {
				const j = jobs.get(String(p.id))
				if (!j) return
				j.preview = p.v
				emit('job', j)
			},
			gone(g) {
				jobs.delete(String(g.id))
				order = order.filter(id => id !== String(g.id))
				if (selected === String(g.id)) select('')
				emit('jobs')
			},
			order(o) {
				const now = o.order.map(String)
				order = [
					...order.filter(id => !now.includes(id) && jobs.get(id)?.state === 'running'),
					...now,
					...order.filter(id => !now.includes(id) && jobs.get(id)?.state !== 'running')
				]
				emit('jobs')
			},
			gallery() {
				emit('gallery')
			},
			reset() {
				soon()
				emit('gallery')
			}
		},
		(up, why) => {
			if (up && !connected) {
				soon()
				emit('gallery')
			}
			connected = up
			emit('connected', { up, why })
		}
	)
}

const act = async f => {
	try {
		const answer = await f()
		soon()
		return answer
	} catch (e) {
		fail(e)
		return null
	}
}
const route = (id, verb = '') => `/api/jobs/${encodeURIComponent(id)}${verb && `/${verb}`}`

/** add puts a job into the queue. */
export async function add(body) {
	const job = await post('/api/jobs', body)
	const j = put(job)
	if (!order.includes(j.id)) order.push(j.id)
	emit('jobs')
	soon()
	return j
}
export const [stop, cancel, resume, duplicate, top] = ['stop', 'cancel', 'resume', 'duplicate', 'top'].map(
	verb => id => act(() => post(route(id, verb)))
)
export const forget = id => act(() => remove(route(id)))

/** move puts a waiting job after another one; null is the first place. */
export async function move(id, after) {
	const others = order.filter(x => x !== id)
	others.splice(after === null ? firstWaiting(others) : others.indexOf(after) + 1, 0, id)
	order = others
	emit('jobs') // at once; the server's order follows
	await act(() => patch(route(id), { after }))
}
const firstWaiting = ids => {
	const at = ids.findIndex(id => jobs.get(id)?.state === 'waiting')
	return at < 0 ? ids.length : at
}
