// Package licences holds the licences of everything that oneiro-farm is made of. They ask for their texts to go
// with each copy, so that they are part of the program and oneiro-farm licences prints them.
package licences

import _ "embed"

//go:generate go run ../../../internal/licences/_gen/main.go -program oneiro/farm/cmd/oneiro-farm

// Text is all licences, each with what it is of.
//
//go:embed licences.txt
var Text string
