package server

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	hooks "gridwalk/pb_hooks"
	"gridwalk/replica"
)

var errRollback = errors.New("roll back")

// sealedHistory makes some, and seals it in two blocks.
func sealedHistory(w *world) team {
	w.t.Helper()
	team := newTeam(w)
	team.a.pull(500)
	team.a.one("update", "residents", team.village.resident.Id, team.a.seen(team.village.resident), row{"phone": "13800000001"})
	sealAll(w)
	team.a.one("update", "residents", team.village.resident.Id, team.a.seen(team.village.resident), row{"phone": "13800000002"})
	w.call("GET", records("residents"), team.a.token, nil)
	dir := w.app.DataDir()
	w.stop()
	w.start(dir)
	sealAll(w)
	return team
}

func sealAll(w *world) {
	w.t.Helper()
	if _, err := replica.SealChain(w.app, "2026-11-23T02:00:00Z"); err != nil {
		w.t.Fatal(err)
	}
}

func breaks(w *world, exported []replica.Head) []replica.Break {
	w.t.Helper()
	audit, err := replica.CheckChain(w.app, exported, "2023-01-01T00:00:00Z")
	if err != nil {
		w.t.Fatal(err)
	}
	return audit.Breaks
}

// One byte of history or of the read audit that is changed, a row or a block
// that is taken out or put in, is found and named.
func TestTamperingIsFound(t *testing.T) {
	w := newWorld(t)
	sealedHistory(w)
	audit, err := replica.CheckChain(w.app, nil, "2023-01-01T00:00:00Z")
	if err != nil || len(audit.Breaks) > 0 || audit.Rows < 30 || audit.Unsealed > 0 {
		t.Fatalf("untouched: %+v, %v", audit, err)
	}
	exported, err := replica.Heads(w.app)
	if err != nil || len(exported) != 2 {
		t.Fatalf("heads are %v, %v", exported, err)
	}
	var row int64
	if err := w.app.DB().NewQuery("SELECT MAX(seq) - 5 FROM _sync_history").Row(&row); err != nil {
		t.Fatal(err)
	}
	params := dbx.Params{"row": row}
	for _, c := range []struct {
		name, sql, want string
		row             int64
	}{
		{"one byte of a row", "UPDATE _sync_history SET fields = substr(fields, 1, length(fields) - 1) || '~' WHERE seq = {:row}", "altered", row},
		{"the author of a row", "UPDATE _sync_history SET author = 'somebodyelse000' WHERE seq = {:row}", "altered", row},
		{"an erasure without a word", "UPDATE _sync_history SET fields = '{}' WHERE seq = {:row}", "altered", row},
		{"a row taken out", "DELETE FROM _sync_history WHERE seq = {:row}", "missing", row},
		{"pruning without a word", "DELETE FROM _sync_history WHERE seq <= {:row}", "missing", 1},
		{"a row that comes back", "UPDATE _sync_history SET seq = -seq WHERE seq = {:row}", "missing", row},
		{"a read taken out", "DELETE FROM read_audit WHERE n = 1", "missing", 1},
		{"a read of somebody else", "UPDATE read_audit SET reader = 'somebodyelse000' WHERE n = 1", "altered", 1},
		{"a block taken out", "DELETE FROM _sync_seals WHERE source = 'history' AND n = 1", "does not follow", 0},
		{"a block altered", "UPDATE _sync_seals SET at = 'x' WHERE source = 'history' AND n = 2", "does not follow", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			err := w.app.RunInTransaction(func(tx core.App) error {
				if _, err := tx.DB().NewQuery(c.sql).Bind(params).Execute(); err != nil {
					t.Fatal(err)
				}
				audit, err := replica.CheckChain(tx, nil, "2023-01-01T00:00:00Z")
				if err != nil {
					t.Fatal(err)
				}
				if len(audit.Breaks) != 1 || !strings.Contains(audit.Breaks[0].What, c.want) || c.row > 1 && audit.Breaks[0].Row != c.row {
					t.Errorf("found %v, not %s at %d", audit.Breaks, c.want, c.row)
				}
				return errRollback
			})
			if err != errRollback {
				t.Fatal(err)
			}
		})
	}
	t.Run("the end cut off", func(t *testing.T) {
		w.t = t
		err := w.app.RunInTransaction(func(tx core.App) error {
			for _, sql := range []string{"DELETE FROM _sync_history WHERE seq > (SELECT up_to FROM _sync_seals WHERE source = 'history' AND n = 1)",
				"DELETE FROM _sync_seals WHERE source = 'history' AND n = 2"} {
				if _, err := tx.DB().NewQuery(sql).Execute(); err != nil {
					t.Fatal(err)
				}
			}
			audit, err := replica.CheckChain(tx, exported, "2023-01-01T00:00:00Z")
			if err != nil || len(audit.Breaks) != 1 || !strings.Contains(audit.Breaks[0].What, "exported") {
				t.Errorf("found %v, %v", audit.Breaks, err)
			}
			return errRollback
		})
		if err != errRollback {
			t.Fatal(err)
		}
	})
}

// What is erased or pruned on purpose breaks nothing, and is told.
func TestErasuresDoNotBreakTheChain(t *testing.T) {
	w := newWorld(t)
	team := sealedHistory(w)
	if err := replica.Redact(w.app, "residents", team.village.resident.Id, "asked for"); err != nil {
		t.Fatal(err)
	}
	sealAll(w)
	audit, err := replica.CheckChain(w.app, nil, "2023-01-01T00:00:00Z")
	if err != nil || len(audit.Breaks) > 0 || audit.Erased < 2 {
		t.Errorf("after an erasure: %+v, %v", audit, err)
	}
	if dropped, err := replica.Prune(w.app, "2027-01-01 00:00:00.000Z"); err != nil || dropped == 0 {
		t.Fatalf("pruned %d: %v", dropped, err)
	}
	if found := breaks(w, nil); len(found) > 0 {
		t.Errorf("after pruning: %v", found)
	}
	if _, err := w.app.DB().NewQuery("DELETE FROM read_audit").Execute(); err != nil {
		t.Fatal(err)
	}
	if found := breaks(w, nil); len(found) != 1 || found[0].Source != "reads" {
		t.Errorf("reads that are gone too early: %v", found)
	}
	audit, err = replica.CheckChain(w.app, nil, "2030-01-01T00:00:00Z")
	if err != nil || len(audit.Breaks) > 0 {
		t.Errorf("reads that were purged by their age: %v, %v", audit.Breaks, err)
	}
}

func TestHeadsAreExported(t *testing.T) {
	w := newWorld(t)
	sealedHistory(w)
	file := filepath.Join(t.TempDir(), "heads")
	for range 2 {
		if err := hooks.ExportHeads(w.app, file); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(file)
	if err != nil || strings.Count(string(raw), "\n") != 4 || !strings.Contains(string(raw), `"source":"history"`) {
		t.Errorf("exported %s, %v", raw, err)
	}
	if err := hooks.ExportHeads(w.app, "http://example.org/heads"); err == nil {
		t.Error("heads go out in clear text")
	}
}
