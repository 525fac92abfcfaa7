package workflow

import "testing"

func TestQuorum(t *testing.T) {
	for _, c := range []struct {
		name              string
		rule              string
		present, expected int
		want              bool
	}{
		{"a talk at the pavilion needs nobody in particular", "none", 3, 0, true},
		{"half is not more than half", "half", 10, 20, false},
		{"one more is", "half", 11, 20, true},
		{"two thirds are enough", "two_thirds", 20, 30, true},
		{"one less is not", "two_thirds", 19, 30, false},
		{"nobody was expected", "two_thirds", 19, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Quorum(c.rule, c.present, c.expected); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestAlike(t *testing.T) {
	for _, c := range []struct {
		name, a, b string
		want       bool
	}{
		{"the same lamp in other words", "村口到小学的路灯坏了三盏", "村口到小学的路灯不亮", true},
		{"the same with more words around it", "硬化东塘到澄桥的路280米", "希望尽快硬化东塘到澄桥的路 280 米，雨天没法走", true},
		{"two lamps in two places", "村口路灯坏了", "南塘桥头没有路灯", false},
		{"nothing in common", "改造旱厕", "沟塘清淤", false},
		{"too short to tell", "路灯", "路灯", false},
		{"nothing", "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if Alike(c.a, c.b) != c.want || Alike(c.b, c.a) != c.want {
				t.Errorf("want %v", c.want)
			}
		})
	}
}
