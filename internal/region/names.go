package region

// named are the colours that have names. Several may share one.
var named = []struct {
	name   string
	colour [3]uint8
}{
	{"black", [3]uint8{0, 0, 0}}, {"white", [3]uint8{255, 255, 255}}, {"gray", [3]uint8{128, 128, 128}},
	{"gray", [3]uint8{192, 192, 192}}, {"gray", [3]uint8{80, 80, 80}},
	{"red", [3]uint8{255, 0, 0}}, {"red", [3]uint8{200, 30, 30}}, {"red", [3]uint8{128, 0, 0}},
	{"green", [3]uint8{0, 255, 0}}, {"green", [3]uint8{0, 128, 0}}, {"green", [3]uint8{60, 180, 75}},
	{"blue", [3]uint8{0, 0, 255}}, {"blue", [3]uint8{0, 0, 128}}, {"blue", [3]uint8{0, 110, 230}},
	{"yellow", [3]uint8{255, 255, 0}}, {"yellow", [3]uint8{255, 220, 25}},
	{"cyan", [3]uint8{0, 255, 255}}, {"cyan", [3]uint8{70, 200, 230}}, {"cyan", [3]uint8{0, 128, 128}},
	{"magenta", [3]uint8{255, 0, 255}}, {"magenta", [3]uint8{230, 50, 230}},
	{"orange", [3]uint8{255, 128, 0}}, {"orange", [3]uint8{255, 165, 0}},
	{"purple", [3]uint8{128, 0, 128}}, {"purple", [3]uint8{140, 30, 190}},
	{"brown", [3]uint8{140, 70, 20}}, {"brown", [3]uint8{165, 42, 42}},
	{"pink", [3]uint8{255, 192, 203}}, {"pink", [3]uint8{255, 130, 190}},
}

// called returns the name of the nearest colour that has one, and how far it is.
func called(colour [3]uint8) (name string, distance float64) {
	distance = -1
	to := toOkLab(colour)
	for _, n := range named {
		if d := to.distance(toOkLab(n.colour)); distance < 0 || d < distance {
			name, distance = n.name, d
		}
	}
	return name, distance
}

// name gives each region the name of its colour. Of several with one name the nearest keeps it.
func (m *Map) name() {
	owner, least := map[string]int{}, map[string]float64{}
	for i := range m.Regions {
		m.Regions[i].Name = ""
		name, d := called(m.Regions[i].Colour)
		if _, taken := owner[name]; !taken || d < least[name] {
			owner[name], least[name] = i, d
		}
	}
	for name, i := range owner {
		m.Regions[i].Name = name
	}
}
