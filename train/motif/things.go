package motif

// things are the classes of motifs that have a middle and an edge.
var things = []class{
	{name: "eye", shader: eye, object: true, upright: true, inks: []ink{skin, {0x203040, 0x90b0d0}, {0xd8d0c8, 0xffffff}, {0x000000, 0x202020}}},
	{name: "spiral", shader: spiral, object: true},
	{name: "lips", shader: lips, object: true, upright: true, inks: []ink{{0x701828, 0xe87880}, {0xa09880, 0xfffff4}, {0x100408, 0x401018}, skin}},
	{name: "face", shader: face, object: true, upright: true, inks: []ink{skin, {0x181008, 0x906840}, {0xd8d0c8, 0xffffff}, {0x080404, 0x503020}, {0x802030, 0xd87078}}},
	{name: "flower", shader: flower, object: true, inks: []ink{{0x801848, 0xffc8e0}, {0x503008, 0xf8c830}}},
	{name: "leaf", shader: leaf, object: true, inks: []ink{{0x183808, 0xa0c858}}},
	{name: "feather", shader: feather, object: true, inks: []ink{{0x484038, 0xe8e0d0}, {0x102038, 0x5088a0}, {0x806038, 0xf0e8d8}}},
	{name: "shell", shader: shell, object: true, inks: []ink{{0x704828, 0xf8e8d0}, {0x602818, 0xe8a080}}},
	{name: "butterfly", shader: butterfly, object: true, inks: []ink{{0xa03808, 0xf8b030}, {0x080408, 0x483828}, {0x80b0e0, 0xffffff}}},
	{name: "tree", shader: tree, object: true, upright: true, inks: []ink{{0x201008, 0x907050}, {0x102808, 0x90b850}}},
	{name: "flame", shader: flame, object: true, upright: true, inks: []ink{{0xb01800, 0xfff8a0}, {0x180c08, 0x785038}}},
	{name: "snowflake", shader: snowflake, object: true, inks: []ink{{0x7898c0, 0xffffff}}},
	{name: "mandala", shader: mandala, object: true, inks: []ink{{0x802028, 0xf0a050}, {0x183868, 0x80b8c8}, {0xb09868, 0xfff8e0}, {0x180810, 0x483038}}},
	{name: "wheel", shader: wheel, object: true, inks: []ink{{0x483828, 0xe0d0b8}, {0x080808, 0x584840}}},
	{name: "gear", shader: gear, object: true, inks: []ink{{0x302820, 0xd8d0b8}}},
	{name: "star", shader: star, object: true, inks: []ink{{0x906010, 0xffe870}, {0x402008, 0xffffe8}}},
	{name: "heart", shader: heart, object: true, inks: []ink{{0x780818, 0xf05060}, {0x400810, 0xffe8e8}}},
	{name: "arch", shader: arch, object: true, upright: true, inks: []ink{{0x604830, 0xf0dcb0}, {0x080808, 0x484858}, {0x704030, 0xe8b890}}},
	{name: "tower", shader: tower, object: true, upright: true, inks: []ink{{0x582018, 0xf0c8a0}, {0x182028, 0x80a098}, {0x080404, 0xa07030}}},
	{name: "cloud", shader: cloud, object: true, upright: true, inks: []ink{{0x687888, 0xffffff}, {0x406890, 0x90b8d8}}},
	{name: "mushroom", shader: mushroom, object: true, upright: true, inks: []ink{{0x601010, 0xe05838}, {0x786850, 0xfff8e8}}},
	{name: "fish", shader: fish, object: true, upright: true, inks: []ink{{0x385868, 0xe8e8d8}, {0x301808, 0xf08020}, {0x703010, 0xf8b040}, {0x000000, 0xf8f8e0}}},
	{name: "bird", shader: bird, object: true, upright: true, inks: []ink{{0x403020, 0xf0e8d8}, {0x101418, 0x6888b0}, {0x804010, 0xf0a830}, {0x000000, 0xf8f0d8}}},
	{name: "snake", shader: snake, object: true, inks: []ink{{0x283010, 0xc8c880}, {0x100c08, 0x804828}, {0x080000, 0xd02828}}},
}

// Colours that several classes have.
var (
	skin = ink{0x8a5a44, 0xf0c8a8}
)
