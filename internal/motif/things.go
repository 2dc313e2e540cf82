package motif

// things are the classes of motifs that have a middle and an edge.
var things = []Class{
	{Name: "eye", New: eye, Object: true, Upright: true, Inks: []Ink{skin, {0x203040, 0x90b0d0}, {0xd8d0c8, 0xffffff}, {0x000000, 0x202020}}},
	{Name: "spiral", New: spiral, Object: true},
}

// Colours that several classes have.
var (
	skin = Ink{0x8a5a44, 0xf0c8a8}
)
