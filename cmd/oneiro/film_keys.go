package main

import (
	"os"

	"oneiro/internal/option"
	"oneiro/render"
)

// readKeys puts what is in the file of --keys in the place of its name.
func readKeys(values option.Values) error {
	path := values["keys"]
	if path == "" || path[0] == '[' { // as a recipe has it
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return &usageError{"--keys cannot be read: " + err.Error(), "check the path"}
	}
	var keys render.Keys
	if err := keys.UnmarshalText(text); err != nil {
		return &usageError{"--keys " + quote(path) + " cannot be used: " + err.Error(),
			`it is like [{"frame": 60, "objective": "l2=LAYER", "zoom": 1.03}], with frames from 2 on in order`}
	}
	text, _ = keys.MarshalText()
	values["keys"] = string(text)
	return nil
}
