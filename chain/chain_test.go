package chain

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func drawRows(t *rapid.T) []Row {
	n := rapid.IntRange(1, 12).Draw(t, "n")
	rows, key := make([]Row, n), int64(0)
	for i := range rows {
		key += int64(rapid.IntRange(1, 5).Draw(t, "step"))
		rows[i] = Row{key, rapid.SliceOfN(rapid.String(), 2, 2).Draw(t, "said"), rapid.String().Draw(t, "body")}
	}
	return rows
}

// What was sealed is found whole; any change of any row is found, and is said of
// the right row.
func TestEveryChangeIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := drawRows(t)
		block := Seal("history", Block{}, rows, "now")
		sealed, err := block.Sealed(0)
		if err != nil || !block.Follows(Block{}) {
			t.Fatalf("a block is not whole: %v", err)
		}
		if fault := Compare(sealed, rows, nil, 0); fault != nil {
			t.Fatalf("nothing was changed, but %+v", *fault)
		}
		i := rapid.IntRange(0, len(rows)-1).Draw(t, "i")
		there := slices.Clone(rows)
		want := Fault{rows[i].Key, "altered"}
		switch rapid.SampledFrom([]string{"said", "moved", "body", "missing", "inserted"}).Draw(t, "change") {
		case "said":
			there[i].Said = []string{rows[i].Said[0] + "x", rows[i].Said[1]}
		case "moved":
			if rows[i].Said[1] == "" {
				return
			}
			there[i].Said = []string{rows[i].Said[0] + rows[i].Said[1][:1], rows[i].Said[1][1:]}
		case "body":
			there[i].Body += "x"
		case "missing":
			there, want.What = slices.Delete(there, i, i+1), "missing"
		case "inserted":
			last := rows[len(rows)-1].Key + 1
			there, want = append(there, Row{Key: last}), Fault{last, "inserted"}
		}
		if fault := Compare(sealed, there, nil, 0); fault == nil || *fault != want {
			t.Fatalf("found %+v, not %+v", fault, want)
		}
	})
}

func TestErasuresAndPruning(t *testing.T) {
	rows := []Row{{1, []string{"a"}, "one"}, {2, []string{"b"}, "two"}, {5, []string{"c"}, "three"}}
	sealed, err := Seal("history", Block{}, rows, "now").Sealed(0)
	if err != nil {
		t.Fatal(err)
	}
	blank := slices.Clone(rows)
	blank[1].Body = "{}"
	if Compare(sealed, blank, nil, 0) == nil {
		t.Error("a body was erased without a word")
	}
	if fault := Compare(sealed, blank, Erased{2: BodyHash("two")}, 0); fault != nil {
		t.Errorf("an erasure is taken for %+v", *fault)
	}
	if Compare(sealed, blank, Erased{2: BodyHash("other")}, 0) == nil {
		t.Error("an erasure of something else is taken for this one")
	}
	other := slices.Clone(rows)
	other[1].Body = "forged"
	if Compare(sealed, other, Erased{2: BodyHash("two")}, 0) == nil {
		t.Error("after an erasure something else stands there")
	}
	blank[1].Said = []string{"x"}
	if Compare(sealed, blank, Erased{2: BodyHash("two")}, 0) == nil {
		t.Error("an erasure hides another change")
	}
	if fault := Compare(sealed, rows[2:], nil, 2); fault != nil {
		t.Errorf("pruned rows are taken for %+v", *fault)
	}
	if Compare(sealed, rows[2:], nil, 1) == nil {
		t.Error("more is gone than was pruned")
	}
}

func TestBlocksFollow(t *testing.T) {
	first := Seal("history", Block{}, []Row{{Key: 1}}, "a")
	second := Seal("history", first, []Row{{Key: 2}}, "b")
	third := Seal("history", second, []Row{{Key: 3}}, "c")
	if !second.Follows(first) || !third.Follows(second) {
		t.Error("a chain does not hang together")
	}
	if third.Follows(first) {
		t.Error("a block was taken out unnoticed")
	}
	for name, change := range map[string]func(*Block){
		"at": func(b *Block) { b.At = "x" }, "source": func(b *Block) { b.Source = "x" }, "n": func(b *Block) { b.N++ },
		"up to": func(b *Block) { b.UpTo++ }, "rows": func(b *Block) { b.Rows[0]++ }, "head": func(b *Block) { b.Head = first.Head },
	} {
		altered := Seal("history", first, []Row{{Key: 2}}, "b")
		change(&altered)
		if altered.Follows(first) {
			t.Errorf("%s was changed unnoticed", name)
		}
	}
	rewritten := Seal("history", first, []Row{{Key: 2, Body: "x"}}, "b")
	if third.Follows(rewritten) {
		t.Error("a block was rewritten unnoticed")
	}
}

func FuzzSealed(f *testing.F) {
	f.Add(Seal("history", Block{}, []Row{{Key: 1}, {Key: 300}}, "a").Rows)
	f.Fuzz(func(t *testing.T, raw []byte) {
		rows, err := Block{Rows: raw}.Sealed(0)
		for i := 1; i < len(rows) && err == nil; i++ {
			if rows[i].Key <= rows[i-1].Key && rows[i-1].Key < 1<<61 {
				t.Fatalf("keys %d and %d", rows[i-1].Key, rows[i].Key)
			}
		}
	})
}
