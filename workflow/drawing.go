package workflow

import (
	"fmt"
	"strings"
)

// Label gives the label of a value of an enumeration, in the language of the
// page.
type Label func(enum, value string) string

// Drawing is the table as a state diagram in the language of Mermaid.
func (t Table) Drawing(label Label) string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	named := map[string]bool{}
	for _, m := range t.Moves {
		if !named[m.To] {
			named[m.To] = true
			fmt.Fprintf(&b, "\t%s: %s\n", m.To, label(t.Enum, m.To))
		}
	}
	for _, m := range t.Moves {
		for _, from := range m.From {
			if from == made {
				from = "[*]"
			}
			fmt.Fprintf(&b, "\t%s --> %s: %s\n", from, m.To, label("workflow.action", m.Action))
		}
	}
	for _, state := range t.Final {
		fmt.Fprintf(&b, "\t%s --> [*]\n", state)
	}
	return b.String()
}

// Page is the page of all tables in Markdown: a drawing of each, and who makes
// which move, what it needs and what it does to the clocks.
func Page(label Label) string {
	var b strings.Builder
	b.WriteString("# Workflows\n\nMade by `gridwalk docs workflow` from the tables in `workflow/`. Phones get the same tables from `GET /api/workflows`.\n")
	for _, t := range Tables() {
		fmt.Fprintf(&b, "\n## %s\n\n```mermaid\n%s```\n\n", t.Name, t.Drawing(label))
		b.WriteString("| action | from | to | who | needs | clocks |\n| --- | --- | --- | --- | --- | --- |\n")
		for _, m := range t.Moves {
			fmt.Fprintf(&b, "| `%s` %s | %s | `%s` | %s | %s | %s |\n", m.Action, label("workflow.action", m.Action), states(m.From), m.To,
				m.who(), codes(m.Needs), m.Clocks.words())
		}
	}
	return b.String()
}

func states(from []string) string {
	words := make([]string, len(from))
	for i, state := range from {
		if words[i] = "`" + state + "`"; state == made {
			words[i] = "new"
		}
	}
	return strings.Join(words, ", ")
}

func codes(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "`" + strings.Join(names, "`, `") + "`"
}

func (m Move) who() string {
	var words []string
	for _, p := range m.By {
		word := p.Relation
		if len(p.Roles) > 0 {
			word = strings.TrimSpace(p.Relation + " " + codes(p.Roles))
		}
		if p.AtMost > 0 {
			word += fmt.Sprintf(" (at most %d×)", p.AtMost)
		}
		words = append(words, word)
	}
	text := strings.Join(words, "; ")
	if m.WithinDays > 0 {
		text += fmt.Sprintf("; within %d days", m.WithinDays)
	}
	return text
}

func (c Clocks) words() string {
	var words []string
	for _, part := range []struct {
		verb   string
		stages []string
	}{{"starts", c.Starts}, {"stops", c.Stops}, {"pauses", c.Pauses}, {"resumes", c.Resumes}, {"extends", c.Extends}} {
		if len(part.stages) > 0 {
			words = append(words, part.verb+" "+codes(part.stages))
		}
	}
	return strings.Join(words, "; ")
}
