package sim

import (
	"encoding/json"
	"strings"
	"testing"

	"gridwalk/phone"
)

// A simulation that notices nothing proves nothing: every rule that is broken
// on purpose must be found within a few seeds.
func TestBrokenRulesAreNoticed(t *testing.T) {
	tests := map[string]func(*Config){
		"the server skips a feed row now and then": func(c *Config) {
			c.BreakServer = `CREATE TRIGGER broken BEFORE UPDATE ON _sync_feed WHEN NEW.collection = 'residents' AND NEW.seq % 5 = 0
				BEGIN SELECT RAISE(IGNORE); END`
		},
		"the server forgets who left a scope": func(c *Config) {
			c.BreakServer = `CREATE TRIGGER broken BEFORE UPDATE ON _sync_feed WHEN NEW.gone = 1 BEGIN SELECT RAISE(IGNORE); END`
		},
		"the server loses the number of an outbox": func(c *Config) {
			c.BreakServer = `CREATE TRIGGER broken BEFORE INSERT ON _sync_outboxes WHEN NEW.n % 7 = 0 BEGIN SELECT RAISE(IGNORE); END`
		},
		"the server keeps no conflicts": func(c *Config) {
			c.BreakServer = `CREATE TRIGGER broken AFTER INSERT ON conflicts BEGIN DELETE FROM conflicts WHERE id = NEW.id; END`
		},
		"the phone loses a row of a page": func(c *Config) {
			c.BreakStore = func(s phone.Store) phone.Store { return forgetful{s, "row/"} }
		},
		"the phone loses a mutation that it answered for": func(c *Config) {
			c.BreakStore = func(s phone.Store) phone.Store { return forgetful{s, "log/"} }
		},
		"the phone loses a piece of a photograph": func(c *Config) {
			c.BreakStore = func(s phone.Store) phone.Store { return forgetful{s, "bytes/"} }
		},
		"the server forgets a photograph that it has called safe": func(c *Config) {
			c.BreakServer = `CREATE TRIGGER broken AFTER UPDATE ON evidence WHEN NEW.upload_state = 'done'
				BEGIN UPDATE evidence SET upload_state = 'local' WHERE id = NEW.id; END`
		},
		"the phone stores the cursor and then the page": func(c *Config) {
			c.BreakStore = func(s phone.Store) phone.Store { return torn{s} }
		},
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			c := DefaultConfig()
			if spoil(&c); strings.Contains(c.BreakServer, "TRIGGER") {
				c.Restores = false
				c.BreakServer = strings.Replace(c.BreakServer, "TRIGGER", "TRIGGER IF NOT EXISTS", 1)
			}
			for seed := range uint64(15) {
				if _, err := Run(seed, c); err != nil {
					t.Logf("seed %d: %.200s", seed, err)
					return
				}
			}
			t.Error("15 seeds notice nothing")
		})
	}
}

// forgetful loses every ninth write under a prefix.
type forgetful struct {
	phone.Store
	prefix string
}

func (f forgetful) Update(change func(phone.Tx) error) error {
	return f.Store.Update(func(tx phone.Tx) error { return change(&forgetfulTx{tx, f.prefix, 0}) })
}

type forgetfulTx struct {
	phone.Tx
	prefix string
	puts   int
}

func (tx *forgetfulTx) Put(key string, value []byte) error {
	if strings.HasPrefix(key, tx.prefix) {
		if tx.puts++; tx.puts%4 == 1 && len(value)%3 == 0 {
			return nil
		}
	}
	return tx.Tx.Put(key, value)
}

// torn keeps the new cursor even when the transaction of its page is undone.
type torn struct{ phone.Store }

func (s torn) Update(change func(phone.Tx) error) error {
	var was, is []byte
	err := s.Store.Update(func(tx phone.Tx) error {
		was, _ = tx.Get("meta")
		err := change(tx)
		is, _ = tx.Get("meta")
		return err
	})
	if memory := s.Store.(*phone.Memory); err != nil && cursorOf(was) != cursorOf(is) {
		memory.BeforeCommit = nil
		_ = memory.Update(func(tx phone.Tx) error { return tx.Put("meta", is) })
	}
	return err
}

func cursorOf(meta []byte) string {
	var m struct{ Cursor string }
	_ = json.Unmarshal(meta, &m)
	return m.Cursor
}
