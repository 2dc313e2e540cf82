// Settings that are worth a name, after docs/tuning.md; their names are in strings.js.
export const presets = [
	{ name: 'quick', tab: 'style', options: { size: '256', iterations: '50' } },
	{ name: 'fine', tab: 'style', options: { size: '1024', iterations: '200' } },
	{ name: 'print', tab: 'style', options: { size: '3072', 'tv-weight': '30' } },
	{ name: 'face', tab: 'style', options: { 'structure-weight': '4' } },
	{ name: 'strong', tab: 'style', options: { 'style-weight': '150', 'structure-weight': '0' } },
	{ name: 'gentle', tab: 'style', options: { 'style-weight': '15' } },
	{ name: 'broad', tab: 'style', options: { 'style-scale': '2' } },
	{ name: 'colours', tab: 'style', options: { colors: 'photo' } },
	{ name: 'smooth', tab: 'style', options: { 'tv-weight': '100', iterations: '200' } },
	{ name: 'quick', tab: 'dream', options: { size: '320', iterations: '8' } },
	{ name: 'calm', tab: 'dream', options: { 'random-zoom': '0.05', 'random-turn': '5', lr: '1' } },
	{ name: 'engraved', tab: 'dream', options: { 'gray-gradient': 'true' } },
	{ name: 'exaggerated', tab: 'dream', options: { objective: 'caricature' } },
	{ name: 'first', tab: 'dream', options: { lap: '0' } },
	{ name: 'quick', tab: 'texture', options: { size: '256x256', iterations: '50' } },
	{ name: 'tiles', tab: 'texture', options: { tileable: 'true' } },
]
