// Package dict is the one place where every enumeration of gridwalk stands,
// with its Chinese and English labels. The choices of the schema, the labels on
// phones and the documentation are made from it.
package dict

import "strings"

// Entry is one value of an enumeration.
type Entry struct{ Value, ZH, EN string }

// Enum is a closed list of values in the order in which people see them.
type Enum struct {
	Name    string // for example "visit.purpose"
	ZH      string
	Entries []Entry
}

// Values are the machine names in order.
func (e Enum) Values() []string {
	values := make([]string, len(e.Entries))
	for i, entry := range e.Entries {
		values[i] = entry.Value
	}
	return values
}

// All gives every enumeration, in a stable order.
func All() []Enum {
	var all []Enum
	for _, group := range []string{places, people, fieldwork, matters, meetings, disputes} {
		all = append(all, parse(group)...)
	}
	return all
}

// Lookup finds an enumeration by name.
func Lookup(name string) (Enum, bool) {
	for _, enum := range All() {
		if enum.Name == name {
			return enum, true
		}
	}
	return Enum{}, false
}

// Values are the machine names of the enumeration name, nil when there is none.
func Values(name string) []string {
	enum, _ := Lookup(name)
	return enum.Values()
}

// Label is the label of a value in "zh" or "en", and the value itself when it
// is not known.
func Label(enum, value, lang string) string {
	e, _ := Lookup(enum)
	for _, entry := range e.Entries {
		if entry.Value == value {
			if lang == "zh" {
				return entry.ZH
			}
			return entry.EN
		}
	}
	return value
}

// parse reads enumerations written as one header line «name 中文» and then one
// indented line «value 中文 [English]» for each value. Without English words the
// label is the machine name in sentence case.
func parse(text string) []Enum {
	var enums []Enum
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		if line[0] != '\t' {
			enums = append(enums, Enum{Name: fields[0], ZH: fields[1]})
			continue
		}
		entry := Entry{Value: fields[0], ZH: fields[1], EN: strings.Join(fields[2:], " ")}
		if entry.EN == "" {
			entry.EN = sentence(entry.Value)
		}
		last := &enums[len(enums)-1]
		last.Entries = append(last.Entries, entry)
	}
	return enums
}

// sentence turns a machine name into words: "near_edge" becomes "Near edge".
func sentence(value string) string {
	words := strings.ReplaceAll(value, "_", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}
