package phone

import (
	"slices"
	"sync"
)

// Memory is a Store that lives as long as the process: for tests, simulations
// and load.
type Memory struct {
	mu     sync.Mutex
	values map[string][]byte
	// BeforeCommit is called before a transaction is kept; an error undoes it.
	// The simulator crashes phones by it. It may be nil.
	BeforeCommit func() error
}

// NewMemory makes an empty store.
func NewMemory() *Memory { return &Memory{values: map[string][]byte{}} }

// Update implements Store.
func (m *Memory) Update(change func(Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	tx := &memoryTx{m: m, was: map[string][]byte{}}
	err := change(tx)
	if err == nil && m.BeforeCommit != nil {
		err = m.BeforeCommit()
	}
	if err != nil {
		for key, value := range tx.was {
			if m.values[key] = value; value == nil {
				delete(m.values, key)
			}
		}
	}
	return err
}

// View implements Store.
func (m *Memory) View(read func(Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return read(&memoryTx{m: m, was: map[string][]byte{}})
}

// memoryTx writes at once and remembers what was there before.
type memoryTx struct {
	m   *Memory
	was map[string][]byte
}

func (tx *memoryTx) remember(key string) {
	if _, known := tx.was[key]; !known {
		tx.was[key] = tx.m.values[key]
	}
}

func (tx *memoryTx) Get(key string) ([]byte, error) { return tx.m.values[key], nil }

func (tx *memoryTx) Put(key string, value []byte) error {
	tx.remember(key)
	tx.m.values[key] = value
	return nil
}

func (tx *memoryTx) Delete(key string) error {
	tx.remember(key)
	delete(tx.m.values, key)
	return nil
}

func (tx *memoryTx) Scan(from, to string, each func(string, []byte) error) error {
	var keys []string
	for key := range tx.m.values {
		if key >= from && key < to {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		value, ok := tx.m.values[key]
		if !ok {
			continue
		}
		if err := each(key, value); err != nil {
			return err
		}
	}
	return nil
}
