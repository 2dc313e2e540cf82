package render

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Hash returns the SHA-256 of what a recipe asks for: command, inputs by their content, network, options, seed,
// and the step if that is not the last. Recipes with the same hash are of the same picture. What it was
// computed with has no part in it (version, engine, the pixels that came out and their score), and neither have
// names of files.
func (r *Recipe) Hash() string {
	asked := *r
	asked.Version, asked.Engine, asked.Pixels, asked.Score = "", RecipeEngine{}, "", nil
	asked.Network.File, asked.Network.Bytes = "", 0
	asked.Inputs = make([]Input, len(r.Inputs))
	for i, in := range r.Inputs {
		in.Name, in.Bytes = "", 0
		asked.Inputs[i] = in
	}
	text, err := json.Marshal(asked) // members of a map are sorted
	if err != nil {
		panic(err) // there is nothing in it that JSON does not have
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
