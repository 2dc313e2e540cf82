package motif

// textures are the classes of motifs that go on for ever.
var textures = []Class{
	{Name: "brick", New: brick, Inks: []Ink{{0x702818, 0xc86848}, {0x807868, 0xc8c0b0}}},
}
