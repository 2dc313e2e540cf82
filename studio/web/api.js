// Requests to the server, its errors, and its stream of events.
import { S } from './strings.js'

/** Failure is an error of the server: message, hint, and the option it is about. */
export class Failure extends Error {
	constructor(message, { hint, option, status } = {}) {
		super(message)
		Object.assign(this, { hint, option, status })
	}
}

async function send(method, path, { body, type, signal } = {}) {
	let answer
	try {
		answer = await fetch(path, { method, body, signal, headers: type ? { 'Content-Type': type } : undefined })
	} catch (e) {
		if (e.name === 'AbortError') throw e
		throw new Failure(S.offline.gone, { hint: S.offline.hint })
	}
	if (answer.ok) return answer
	let told = {}
	try {
		told = await answer.json()
	} catch {
		/* no JSON: the status has to do */
	}
	throw new Failure(told.error || `${answer.status} ${answer.statusText}`, {
		hint: told.hint || (answer.status === 401 ? S.offline.token : ''),
		option: told.option,
		status: answer.status
	})
}

async function json(method, path, value, signal) {
	const answer = await send(method, path, {
		body: value === undefined ? undefined : JSON.stringify(value),
		type: method === 'GET' ? undefined : 'application/json',
		signal
	})
	return answer.status === 204 ? null : answer.json()
}

/** get asks for a path with a query, if there is one. */
export const get = (path, query, signal) =>
	json('GET', query ? `${path}?${new URLSearchParams(query)}` : path, undefined, signal)
export const post = (path, value = {}, signal) => json('POST', path, value, signal)
export const patch = (path, value) => json('PATCH', path, value)
export const remove = path => json('DELETE', path, {})

/** picture posts JSON and returns the picture that comes back. */
export async function picture(path, value, signal) {
	const answer = await send('POST', path, { body: JSON.stringify(value), type: 'application/json', signal })
	return answer.blob()
}

/** upload stores a file in the folder of the studio, kind: in, mask, palette, init, clip. */
export async function upload(file, kind = 'in', name = file.name) {
	const query = new URLSearchParams({ name: name || 'picture.png', kind })
	const answer = await send('PUT', `/api/uploads?${query}`, { body: file, type: 'application/octet-stream' })
	return answer.json()
}

const path = file => file.split('/').map(encodeURIComponent).join('/')
export const fileURL = (file, query = {}) => {
	const q = new URLSearchParams(query).toString()
	return `/files/${path(file)}${q ? `?${q}` : ''}`
}
export const thumbURL = (file, size = 256, version = '') =>
	`/thumb/${path(file)}?size=${size}${version ? `&v=${encodeURIComponent(version)}` : ''}`

/** showURL is a picture of a file; of a film that no browser takes for a picture, its first frame. */
export const showURL = (file, query) => (isVideo(file) ? thumbURL(file, 768, query?.v) : fileURL(file, query))
export const isVideo = name => /\.(mp4|m4v|mov|webm|ogv|mkv|avi|mpe?g|m?2?ts|3gp|flv|wmv|y4m)$/i.test(name) || !/\./.test(name)

export const previewURL = job => `/api/jobs/${encodeURIComponent(job.id)}/preview.jpg?v=${job.preview}`

/** listen opens the stream of events. handlers has a function for each event; state(open, why) is called on changes. */
export function listen(handlers, state) {
	const source = new EventSource('/api/events')
	for (const [name, f] of Object.entries(handlers)) {
		source.addEventListener(name, e => f(e.data ? JSON.parse(e.data) : {}))
	}
	source.addEventListener('open', () => state(true))
	source.addEventListener('error', async () => {
		state(false)
		// A browser gives up when the answer is not a stream, such as 401.
		if (source.readyState !== EventSource.CLOSED) return
		const answer = await fetch('/api/jobs').catch(() => null)
		if (answer?.status === 401) state(false, S.offline.token)
		setTimeout(() => listen(handlers, state), 2000)
	})
	return source
}
