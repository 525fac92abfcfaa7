package merge

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
)

// Normalize returns v in the only types that this package compares: string,
// float64, bool, nil, []any and map[string]any. Anything else becomes what it
// is in JSON. A value that JSON cannot hold (NaN, a channel) is an error.
//
// It knows no schema: null, "" and 0 are three values. A caller whose storage
// takes them for one casts them first.
func Normalize(v any) (any, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("merge: not a JSON value: %w", err)
	}
	var normal any
	if err := json.Unmarshal(text, &normal); err != nil {
		return nil, fmt.Errorf("merge: not a JSON value: %w", err)
	}
	return plain(normal), nil
}

// plain makes every minus zero inside v a zero.
func plain(v any) any {
	switch v := v.(type) {
	case float64:
		return v + 0
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = plain(v[k])
		}
	}
	return v
}

// Equal reports whether two normalised values are the same. The order of the
// keys of an object does not matter, that of the elements of a list does.
func Equal(a, b any) bool { return reflect.DeepEqual(a, b) }

// Canonical returns the JSON text of a normalised value, with sorted keys:
// equal values have equal texts.
func Canonical(v any) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(fmt.Sprintf("merge: %T is not normalised: %v", v, err))
	}
	return string(bytes.TrimSuffix(text.Bytes(), []byte("\n")))
}

// empty reports whether v says nothing.
func empty(v any) bool { return v == nil || v == "" }

// order compares two values of one type that has an order. Something is more
// than nothing; values without an order are equal.
func order(a, b any) int {
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return cmp.Compare(x, y)
		}
	case float64:
		if y, ok := b.(float64); ok {
			return cmp.Compare(x, y)
		}
	}
	switch {
	case empty(a) && !empty(b):
		return -1
	case empty(b) && !empty(a):
		return 1
	}
	return 0
}

// elements returns the values of a set by their canonical text. Nothing is the
// empty set, and a value that is no list is a set of one.
func elements(v any) map[string]any {
	set := map[string]any{}
	list, ok := v.([]any)
	if !ok && !empty(v) {
		list = []any{v}
	}
	for _, e := range list {
		set[Canonical(e)] = e
	}
	return set
}

// sorted returns the elements of a set as a list in the order of their
// canonical texts, so that equal sets are equal values.
func sorted(set map[string]any) []any {
	keys := make([]string, 0, len(set))
	for k := range set {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	list := make([]any, len(keys))
	for i, k := range keys {
		list[i] = set[k]
	}
	return list
}
