package seal

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func keyOf(t rapid.TB, id string, b byte) *Key {
	t.Helper()
	k, err := NewKey(id, bytes.Repeat([]byte{b}, KeySize))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSealedValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := keyOf(t, "aaaaaaaaaaaa", 1)
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		place := rapid.String().Draw(t, "place")
		sealed := k.Seal(plain, place)
		if !IsSealed(sealed) || KeyOf(sealed) != k.ID() {
			t.Fatalf("%q does not look sealed", sealed)
		}
		if again := k.Seal(plain, place); again == sealed {
			t.Fatal("the same value looks the same twice")
		}
		if got, err := k.Open(sealed, place); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("opened %q, %v", got, err)
		}
		if _, err := k.Open(sealed, place+"x"); !errors.Is(err, ErrAltered) {
			t.Fatalf("opened elsewhere: %v", err)
		}
		if _, err := keyOf(t, "bbbbbbbbbbbb", 1).Open(sealed, place); !errors.Is(err, ErrUnknownKey) {
			t.Fatalf("opened under another id: %v", err)
		}
		if _, err := keyOf(t, "aaaaaaaaaaaa", 2).Open(sealed, place); !errors.Is(err, ErrAltered) {
			t.Fatalf("opened with another key: %v", err)
		}
		at := rapid.IntRange(len(prefix)+IDSize+1, len(sealed)-1).Draw(t, "at")
		raw, err := base64.RawStdEncoding.DecodeString(sealed[len(prefix)+IDSize+1:])
		if err != nil {
			t.Fatal(err)
		}
		raw[(at-len(prefix)-IDSize-1)%len(raw)] ^= 1
		altered := sealed[:len(prefix)+IDSize+1] + base64.RawStdEncoding.EncodeToString(raw)
		if _, err := k.Open(altered, place); !errors.Is(err, ErrAltered) {
			t.Fatalf("opened an altered value: %v", err)
		}
	})
}

func FuzzOpen(f *testing.F) {
	k := keyOf(f, "aaaaaaaaaaaa", 1)
	for _, text := range []string{"", "gws1:", "gws1:aaaaaaaaaaaa:", "gws1:aaaaaaaaaaaa:AAAA", k.Seal([]byte("x"), "here"), k.Seal([]byte("x"), "there")} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if plain, err := k.Open(text, "there"); err == nil && string(plain) != "x" {
			t.Fatalf("opened %q as %q", text, plain)
		}
	})
}

func TestWords(t *testing.T) {
	x := Index("secret")
	if x.Word("phone", "") != "" || len(x.Word("phone", "1")) != 32 {
		t.Error("an empty value has a word, or another has none")
	}
	words := map[string]bool{x.Word("phone", "1"): true, x.Word("phone", "2"): true, x.Word("meter", "1"): true, Index("other").Word("phone", "1"): true}
	if len(words) != 4 {
		t.Error("two of four values have one word")
	}
	for phone, want := range map[string]string{"138 0013-8000": "13800138000", "+86 13800138000": "13800138000", "008613800138000": "13800138000",
		"１３８００１３８０００": "13800138000", "0553-1234567": "05531234567", "": "", "没有": ""} {
		if got := Digits(phone); got != want {
			t.Errorf("Digits(%q) = %q, not %q", phone, got, want)
		}
	}
}

func TestMasters(t *testing.T) {
	dir := t.TempDir()
	hexKey := strings.Repeat("0f", KeySize)
	file, program := filepath.Join(dir, "key"), filepath.Join(dir, "kms")
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write(file, hexKey+"\n")
	// It turns texts round, which is no secret, but shows what goes in and out.
	write(program, "#!/bin/sh\nread value\nprintf '%s\\n' \"$value\" | rev\n")
	key := bytes.Repeat([]byte{7}, KeySize)
	for name, env := range map[string]map[string]string{
		"value":   {KeyVariable: hexKey},
		"file":    {FileVariable: file},
		"command": {CommandVariable: program},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := MasterFrom(envOf(env), "")
			if err != nil {
				t.Fatal(err)
			}
			wrapped, err := m.Wrap("aaaaaaaaaaaa", key)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := m.Unwrap("aaaaaaaaaaaa", wrapped); err != nil || !bytes.Equal(got, key) {
				t.Errorf("unwrapped %x, %v", got, err)
			}
			if IsKnown(m) {
				t.Error("it is taken for the one that everybody knows")
			}
		})
	}
	m, err := MasterFrom(envOf(map[string]string{KeyVariable: hexKey}), "")
	if err != nil {
		t.Fatal(err)
	}
	wrapped, _ := m.Wrap("aaaaaaaaaaaa", key)
	if _, err := m.Unwrap("bbbbbbbbbbbb", wrapped); err == nil {
		t.Error("a data key was unwrapped as another")
	}
	if _, err := Known().Unwrap("aaaaaaaaaaaa", wrapped); err == nil {
		t.Error("a data key was unwrapped by another master")
	}
	for _, env := range []map[string]string{{KeyVariable: "0f"}, {KeyVariable: "no hex"}, {FileVariable: filepath.Join(dir, "none")}, {KeyVariable: hexKey, FileVariable: file}} {
		if _, err := MasterFrom(envOf(env), ""); err == nil || strings.Contains(err.Error(), hexKey) {
			t.Errorf("%v: %v", env, err)
		}
	}
	if m, err := MasterFrom(envOf(nil), ""); m != nil || err != nil {
		t.Errorf("without any: %v, %v", m, err)
	}
	failing := command{filepath.Join(dir, "none")}
	if _, err := failing.Wrap("aaaaaaaaaaaa", key); err == nil {
		t.Error("a missing program wraps")
	}
}

func envOf(m map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := m[name]; return v, ok }
}
