package sdk

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"

	"gridwalk/merge"
	"gridwalk/sealed"
	"gridwalk/workflow"
)

// Schema writes src/schema.ts: the records of the given collections, what a
// phone may write of them, and the moves of those that are worked on. label
// gives the word for a value of an enumeration.
func Schema(collections []*core.Collection, tables []workflow.Table, label func(enum, value string) string) (string, error) {
	w := &writer{}
	w.line("// Made by `gridwalk docs sdk` from the schema, the merge policies and the workflows. Do not edit.")
	w.line("")
	w.line("/** The records as a server gives them, by their collection. */")
	w.block("export interface Records {", func() {
		for _, c := range collections {
			w.block(c.Name+": {", func() { w.fields(c) })
		}
	})
	w.line("/** The fields that a phone may write, with the rule by which they are merged. */")
	w.block("export interface Writable {", func() {
		for _, c := range collections {
			w.line("%s: %s;", c.Name, union(writable(c, func(merge.Policy) bool { return true })))
		}
	})
	w.line("/** Those of them that stay as the record was created. */")
	w.block("export interface Fixed {", func() {
		for _, c := range collections {
			w.line("%s: %s;", c.Name, union(writable(c, func(p merge.Policy) bool { return p == merge.Frozen })))
		}
	})
	w.line("/** Those without which a record is not stored. */")
	w.block("export interface Needed {", func() {
		for _, c := range collections {
			w.line("%s: %s;", c.Name, union(needed(c)))
		}
	})
	flows := map[string]workflow.Table{}
	w.line("/** The moves of workflows: whether they make a record, move one, and the fields that must be filled. */")
	w.block("export interface Actions {", func() {
		for _, c := range collections {
			i := slices.IndexFunc(tables, func(t workflow.Table) bool { return t.Name+"s" == c.Name })
			if i < 0 {
				continue
			}
			flows[c.Name] = tables[i]
			w.block(c.Name+": {", func() { w.moves(tables[i], writable(c, func(merge.Policy) bool { return true }), label) })
		}
	})
	w.line("export interface Workflow {\n\tname: string;\n\tmoves: Move[];")
	w.line("\t/** The stages whose clocks may run in a state; the record has their ends in due_<stage>. */\n\trunning: Record<string, string[]>;\n}\n")
	w.line("export interface Move {")
	w.line("\taction: string;\n\t/** States that it leads out of; \"\" makes a record. */\n\tfrom: string[];\n\tto: string;")
	w.line("\t/** Who may make it: any of these. */\n\tby: { roles?: string[]; relation?: string; at_most?: number }[];")
	w.line("\t/** Fields that must be filled. */\n\tneeds?: string[];\n\treopens?: boolean;\n\twithin_days?: number;\n}\n")
	w.line("/** The state machines, by the collection that they move. */")
	w.line("export const workflows: { [C in keyof Actions]: Workflow } = {")
	for _, c := range collections {
		if t, ok := flows[c.Name]; ok {
			if err := w.table(c.Name, t); err != nil {
				return "", err
			}
		}
	}
	w.line("};\n")
	names := make([]string, len(collections))
	for i, c := range collections {
		names[i] = fmt.Sprintf("%q", c.Name)
	}
	w.line("/** The collections that are replicated. */")
	w.line("export const names: (keyof Records)[] = [%s];", strings.Join(names, ", "))
	return w.text.String(), nil
}

// writer writes indented lines.
type writer struct {
	text  strings.Builder
	depth int
}

func (w *writer) line(format string, args ...any) {
	if format != "" {
		w.text.WriteString(strings.Repeat("\t", w.depth))
	}
	fmt.Fprintf(&w.text, format+"\n", args...)
}

func (w *writer) block(head string, inside func()) {
	w.line("%s", head)
	w.depth++
	inside()
	w.depth--
	if w.line("}"); w.depth == 0 {
		w.line("")
	}
}

func (w *writer) fields(c *core.Collection) {
	for _, field := range c.Fields {
		if field.GetHidden() {
			continue
		}
		if help := helpOf(field); help != "" {
			w.line("/** %s */", strings.ReplaceAll(help, "*/", ""))
		}
		w.line("%s: %s;", field.GetName(), typeOf(field))
	}
}

func (w *writer) moves(t workflow.Table, fields []string, label func(enum, value string) string) {
	for _, m := range t.Moves {
		if len(m.By) == 1 && m.By[0].Relation == workflow.Server {
			continue
		}
		starts := slices.Contains(m.From, "")
		goes := len(m.From) > 1 || !starts
		needs := slices.DeleteFunc(slices.Clone(m.Needs), func(f string) bool { return !slices.Contains(fields, f) })
		w.line("/** %s → %s */", label("workflow.action", m.Action), label(t.Enum, m.To))
		w.line("%s: { starts: %t; goes: %t; needs: %s };", m.Action, starts, goes, union(needs))
	}
}

// table writes a state machine. Which clocks a move starts and stops is the
// server's business; which run in a state tells a phone what is due next.
func (w *writer) table(collection string, t workflow.Table) error {
	running := map[string][]string{}
	w.line("\t%s: {\n\t\tname: %q,\n\t\tmoves: [", collection, t.Name)
	for _, m := range t.Moves {
		if stages := t.Running(m.To); len(stages) > 0 {
			running[m.To] = stages
		}
		m.Clocks = workflow.Clocks{}
		raw, err := json.Marshal(m)
		if err != nil {
			return fmt.Errorf("write the workflow of %s: %w", collection, err)
		}
		w.line("\t\t\t%s,", raw)
	}
	raw, err := json.Marshal(running)
	if err != nil {
		return fmt.Errorf("write the clocks of %s: %w", collection, err)
	}
	w.line("\t\t],\n\t\trunning: %s,\n\t},", raw)
	return nil
}

// writable lists the fields of a collection that phones write, by a condition on
// their policies.
func writable(c *core.Collection, which func(merge.Policy) bool) (names []string) {
	policies := merge.Collections[c.Name]
	for _, field := range c.Fields {
		policy, ok := policies[field.GetName()]
		if ok && policy != merge.Server && which(policy) {
			names = append(names, field.GetName())
		}
	}
	return names
}

// needed lists the fields that a phone must fill when it makes a record. The
// grid and the officer follow from who makes it and for whom.
func needed(c *core.Collection) (names []string) {
	for _, name := range writable(c, func(merge.Policy) bool { return true }) {
		if name != "grid" && name != "officer" && required(c.Fields.GetByName(name)) {
			names = append(names, name)
		}
	}
	return names
}

func union(values []string) string {
	if len(values) == 0 {
		return "never"
	}
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = fmt.Sprintf("%q", value)
	}
	return strings.Join(quoted, " | ")
}

// typeOf gives the TypeScript type of a field's values.
func typeOf(field core.Field) string {
	switch f := sealed.Plain(field).(type) {
	case *core.NumberField:
		return "number"
	case *core.BoolField:
		return "boolean"
	case *core.JSONField:
		return "unknown"
	case *core.GeoPointField:
		return "{ lon: number; lat: number }"
	case *core.SelectField:
		if f.IsMultiple() {
			return "(" + union(f.Values) + ")[]"
		}
		return `"" | ` + union(f.Values)
	case core.MultiValuer:
		if f.IsMultiple() {
			return "string[]"
		}
	}
	return "string"
}

// helpOf gives the help of a field, which is its name in both languages.
func helpOf(field core.Field) string { return described(field).Help }

func required(field core.Field) bool { return described(field).Required }

// described is what a field says of itself, as PocketBase shows it to clients:
// its kinds have no common way to ask.
func described(field core.Field) (d description) {
	raw, err := json.Marshal(field)
	if err != nil || json.Unmarshal(raw, &d) != nil {
		return description{}
	}
	return d
}

type description struct {
	Help     string
	Required bool
}
