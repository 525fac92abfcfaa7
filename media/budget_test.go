package media

import (
	"context"
	"errors"
	"testing"
)

func photoOf(megapixels int) Info {
	return Info{Format: JPEG, Width: megapixels * 1000, Height: 1000, Orientation: 1, planar: true}
}

// full returns a context that ends as soon as something waits for it.
func full(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func TestTwoLargePhotosDoNotDecodeAtOnce(t *testing.T) {
	b := NewBudget(60e6)
	release, err := b.Acquire(t.Context(), photoOf(48))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Acquire(full(t), photoOf(48)); !errors.Is(err, context.Canceled) {
		t.Errorf("the second: %v", err)
	}
	release()
	if _, err := b.Acquire(t.Context(), photoOf(48)); err != nil {
		t.Errorf("after the first: %v", err)
	}
}

func TestSmallPhotosDecodeTogether(t *testing.T) {
	b := NewBudget(60e6)
	for i := range 5 {
		if _, err := b.Acquire(t.Context(), photoOf(12)); err != nil {
			t.Fatalf("photograph %d: %v", i, err)
		}
	}
	if _, err := b.Acquire(full(t), photoOf(12)); err == nil {
		t.Error("a sixth")
	}
}

func TestAPictureBeyondTheBudgetIsDecodedAlone(t *testing.T) {
	b := NewBudget(60e6)
	release, err := b.Acquire(t.Context(), photoOf(100))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Acquire(full(t), photoOf(1)); err == nil {
		t.Error("not alone")
	}
	release()
}

func TestWhatTakesMoreMemoryWeighsMore(t *testing.T) {
	photo, png := photoOf(12), photoOf(12)
	png.Format, png.planar = PNG, false
	if weight(png) < 2*weight(photo) {
		t.Error(weight(png), weight(photo))
	}
}
