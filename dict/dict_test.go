package dict

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

var (
	machineName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	enumName    = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)
)

// Every enumeration is filled, every value is a machine name with a Chinese
// and an English label, and nothing stands twice.
func TestEveryValueHasLabels(t *testing.T) {
	names := map[string]bool{}
	for _, enum := range All() {
		if names[enum.Name] {
			t.Errorf("%s stands twice", enum.Name)
		}
		names[enum.Name] = true
		if len(enum.Entries) == 0 {
			t.Errorf("%s is empty", enum.Name)
		}
		if !enumName.MatchString(enum.Name) {
			t.Errorf("%q is no name of an enumeration", enum.Name)
		}
		if !hasHan(enum.ZH) || enum.EN == "" || hasHan(enum.EN) {
			t.Errorf("%s: names are %q and %q", enum.Name, enum.ZH, enum.EN)
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

// What domain.md §2.4 says must not be collected about a person is neither an
// enumeration nor a value. Two values only sound like it: a kind of dispute and
// a group that gets care.
func TestNothingForbiddenIsCollected(t *testing.T) {
	forbidden := strings.Fields("nation nationality ethnic ethnicity religion political politics marriage marital " +
		"education employer income face fingerprint fingerprints wechat qq weibo criminal prisoner drug")
	allowed := []string{"marriage_family", "low_income_edge"}
	for _, enum := range All() {
		for _, name := range append(enum.Values(), enum.Name) {
			if slices.Contains(allowed, name) {
				continue
			}
			for _, word := range strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == '.' }) {
				if slices.Contains(forbidden, word) {
					t.Errorf("%s: %s contains %q", enum.Name, name, word)
				}
			}
		}
	}
}

// Every line of the data is an enumeration or a value: a line that lacks its
// Chinese label would be skipped, and the value would be missing from the schema.
func TestNoLineIsSkipped(t *testing.T) {
	for _, group := range []string{places, people, fieldwork, matters, meetings, disputes} {
		want := strings.Count(strings.TrimSpace(group), "\n") + 1
		got := 0
		for _, enum := range parse(group) {
			got += 1 + len(enum.Entries)
		}
		if got != want {
			t.Errorf("%.30q…: %d lines, %d enumerations and values", group, want, got)
		}
	}
}

// Every category of matters has subcategories, and those of disputes are the
// kinds of disputes.
func TestEveryCategoryHasSubcategories(t *testing.T) {
	for _, category := range Values("matter.category") {
		if n := len(Values("matter.subcategory." + category)); n < 4 {
			t.Errorf("%s has %d subcategories", category, n)
		}
	}
	if !slices.Equal(Values("matter.subcategory.dispute"), Values("dispute_type")) {
		t.Error("subcategories of disputes differ from the kinds of disputes")
	}
}

func TestAnUnknownNameHasNoValues(t *testing.T) {
	if _, ok := Lookup("unheard_of"); ok || Values("unheard_of") != nil {
		t.Errorf("Lookup found it (%t), or Values = %#v, want nil", ok, Values("unheard_of"))
	}
}

func TestLabel(t *testing.T) {
	for _, c := range []struct{ enum, value, lang, want string }{
		{"check_in.verdict", "near_edge", "zh", "网格边缘"},
		{"check_in.verdict", "near_edge", "en", "Near edge"},
		{"matter.source", "hotline_12345", "en", "12345 hotline"},
		{"check_in.verdict", "unheard_of", "zh", "unheard_of"},
		{"unheard_of", "inside", "en", "inside"},
	} {
		if got := Label(c.enum, c.value, c.lang); got != c.want {
			t.Errorf("Label(%s, %s, %s) = %q, want %q", c.enum, c.value, c.lang, got, c.want)
		}
	}
}

func hasHan(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}
