package studio

import (
	"errors"
	"net/http"
	"strconv"
)

// Error is an error as the page shows it.
type Error struct {
	Status int    `json:"-"`
	Text   string `json:"error"`
	Hint   string `json:"hint,omitempty"`
	// Option is the option or the input that it is about; empty for none.
	Option string `json:"option,omitempty"`

	mistakes []mistake // that the program found
}

func (e *Error) Error() string { return e.Text }

// of says which option or input the error is about.
func (e *Error) of(option string) *Error {
	e.Option = option
	return e
}

// refused reports a request that makes no sense.
func refused(text, hint string) *Error {
	return &Error{Status: http.StatusBadRequest, Text: text, Hint: hint}
}

// absent reports something that does not exist, or that may not be seen.
func absent(text string) *Error { return &Error{Status: http.StatusNotFound, Text: text} }

// conflict reports a request that does not fit the state of things.
func conflict(text, hint string) *Error {
	return &Error{Status: http.StatusConflict, Text: text, Hint: hint}
}

// asError returns any error as the page shows it.
func asError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	e := &Error{Status: http.StatusInternalServerError, Text: err.Error()}
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &Error{Status: http.StatusRequestEntityTooLarge,
			Text: "what was sent is larger than " + megabytes(large.Limit)}
	}
	if h, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok {
		e.Hint = h.Hint()
	}
	return e
}

// quoted makes a word that somebody sent visible.
func quoted(s string) string {
	const longest = 100
	if len(s) > longest {
		return strconv.Quote(s[:longest]) + "..."
	}
	return strconv.Quote(s)
}

func megabytes(n int64) string { return strconv.FormatInt(n>>20, 10) + " MiB" }
