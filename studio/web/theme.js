// Sets the theme before the first paint, so that a page in light never flashes dark.
;(() => {
	try {
		const theme = JSON.parse(localStorage.getItem('oneiro.theme'))
		if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
	} catch {
		/* without storage the theme is the system's */
	}
})()
