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
	ZH, EN  string
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

// All gives every enumeration, in a stable order. Matters of the category
// dispute are divided like disputes, and that list is written only once.
func All() []Enum {
	var all []Enum
	for _, group := range []string{places, people, fieldwork, matters, meetings, services, disputes, workflow} {
		all = append(all, parse(group)...)
	}
	for _, enum := range all {
		if enum.Name == "dispute_type" {
			enum.Name = "matter.subcategory.dispute"
			return append(all, enum)
		}
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
	enum, ok := Lookup(name)
	if !ok {
		return nil
	}
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

// parse reads enumerations written as one header line «name 中文 [English]» and
// then one indented line «value 中文 [English]» for each value. Without English
// words the label is the machine name in sentence case.
func parse(text string) []Enum {
	var enums []Enum
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		name, zh, en := fields[0], fields[1], strings.Join(fields[2:], " ")
		if en == "" {
			en = sentence(name)
		}
		if line[0] != '\t' {
			enums = append(enums, Enum{Name: name, ZH: zh, EN: en})
			continue
		}
		last := &enums[len(enums)-1]
		last.Entries = append(last.Entries, Entry{Value: name, ZH: zh, EN: en})
	}
	return enums
}

// sentence turns a machine name into words: "near_edge" becomes "Near edge",
// "visit.purpose" becomes "Visit purpose".
func sentence(name string) string {
	words := strings.NewReplacer("_", " ", ".", " ").Replace(name)
	return strings.ToUpper(words[:1]) + words[1:]
}
