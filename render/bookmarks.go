package render

import (
	"slices"
	"sort"
	"strings"

	"oneiro/internal/nearest"
	"oneiro/nn"
)

// bookmarks are the objectives of words, by the names of networks. Each was kept because a person found in a
// dream of it what the word says; docs/dreams.md shows them.
var bookmarks = map[string]map[string]string{
	"googlenet": {
		"baskets":    "channel=463:layer=inception_4d/output",
		"berries":    "channel=6:layer=inception_3b/output",
		"birds":      "channel=288:layer=inception_4a/output,channel=344:layer=inception_4c/output",
		"bottles":    "channel=279:layer=inception_4a/output",
		"cars":       "channel=203:layer=inception_4d/output",
		"cats":       "channel=471:layer=inception_4d/output",
		"curls":      "channel=462:layer=inception_4b/output",
		"dogs":       "channel=298:layer=inception_4b/output",
		"eyes":       "channel=46:layer=inception_4c/output,channel=260:layer=inception_3b/output",
		"foxes":      "channel=474:layer=inception_4d/output",
		"frogs":      "channel=240:layer=inception_4a/output",
		"houses":     "channel=198:layer=inception_4d/output",
		"people":     "channel=242:layer=inception_4b/output",
		"pots":       "channel=299:layer=inception_4a/output",
		"pumpkins":   "channel=350:layer=inception_4a/output",
		"shrubs":     "channel=478:layer=inception_4a/output",
		"starfish":   "channel=806:layer=inception_4e/output",
		"telephones": "channel=50:layer=inception_4d/output",
		"temples":    "channel=366:layer=inception_4c/output",
	},
	nn.Builtin().Name: {
		"bricks":     "class=brick",
		"bubbles":    "class=bubbles",
		"eyes":       "class=eye",
		"fur":        "class=fur",
		"glass":      "class=glass",
		"honeycomb":  "class=honeycomb",
		"lips":       "class=lips",
		"maze":       "class=maze",
		"mosaic":     "class=mosaic",
		"patterns":   "class=honeycomb,class=scales,class=waves",
		"plaid":      "class=plaid",
		"scales":     "class=scales",
		"shells":     "class=shell",
		"snowflakes": "class=snowflake",
		"stripes":    "class=stripes",
		"waves":      "class=waves",
		"weave":      "class=weave",
		"windows":    "class=windows",
		"zigzag":     "class=zigzag",
	},
}

// BookmarkNames returns the words for a network, sorted; none if it has no table.
func BookmarkNames(net *nn.Network) []string {
	var all []string
	for name := range bookmarks[net.Name] {
		all = append(all, name)
	}
	sort.Strings(all)
	return all
}

// takeBookmarks makes objectives of the words. The error is an *OptionError.
func (o *AimOptions) takeBookmarks(net *nn.Network) error {
	names := BookmarkNames(net)
	for _, word := range o.Bookmarks {
		if !slices.Contains(names, word) {
			if len(names) == 0 {
				return mistake("bookmark", "choose the built-in network or a GoogLeNet, or name layers and channels",
					"cannot be used: there are none for %s", net.Name)
			}
			return mistake("bookmark", nearest.Hint(nearest.Names(word, names, 3),
				"choose from "+strings.Join(names, ", ")),
				"names %q, which %s has none for", word, net.Name)
		}
		var aims Aims
		if err := aims.UnmarshalText([]byte(bookmarks[net.Name][word])); err != nil {
			panic(err) // a mistake in the table
		}
		o.Objectives = append(o.Objectives, aims...)
	}
	o.Bookmarks = nil
	return nil
}
