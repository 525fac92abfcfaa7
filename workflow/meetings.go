package workflow

import "unicode"

// Quorum tells whether enough people are present by a rule of the enumeration
// meeting.quorum_rule. Without a number of people expected there is nothing to
// reach, and a rule that asks for a share is not met.
func Quorum(rule string, present, expected int) bool {
	switch rule {
	case "half":
		return expected > 0 && 2*present > expected
	case "two_thirds":
		return expected > 0 && 3*present >= 2*expected
	}
	return true
}

// alikeShare is how much of the shorter of two texts must be in the other.
const alikeShare = 0.6

// Alike suggests that two texts ask for the same: of the pairs of neighbouring
// characters of the shorter one, at least 60% are in the other. Signs and
// spaces do not count. Texts of fewer than four characters are never alike.
func Alike(a, b string) bool {
	pairsA, pairsB := pairs(a), pairs(b)
	if len(pairsA) > len(pairsB) {
		pairsA, pairsB = pairsB, pairsA
	}
	if len(pairsA) < 3 {
		return false
	}
	common := 0
	for pair := range pairsA {
		if pairsB[pair] {
			common++
		}
	}
	return float64(common) >= alikeShare*float64(len(pairsA))
}

func pairs(text string) map[[2]rune]bool {
	set := map[[2]rune]bool{}
	var last rune
	for _, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			continue
		}
		r = unicode.ToLower(r)
		if last != 0 {
			set[[2]rune{last, r}] = true
		}
		last = r
	}
	return set
}
