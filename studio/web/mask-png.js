// Pictures of regions as files: PNG with a table of colours. A canvas is not used: some browsers change what is read
// from one, against fingerprinting.

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
	for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ n >>> 1 : n >>> 1
	return n
})

function chunk(type, data) {
	const out = new Uint8Array(12 + data.length), view = new DataView(out.buffer)
	view.setUint32(0, data.length)
	for (let i = 0; i < 4; i++) out[4 + i] = type.charCodeAt(i)
	out.set(data, 8)
	let crc = 0xffffffff
	for (const v of out.subarray(4, 8 + data.length)) crc = crcTable[(crc ^ v) & 255] ^ crc >>> 8
	view.setUint32(8 + data.length, ~crc >>> 0)
	return out
}

/** encodePNG returns a file of w x h pixels; data are indexes of colours, each [r, g, b]. */
export async function encodePNG(w, h, data, colours) {
	const head = new Uint8Array(13), view = new DataView(head.buffer)
	view.setUint32(0, w)
	view.setUint32(4, h)
	head[8] = 8 // bits
	head[9] = 3 // indexes of a table
	const rows = new Uint8Array(h * (w + 1)) // each row begins with its filter, 0 for none
	for (let y = 0; y < h; y++) rows.set(data.subarray(y * w, (y + 1) * w), y * (w + 1) + 1)
	const packed = new Blob([rows]).stream().pipeThrough(new CompressionStream('deflate'))
	const zlib = new Uint8Array(await new Response(packed).arrayBuffer())
	const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10)
	return new Blob([signature, chunk('IHDR', head), chunk('PLTE', Uint8Array.from(colours.flat())), chunk('IDAT', zlib),
		chunk('IEND', new Uint8Array())], { type: 'image/png' })
}
