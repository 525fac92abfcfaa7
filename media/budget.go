package media

import (
	"context"
	"fmt"

	"golang.org/x/sync/semaphore"
)

// Budget bounds the pixels that are decoded at the same time by all who share
// it, and with them the memory. One of 60 million lets five photographs of 12
// megapixels through at once, but not two of 48.
type Budget struct {
	pixels int64
	free   *semaphore.Weighted
}

// NewBudget makes a budget of so many pixels.
func NewBudget(pixels int64) *Budget {
	return &Budget{pixels, semaphore.NewWeighted(pixels)}
}

// Acquire waits, in turn, until the picture may be decoded; then call release
// once. One that is larger than the whole budget is decoded alone. The error is
// that of the context.
func (b *Budget) Acquire(ctx context.Context, info Info) (release func(), err error) {
	weight := min(b.pixels, weight(info))
	if err := b.free.Acquire(ctx, weight); err != nil {
		return nil, fmt.Errorf("media: wait to decode: %w", err)
	}
	return func() { b.free.Release(weight) }, nil
}

// weight is the pixels of a picture, each counted as often as it takes the four
// bytes of an ordinary one.
func weight(info Info) int64 {
	pixels := int64(info.Width) * int64(info.Height)
	return max(pixels, DecodeCost(info)/4)
}
