package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// form is what somebody sent and what is wrong with it, by field, so that
// the page can be shown again with both. The zero value is an empty form.
type form struct {
	url.Values
	Errors map[string]string
}

func newForm(r *http.Request) *form { return &form{Values: r.PostForm} }

// fail keeps the first problem of a field.
func (f *form) fail(field, problem string) {
	if f.Errors == nil {
		f.Errors = map[string]string{}
	}
	if f.Errors[field] == "" {
		f.Errors[field] = problem
	}
}

func (f *form) ok() bool { return len(f.Errors) == 0 }

// text returns a field without the space around it, of least to most
// characters. Line breaks may stand in it where most is over 200.
func (f *form) text(field string, least, most int) string {
	s := strings.TrimSpace(strings.ReplaceAll(f.Get(field), "\r\n", "\n"))
	n := utf8.RuneCountInString(s)
	odd := func(c rune) bool { return unicode.IsControl(c) && (c != '\n' || most <= 200) }
	switch {
	case n < least && least == 1 || n == 0 && least > 0:
		f.fail(field, "This is needed.")
	case n < least:
		f.fail(field, fmt.Sprintf("Use at least %d characters.", least))
	case n > most:
		f.fail(field, fmt.Sprintf("Use at most %d characters.", most))
	case !utf8.ValidString(s) || strings.ContainsFunc(s, odd):
		f.fail(field, "This holds a character that cannot be shown.")
	}
	return s
}

// number returns a whole number from least to most.
func (f *form) number(field string, least, most int64) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(f.Get(field)), 10, 64)
	if err != nil || n < least || n > most {
		f.fail(field, fmt.Sprintf("Enter a whole number from %d to %d.", least, most))
	}
	return n
}

// password returns a password that may be used as a new one.
func (f *form) password() string {
	s := f.Get("password")
	switch {
	case utf8.RuneCountInString(s) < minPassword:
		f.fail("password", "Use at least 10 characters.")
	case len(s) > maxPassword:
		f.fail("password", "Use at most 72 bytes; letters beyond a to z count more than one.")
	}
	return s
}

// choice returns a field that must be one of the options.
func (f *form) choice(field string, options []string) string {
	s := f.Get(field)
	if !slices.Contains(options, s) {
		f.fail(field, "Choose one of these.")
	}
	return s
}

// field is one labelled input of a page, with its value and its problem.
type field struct {
	Name, Label, Type, Value, Problem string
	Auto                              string // the autocomplete attribute
	Max                               int
	Options                           []string
}

// newField is the template function "field". Passwords are never sent back.
func newField(f *form, name, label, typ string, limit int, auto string, options ...[]string) (field, error) {
	if f == nil {
		return field{}, fmt.Errorf("field %s: the page has no form", name)
	}
	x := field{Name: name, Label: label, Type: typ, Max: limit, Auto: auto, Problem: f.Errors[name]}
	if typ != "password" {
		x.Value = f.Get(name)
	}
	for _, o := range options {
		x.Options = append(x.Options, o...)
	}
	return x, nil
}
