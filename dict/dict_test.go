package dict

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
)

var machineName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// Every enumeration is filled, every value is a machine name with a Chinese
// and an English label, and nothing stands twice.
func TestEveryValueHasLabels(t *testing.T) {
	names := map[string]bool{}
	for _, enum := range All() {
		if names[enum.Name] {
			t.Errorf("%s stands twice", enum.Name)
		}
		names[enum.Name] = true
		if len(enum.Entries) == 0 || !hasHan(enum.ZH) {
			t.Errorf("%s is empty or has no Chinese name", enum.Name)
		}
		values, labels := map[string]bool{}, map[string]bool{}
		for _, e := range enum.Entries {
			if !machineName.MatchString(e.Value) {
				t.Errorf("%s: %q is no machine name", enum.Name, e.Value)
			}
			if !hasHan(e.ZH) || e.EN == "" || hasHan(e.EN) {
				t.Errorf("%s %s: labels are %q and %q", enum.Name, e.Value, e.ZH, e.EN)
			}
			if values[e.Value] || labels[e.ZH] || labels[e.EN] {
				t.Errorf("%s %s or its label stands twice", enum.Name, e.Value)
			}
			values[e.Value], labels[e.ZH], labels[e.EN] = true, true, true
		}
	}
}

// Nothing that rates a person, and nothing that must not be collected, is an
// enumeration or a value of one.
func TestNothingRatesPeople(t *testing.T) {
	for _, enum := range All() {
		for _, name := range append(enum.Values(), enum.Name) {
			for _, word := range []string{"score", "rank", "quota", "points", "credit", "risk_person", "religion", "nation", "petitioner", "politics"} {
				if strings.Contains(name, word) {
					t.Errorf("%s: %s contains %q", enum.Name, name, word)
				}
			}
		}
	}
}

// Every category of matters but disputes, which have their own list, has
// subcategories.
func TestEveryCategoryHasSubcategories(t *testing.T) {
	for _, category := range Values("matter.category") {
		if n := len(Values("matter.subcategory." + category)); n < 4 && category != "dispute" {
			t.Errorf("%s has %d subcategories", category, n)
		}
	}
}

func TestLabel(t *testing.T) {
	for _, c := range []struct{ enum, value, lang, want string }{
		{"check_in.verdict", "near_edge", "zh", "网格边缘"},
		{"check_in.verdict", "near_edge", "en", "Near edge"},
		{"matter.source", "hotline_12345", "en", "12345 hotline"},
		{"check_in.verdict", "unheard_of", "zh", "unheard_of"},
	} {
		if got := Label(c.enum, c.value, c.lang); got != c.want {
			t.Errorf("Label(%s, %s, %s) = %q, want %q", c.enum, c.value, c.lang, got, c.want)
		}
	}
}

func hasHan(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}
