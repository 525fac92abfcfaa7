package hooks

import (
	"testing"
	"time"
)

func TestSettingsFromTheEnvironment(t *testing.T) {
	for text, want := range map[string]time.Duration{"30": 30 * 24 * time.Hour, "0": 0, "-1": 0, "a year": 0, "99999": 0, "": 0} {
		s, err := SettingsFrom(func(name string) (string, bool) { return text, name == "GRIDWALK_HISTORY_DAYS" })
		if (err == nil) != (want != 0) || want != 0 && s.Sync.HistoryKeep != want {
			t.Errorf("%q: %v, %v", text, s.Sync.HistoryKeep, err)
		}
	}
	if s, err := SettingsFrom(func(string) (string, bool) { return "", false }); err != nil || s.Sync.HistoryKeep != 3*365*24*time.Hour {
		t.Errorf("unset: %v, %v", s.Sync.HistoryKeep, err)
	}
}
