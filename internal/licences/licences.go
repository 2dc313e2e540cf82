// Package licences holds the licences of everything that the program is made of. They ask for their
// texts to go with each copy, so that they are part of the program and oneiro licences prints them.
package licences

import _ "embed"

//go:generate go run _gen/main.go

// Text is all licences, each with what it is of. Texts of parts that are no Go modules are in
// parts; those of modules come from the modules.
//
//go:embed licences.txt
var Text string
