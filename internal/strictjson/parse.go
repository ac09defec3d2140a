package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

const (
	// MaxSize is the largest file that is read, in bytes.
	MaxSize = 1 << 20
	// MaxDepth is the deepest nesting of objects and lists.
	MaxDepth = 32
	// MaxProblems is how many problems are kept; one more says how many were left out.
	MaxProblems = 50
)

// errTooDeep ends the walk of a file that nests deeper than MaxDepth.
var errTooDeep = fmt.Errorf("nested deeper than %d levels", MaxDepth)

// node is one value: nil (null), bool, string, json.Number, *object or list.
type node any

// list holds the values of a JSON array.
type list []node

// object holds the members of a JSON object by their first occurrence.
type object struct {
	keys   []string // in the order of the file
	values map[string]node
	again  map[string][]node // what else was given for a key, in order
}

// tree parses data, whose keys given twice go to c.
func tree(data []byte, c *collector) (*object, error) {
	data = bytes.TrimPrefix(data, []byte("\uFEFF")) // editors on Windows write it
	if !utf8.Valid(data) {
		return nil, errors.New("not UTF-8 text")
	}
	// The syntax of the whole is checked first: the errors of the walk below
	// count their offsets from one token or another.
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		return nil, syntax(data, err)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("must be one JSON object, {…}")
	}
	return members(dec, c, "", 1)
}

// members reads an object whose opening brace was read.
func members(dec *json.Decoder, c *collector, path string, depth int) (*object, error) {
	o := &object{values: map[string]node{}}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, err
		}
		key, ok := t.(string)
		if !ok { // the decoder refuses it first; never trust that with a panic
			return nil, errors.New("a key must be a string")
		}
		at := join(path, key)
		v, err := value(dec, c, at, depth)
		if err != nil {
			return nil, err
		}
		if _, twice := o.values[key]; twice {
			c.add(at, "the key is given twice")
			if o.again == nil {
				o.again = map[string][]node{}
			}
			o.again[key] = append(o.again[key], v)
			continue
		}
		o.keys = append(o.keys, key)
		o.values[key] = v
	}
	_, err := dec.Token() // the closing brace
	return o, err
}

// value reads one value of any kind; depth is that of its parent.
func value(dec *json.Decoder, c *collector, path string, depth int) (node, error) {
	t, err := dec.Token()
	if err != nil {
		return nil, err
	}
	d, ok := t.(json.Delim)
	if !ok {
		return t, nil
	}
	if depth++; depth > MaxDepth {
		return nil, errTooDeep
	}
	if d == '{' {
		return members(dec, c, path, depth)
	}
	l := list{}
	for dec.More() {
		v, err := value(dec, c, element(path, len(l)), depth)
		if err != nil {
			return nil, err
		}
		l = append(l, v)
	}
	_, err = dec.Token() // the closing bracket
	return l, err
}

// syntax words an error of encoding/json with the place where it stopped.
func syntax(data []byte, err error) error {
	s, ok := errors.AsType[*json.SyntaxError](err)
	if !ok || s.Error() == "unexpected end of JSON input" { // its text is all that tells
		return errors.New("the file ends inside a value")
	}
	return fmt.Errorf("%s: %w", position(data, s.Offset-1), err)
}

// position returns "line 3, column 7" for an offset, both counted from one.
func position(data []byte, offset int64) string {
	before := data[:max(0, min(offset, int64(len(data))))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Sprintf("line %d, column %d", line, column)
}
