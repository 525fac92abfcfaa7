package phone

// Store keeps what must survive the death of the app: the replica, the outbox
// and the cursor, as values under keys. Memory and SQLite are two of them.
type Store interface {
	// Update runs change in one transaction. When it returns nil, everything
	// that change wrote is on the disk; on an error, nothing is.
	Update(change func(Tx) error) error
	// View runs read on a consistent state.
	View(read func(Tx) error) error
}

// Tx is a transaction on a Store.
type Tx interface {
	// Get gives the value under key, nil when there is none.
	Get(key string) ([]byte, error)
	Put(key string, value []byte) error
	Delete(key string) error
	// Scan calls each for every key from «from» up to, but without, «to», in
	// order. each may put and delete.
	Scan(from, to string, each func(key string, value []byte) error) error
}
