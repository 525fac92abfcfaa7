package merge

// choices says for every policy that keeps one of two values whether the edit
// wins over the present value. Sum is here for what cannot be added.
var choices = map[string]func(meeting) bool{
	"latest":   meeting.latest,
	"sum":      meeting.latest,
	"office":   meeting.uncontested,
	"first":    meeting.uncontested,
	"frozen":   func(meeting) bool { return false },
	"max":      func(m meeting) bool { return m.uncontested() || order(m.edit.Value, m.present.Value) > 0 },
	"earliest": meeting.earliest,
	"strongest": func(m meeting) bool {
		mine, theirs := m.policy.rank(m.edit.Value), m.policy.rank(m.present.Value)
		return m.uncontested() || mine < theirs || mine == theirs && m.latest()
	},
	"sticky": meeting.unstuck,
	"flow":   meeting.moves,
}

// choose returns the version that stands and the one that is lost, if any.
func (m meeting) choose() (stands Version, lost *Version) {
	wins := choices[m.policy.kind](m)
	stands, loser := m.present, &m.edit
	if wins {
		stands, loser = m.edit, &m.present
	}
	switch {
	case Equal(stands.Value, loser.Value),
		m.policy == Max, m.policy == Earliest,
		wins && !m.contested,
		wins && m.policy.kind == "flow": // a state that was left lawfully
		return stands, nil
	}
	return stands, loser
}

// moves tells whether the move that was meant leads on from the present state.
func (m meeting) moves() bool {
	from, _ := m.present.Value.(string)
	saw, _ := m.saw.(string)
	to, _ := m.edit.Value.(string)
	move := (*m.policy.move)(from, to)
	return move != "" && (!m.contested || !m.known || move == (*m.policy.move)(saw, to))
}

func (m meeting) uncontested() bool { return !m.contested }

// latest lets an equal stamp win: only one outbox can make it twice, and then
// the edit is the later one.
func (m meeting) latest() bool { return !m.contested || m.edit.Stamp >= m.present.Stamp }

func (m meeting) earliest() bool {
	mine, theirs := m.edit.Value, m.present.Value
	return m.uncontested() || !empty(mine) && (empty(theirs) || order(mine, theirs) < 0)
}

func (m meeting) unstuck() bool {
	switch {
	case m.policy.lists(m.edit.Value):
		return true
	case m.policy.lists(m.present.Value):
		return m.known && m.policy.lists(m.saw) && m.edit.Author != m.present.Author
	}
	return m.latest()
}
