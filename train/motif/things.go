package motif

// things are the classes of motifs that have a middle and an edge.
var things = []Class{
	{Name: "eye", New: eye, Object: true, Upright: true, Inks: []Ink{skin, {0x203040, 0x90b0d0}, {0xd8d0c8, 0xffffff}, {0x000000, 0x202020}}},
	{Name: "spiral", New: spiral, Object: true},
	{Name: "lips", New: lips, Object: true, Upright: true, Inks: []Ink{{0x701828, 0xe87880}, {0xa09880, 0xfffff4}, {0x100408, 0x401018}, skin}},
	{Name: "face", New: face, Object: true, Upright: true, Inks: []Ink{skin, {0x181008, 0x906840}, {0xd8d0c8, 0xffffff}, {0x080404, 0x503020}, {0x802030, 0xd87078}}},
	{Name: "flower", New: flower, Object: true, Inks: []Ink{{0x801848, 0xffc8e0}, {0x503008, 0xf8c830}}},
	{Name: "leaf", New: leaf, Object: true, Inks: []Ink{{0x183808, 0xa0c858}}},
	{Name: "feather", New: feather, Object: true, Inks: []Ink{{0x484038, 0xe8e0d0}, {0x102038, 0x5088a0}, {0x806038, 0xf0e8d8}}},
	{Name: "shell", New: shell, Object: true, Inks: []Ink{{0x704828, 0xf8e8d0}, {0x602818, 0xe8a080}}},
	{Name: "butterfly", New: butterfly, Object: true, Inks: []Ink{{0xa03808, 0xf8b030}, {0x080408, 0x483828}, {0x80b0e0, 0xffffff}}},
	{Name: "tree", New: tree, Object: true, Upright: true, Inks: []Ink{{0x201008, 0x907050}, {0x102808, 0x90b850}}},
	{Name: "flame", New: flame, Object: true, Upright: true, Inks: []Ink{{0xb01800, 0xfff8a0}, {0x180c08, 0x785038}}},
	{Name: "snowflake", New: snowflake, Object: true, Inks: []Ink{{0x7898c0, 0xffffff}}},
	{Name: "mandala", New: mandala, Object: true, Inks: []Ink{{0x802028, 0xf0a050}, {0x183868, 0x80b8c8}, {0xb09868, 0xfff8e0}, {0x180810, 0x483038}}},
	{Name: "wheel", New: wheel, Object: true, Inks: []Ink{{0x483828, 0xe0d0b8}, {0x080808, 0x584840}}},
	{Name: "gear", New: gear, Object: true, Inks: []Ink{{0x302820, 0xd8d0b8}}},
	{Name: "star", New: star, Object: true, Inks: []Ink{{0x906010, 0xffe870}, {0x402008, 0xffffe8}}},
	{Name: "heart", New: heart, Object: true, Inks: []Ink{{0x780818, 0xf05060}, {0x400810, 0xffe8e8}}},
	{Name: "arch", New: arch, Object: true, Upright: true, Inks: []Ink{{0x604830, 0xf0dcb0}, {0x080808, 0x484858}, {0x704030, 0xe8b890}}},
	{Name: "tower", New: tower, Object: true, Upright: true, Inks: []Ink{{0x582018, 0xf0c8a0}, {0x182028, 0x80a098}, {0x080404, 0xa07030}}},
	{Name: "cloud", New: cloud, Object: true, Upright: true, Inks: []Ink{{0x687888, 0xffffff}, {0x406890, 0x90b8d8}}},
	{Name: "mushroom", New: mushroom, Object: true, Upright: true, Inks: []Ink{{0x601010, 0xe05838}, {0x786850, 0xfff8e8}}},
	{Name: "fish", New: fish, Object: true, Upright: true, Inks: []Ink{{0x385868, 0xe8e8d8}, {0x301808, 0xf08020}, {0x703010, 0xf8b040}, {0x000000, 0xf8f8e0}}},
	{Name: "bird", New: bird, Object: true, Upright: true, Inks: []Ink{{0x403020, 0xf0e8d8}, {0x101418, 0x6888b0}, {0x804010, 0xf0a830}, {0x000000, 0xf8f0d8}}},
	{Name: "snake", New: snake, Object: true, Inks: []Ink{{0x283010, 0xc8c880}, {0x100c08, 0x804828}, {0x080000, 0xd02828}}},
}

// Colours that several classes have.
var (
	skin = Ink{0x8a5a44, 0xf0c8a8}
)
