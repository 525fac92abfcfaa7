package sim

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	code := m.Run()
	Clean()
	os.Exit(code)
}

// One seed is one run.
func TestASeedIsARun(t *testing.T) {
	for seed := range uint64(3) {
		a, err := Run(seed, DefaultConfig())
		if err != nil {
			t.Fatal(err)
		}
		b, err := Run(seed, DefaultConfig())
		if err != nil {
			t.Fatal(err)
		}
		if a.Hash != b.Hash {
			for i := range a.Trace {
				if i >= len(b.Trace) || a.Trace[i] != b.Trace[i] {
					t.Fatalf("seed %d differs at line %d:\n%s\n%s", seed, i, a.Trace[i], b.Trace[min(i, len(b.Trace)-1)])
				}
			}
			t.Fatalf("seed %d: hashes differ", seed)
		}
	}
}

// Whatever the network, the phones and the office do, nothing is lost.
func TestNothingIsLost(t *testing.T) {
	n := uint64(200)
	if testing.Short() {
		n = 20
	}
	counts := map[string]int{}
	failed := Seeds(1, n, 2, DefaultConfig(), func(r Report, _ error) {
		for name, count := range r.Counts {
			counts[name] += count
		}
	})
	t.Log(counts)
	for _, f := range failed[:min(len(failed), 8)] {
		t.Error(f)
	}
	if len(failed) > 8 {
		t.Errorf("%d of %d seeds failed", len(failed), n)
	}
}
