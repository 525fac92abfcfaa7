package merge

import (
	"cmp"
	"slices"
	"strings"
)

// part is a piece of a running text and when it was written.
type part struct {
	text  string
	stamp Stamp
}

// appended keeps what both sides wrote. Who rewrites a text that nobody else
// has touched may do so. If everybody only added to what he saw, the result is
// the text at base and then everybody's addition on a line of its own, ordered
// by stamp. If somebody rewrote the text, the edit's addition is put behind the
// text that it continues; without such a place both texts stand whole.
func (m meeting) appended() (any, *Version, bool) {
	present, ok1 := text(m.present.Value)
	sent, ok2 := text(m.edit.Value)
	switch {
	case !ok1 || !ok2:
		return nil, nil, false
	case m.alone():
		return sent, nil, true
	}
	whole := []part{{present, m.present.Stamp}, {sent, m.edit.Stamp}}
	if !m.known {
		return together(whole), nil, true
	}
	if parts, ok := additions(append(slices.Clone(m.since), Change{m.edit, m.saw})); ok {
		base, _ := text(m.base)
		return line(base, together(parts)), nil, true
	}
	saw, _ := text(m.saw)
	if before, after, found := strings.Cut(present, saw); found && saw != "" && strings.HasPrefix(sent, saw) {
		return before + line(sent, after), nil, true
	}
	return together(whole), nil, true
}

// alone reports whether nobody else has asked for anything since base.
func (m meeting) alone() bool {
	if !m.known {
		return !m.contested
	}
	return !slices.ContainsFunc(m.since, func(c Change) bool { return !c.sameOutbox(m.edit) })
}

// additions returns what every change added to the end of what it saw, false
// if one did anything else.
func additions(changes []Change) ([]part, bool) {
	var parts []part
	for _, c := range changes {
		saw, _ := text(c.Saw)
		wrote, _ := text(c.Value)
		added, ok := strings.CutPrefix(wrote, saw)
		if !ok {
			return nil, false
		}
		parts = append(parts, part{added, c.Stamp})
	}
	return parts, true
}

// together joins parts by lines in the order of their stamps. A part that
// begins another is in it already.
func together(parts []part) string {
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(a.stamp, b.stamp) })
	var texts []string
next:
	for _, p := range parts {
		t := strings.Trim(p.text, "\n")
		for i := range texts {
			if strings.HasPrefix(texts[i], t) {
				continue next
			}
			if strings.HasPrefix(t, texts[i]) {
				texts[i] = t
				continue next
			}
		}
		texts = append(texts, t)
	}
	return strings.Join(texts, "\n")
}

// line puts b behind a on a line of its own.
func line(a, b string) string {
	if a == "" || b == "" || strings.HasSuffix(a, "\n") || strings.HasPrefix(b, "\n") {
		return a + b
	}
	return a + "\n" + b
}

func text(v any) (string, bool) {
	s, ok := v.(string)
	return s, ok || v == nil
}
