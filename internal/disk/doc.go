// Package disk says how much room there is for files.
package disk
