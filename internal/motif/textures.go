package motif

// textures are the classes of motifs that go on for ever.
var textures = []Class{
	{Name: "brick", New: brick, Inks: []Ink{{0x702818, 0xc86848}, {0x807868, 0xc8c0b0}}},
	{Name: "tiles", New: tiles, Upright: true, Span: [2]float64{3.5, 7}, Inks: []Ink{{0x401008, 0xe08858}}},
	{Name: "windows", New: windows, Upright: true, Span: [2]float64{2, 5}, Inks: []Ink{{0x806850, 0xd8c0a0}, {0xa09888, 0xf8f4ec}, {0x101820, 0x6890b0}, {0xd89030, 0xffe8a0}, {0x183828, 0x488068}}},
	{Name: "honeycomb", New: honeycomb, Inks: []Ink{{0x805010, 0xf8d070}, {0x301000, 0xe89018}}},
	{Name: "dots", New: dots, Inks: []Ink{{0x201830, 0xf0e0d8}, {0xa01828, 0xfff8f0}}},
	{Name: "checker", New: checker, Inks: []Ink{{0xa89878, 0xf8f0e0}, {0x000000, 0x503830}}},
	{Name: "stripes", New: stripes, Inks: []Ink{{0x182850, 0xf0ece0}, {0x801820, 0xf0d080}, {0x104838, 0xffffff}}},
	{Name: "zigzag", New: chevrons, Inks: []Ink{{0x202020, 0xf8f0e0}, {0xa03018, 0xf0b048}, {0x185868, 0x88d0c8}}},
	{Name: "plaid", New: plaid, Inks: []Ink{{0x600810, 0xd83030}, {0x081830, 0x386048}, {0x101010, 0xf0e8d0}}},
	{Name: "weave", New: weave, Inks: []Ink{{0x584020, 0xe8c888}, {0x402808, 0xc89858}, {0x100800, 0x302010}}},
	{Name: "knit", New: knit, Inks: []Ink{{0x401820, 0xd85858}, {0x686058, 0xf8f0e0}}},
	{Name: "mosaic", New: mosaic, Span: [2]float64{6, 12}, Inks: []Ink{{0x203858, 0x6898c0}, {0x803018, 0xd88850}, {0xb0a080, 0xf8f0d8}, {0x504840, 0x908878}}},
	{Name: "glass", New: stainedGlass, Span: [2]float64{2.5, 5.5}, Inks: []Ink{{0x780010, 0xf84030}, {0x001868, 0x3080f8}, {0x805000, 0xffd838}, {0x004020, 0x38c060}, {0x482060, 0xd8b8e8}, {0x080808, 0x282828}}},
	{Name: "marble", New: marble, Inks: []Ink{{0x404048, 0xf4f0ec}}},
	{Name: "cracks", New: cracks, Inks: []Ink{{0x201008, 0xd8b890}}},
	{Name: "turing", New: turing, Span: [2]float64{3, 9}, Inks: []Ink{{0x181008, 0x604020}, {0xb08038, 0xf8e8b8}}},
	{Name: "maze", New: maze, Span: [2]float64{4, 9}, Inks: []Ink{{0xa09070, 0xf0e8d0}, {0x082808, 0x508840}}},
	{Name: "contours", New: contours, Span: [2]float64{3, 6}, Inks: []Ink{{0x88a868, 0xf8f0d8}, {0x603818, 0xa87848}}},
	{Name: "hatching", New: hatching, Span: [2]float64{2.5, 5.5}, Inks: []Ink{{0xd8c8a8, 0xfcf8f0}, {0x080808, 0x403028}}},
	{Name: "crosshatch", New: crosshatch, Span: [2]float64{2.5, 5.5}, Inks: []Ink{{0xd8c8a8, 0xfcf8f0}, {0x080808, 0x403028}}},
	{Name: "strokes", New: strokes, Inks: []Ink{{0x102868, 0x78b0e8}, {0x305018, 0xc8c050}, {0xa84810, 0xf8d880}}},
	{Name: "points", New: points, Span: [2]float64{6, 12}, Inks: []Ink{{0x182880, 0x68a0e8}, {0x206030, 0xa0d060}, {0xd09010, 0xfff070}, {0xb02818, 0xf89070}, {0xb0a890, 0xf8f4e8}}},
	{Name: "letters", New: letters, Upright: true, Span: [2]float64{1.6, 5}, Inks: []Ink{{0x201810, 0xf8f4e8}, {0x080808, 0xf0e8d8}}},
	{Name: "pebbles", New: pebbles, Inks: []Ink{{0x504840, 0xb8a890}, {0x404850, 0xa8b0b8}, {0x804830, 0xe0c0a0}, {0x080808, 0x302820}}},
}
