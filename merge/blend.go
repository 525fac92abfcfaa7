package merge

import "math"

// blends make one value of two. ok is false for values that they cannot blend.
var blends = map[string]func(meeting) (value any, lost *Version, ok bool){
	"union":  meeting.union,
	"append": meeting.appended,
	"sum":    meeting.sum,
}

// blend returns the version that both sides make together, and one of which a
// part was lost in it, if any.
func (m meeting) blend() (together Version, lost *Version, ok bool) {
	blend, ok := blends[m.policy.kind]
	if !ok {
		return Version{}, nil, false
	}
	together = m.edit
	together.Stamp = max(m.edit.Stamp, m.present.Stamp)
	together.Value, lost, ok = blend(m)
	return together, lost, ok
}

// union applies what the edit put in and took out to the present set. What it
// took out stays if somebody else put it in unseen. When base is unknown,
// nobody can tell what was taken out, and nothing is.
func (m meeting) union() (any, *Version, bool) {
	set, sent, saw := elements(m.present.Value), elements(m.edit.Value), map[string]any{}
	if m.known {
		saw = elements(m.saw)
	}
	var lost *Version
	putIn, takenOut := m.others()
	for key, e := range sent {
		if _, had := saw[key]; had {
			continue
		}
		set[key] = e
		if other := takenOut[key]; other != nil {
			lost = other
		}
	}
	for key := range saw {
		if _, kept := sent[key]; kept {
			continue
		}
		if putIn[key] {
			lost = &m.edit
			continue
		}
		delete(set, key)
	}
	return sorted(set), lost, true
}

// others returns what others put in and took out since base.
func (m meeting) others() (putIn map[string]bool, takenOut map[string]*Version) {
	putIn, takenOut = map[string]bool{}, map[string]*Version{}
	for i, c := range m.since {
		if c.sameOutbox(m.edit) {
			continue
		}
		sent, saw := elements(c.Value), elements(c.Saw)
		for key := range sent {
			if _, had := saw[key]; !had {
				putIn[key] = true
			}
		}
		for key := range saw {
			if _, kept := sent[key]; !kept {
				takenOut[key] = &m.since[i].Version
			}
		}
	}
	return putIn, takenOut
}

// sum adds the edit's difference to the present number. Nothing counts as 0.
func (m meeting) sum() (any, *Version, bool) {
	present, ok1 := number(m.present.Value)
	sent, ok2 := number(m.edit.Value)
	saw, ok3 := number(m.saw)
	return round(present + sent - saw), nil, m.known && ok1 && ok2 && ok3
}

func number(v any) (float64, bool) {
	if empty(v) {
		return 0, true
	}
	n, ok := v.(float64)
	return n, ok
}

// round keeps six decimals, so that sums of decimals do not depend on the order
// of adding. Above 1e9 there are no six decimals to keep.
func round(x float64) float64 {
	if math.Abs(x) > 1e9 {
		return x
	}
	return math.Round(x*1e6)/1e6 + 0
}
