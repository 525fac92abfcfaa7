package demo

import (
	"bytes"
	"testing"
	"time"

	"gridwalk/media"
)

func TestPhotosTellTimeAndPlaceInTheirEXIF(t *testing.T) {
	turned := 0
	taken := time.Date(2026, 11, 20, 1, 30, 0, 0, time.UTC)
	for i := range 12 {
		width, height, data := photo(1, i, taken, middle)
		info, err := media.Inspect(bytes.NewReader(data), media.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		if info.Width != width || info.Height != height {
			t.Errorf("photo %d is %d×%d, want %d×%d", i, info.Width, info.Height, width, height)
		}
		if !info.TakenAt.Equal(taken) || !info.TakenAtZoneKnown {
			t.Errorf("photo %d was taken at %v", i, info.TakenAt)
		}
		if !info.HasPlace || abs(info.Lat-middle.Lat()) > 1e-6 || abs(info.Lng-middle.Lon()) > 1e-6 {
			t.Errorf("photo %d was taken in %v, %v", i, info.Lat, info.Lng)
		}
		if info.Orientation == 6 {
			turned++
		}
	}
	if turned != 4 {
		t.Errorf("%d of 12 photos are turned, want 4", turned)
	}
}

func abs(v float64) float64 { return max(v, -v) }
