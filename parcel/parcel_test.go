package parcel

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"testing"

	"pgregory.net/rapid"
)

const device = "device000000001"

func keys(t interface{ Fatal(...any) }) (private, public []byte) {
	private, public, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return private, public
}

func TestAParcelOpensWithItsKeyForItsDevice(t *testing.T) {
	private, public := keys(t)
	other, _ := keys(t)
	rapid.Check(t, func(t *rapid.T) {
		head := Head{Kind: rapid.SampledFrom([]string{Push, Photo}).Draw(t, "kind"), SHA256: rapid.StringMatching("[0-9a-f]*").Draw(t, "sha256")}
		content := rapid.SliceOf(rapid.Byte()).Draw(t, "content")
		sealed, err := Seal(public, device, head, content)
		if err != nil {
			t.Fatal(err)
		}
		got, opened, err := Open(private, device, sealed)
		if err != nil || got != head || !bytes.Equal(opened, content) {
			t.Fatalf("opened %v %q: %v", got, opened, err)
		}
		at := rapid.IntRange(0, len(sealed)-1).Draw(t, "at")
		altered := bytes.Clone(sealed)
		altered[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		for name, try := range map[string]func() error{
			"another key":    func() error { _, _, err := Open(other, device, sealed); return err },
			"another device": func() error { _, _, err := Open(private, "device000000002", sealed); return err },
			"an altered bit": func() error { _, _, err := Open(private, device, altered); return err },
			"a part":         func() error { _, _, err := Open(private, device, sealed[:at]); return err },
		} {
			if err := try(); !errors.Is(err, ErrSealed) {
				t.Fatalf("%s: %v", name, err)
			}
		}
	})
}

func TestWhatIsNoParcel(t *testing.T) {
	private, public := keys(t)
	sealed, err := Seal(public, device, Head{Kind: "other"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Open(private, device, sealed); !errors.Is(err, ErrContent) {
		t.Errorf("a parcel of an unknown kind: %v", err)
	}
	if _, err := Seal([]byte("no point"), device, Head{Kind: Push}, nil); err == nil {
		t.Error("sealed to no key")
	}
}

// vector is what the TypeScript client is tested with, too.
type vector struct {
	Private string `json:"private"`
	Public  string `json:"public"`
	Device  string `json:"device"`
	Head    Head   `json:"head"`
	Content string `json:"content"`
	Sealed  string `json:"sealed"` // by this package, or by another client
}

var update = flag.Bool("update", false, "write testdata/vectors.json anew")

func TestVectors(t *testing.T) {
	const file = "testdata/vectors.json"
	if *update {
		private, public := keys(t)
		var list []vector
		for _, v := range []struct {
			head    Head
			content string
		}{{Head{Kind: Push}, `{"mutations":[]}`}, {Head{Kind: Photo, SHA256: "00"}, "\xff\xd8\x00"}} {
			sealed, err := Seal(public, device, v.head, []byte(v.content))
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, vector{hex.EncodeToString(private), hex.EncodeToString(public), device, v.head, hex.EncodeToString([]byte(v.content)), hex.EncodeToString(sealed)})
		}
		raw, err := json.MarshalIndent(list, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(raw, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var list []vector
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	for i, v := range list {
		private, _ := hex.DecodeString(v.Private)
		sealed, _ := hex.DecodeString(v.Sealed)
		head, content, err := Open(private, v.Device, sealed)
		if err != nil || head != v.Head || hex.EncodeToString(content) != v.Content {
			t.Errorf("vector %d opens as %v %q: %v", i, head, content, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	private, public := keys(f)
	good, err := Seal(public, device, Head{Kind: Push}, []byte("{}"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte{4})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if _, _, err := Open(private, device, sealed); err == nil && !bytes.Equal(sealed, good) {
			t.Error("something else opened")
		}
	})
}
