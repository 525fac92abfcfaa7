package proof

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"pgregory.net/rapid"
)

var (
	update = flag.Bool("update", false, "write testdata/vectors.json anew")
	secret = Nonces("0123456789abcdef0123456789abcdef")
	noon   = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
)

// vector is one case that any client can run.
type vector struct {
	Name   string          `json:"name"`
	Proof  string          `json:"proof"`
	Record Content         `json:"record"`
	Key    json.RawMessage `json:"key"` // JWK, or null
	Chain  Chain           `json:"chain"`
	Want   Status          `json:"want"`
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func content() Content {
	return Content{Version: 1, Record: "checkin00000001", Officer: "officer00000001", Device: "device000000001", Captured: noon.UnixMilli(), Mono: 81000,
		Fix: &Fix{28.17, 124.1853, 12, "wgs84", "gps"}, Nonce: secret.At(noon.Add(-time.Hour), "device000000001")}
}

func sign(t testing.TB, c Content, key *ecdsa.PrivateKey) string {
	t.Helper()
	text, err := Sign(c, key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// forge signs the payload of c by another method.
func forge(t *testing.T, c Content, method jwt.SigningMethod, key any) string {
	t.Helper()
	head, _ := json.Marshal(header{method.Alg(), mediaType})
	body, _ := json.Marshal(c)
	signed := encoding.EncodeToString(head) + "." + encoding.EncodeToString(body)
	signature, err := method.Sign(signed, key)
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + encoding.EncodeToString(signature)
}

func vectors(t *testing.T) []vector {
	key, other := newKey(t), newKey(t)
	pub, err := FormatKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	edit := func(change func(*Content)) Content { c := content(); change(&c); return c }
	good := sign(t, content(), key)
	parts := strings.Split(good, ".")
	second := edit(func(c *Content) { c.Previous = "x" })
	moved := edit(func(c *Content) { c.Fix = &Fix{28.18, 124.1853, 12, "wgs84", "gps"} })
	movedBody, _ := json.Marshal(moved)
	v := func(name, proof string, record Content, chain Chain, want Status) vector {
		return vector{name, proof, record, pub, chain, want}
	}
	of := func(c Content) string { return sign(t, c, key) }
	nonce := func(at time.Time, device string) string {
		return of(edit(func(c *Content) { c.Nonce, c.Mono = secret.At(at, device), -1 }))
	}
	head := func(text string) string {
		return encoding.EncodeToString([]byte(text)) + "." + parts[1] + "." + parts[2]
	}
	unknown := v("a device without an approved key", good, content(), Chain{}, UnknownKey)
	unknown.Key = nil
	return []vector{
		v("the first proof of a device", good, content(), Chain{}, Verified),
		v("one without a fix", of(edit(func(c *Content) { c.Fix = nil })), edit(func(c *Content) { c.Fix = nil }), Chain{}, Verified),
		v("one after another that is here", of(second), content(), Chain{HasPrevious: true}, Verified),
		v("one after another that is not here", of(second), content(), Chain{}, BrokenChain),
		v("one of two after the same", of(second), content(), Chain{HasPrevious: true, Taken: true}, BrokenChain),
		v("a phone that ran since the pull and whose clock is a day slow", of(edit(func(c *Content) { c.Captured -= 24 * 3600_000 })), edit(func(c *Content) { c.Captured -= 24 * 3600_000 }), Chain{}, Verified),
		v("a phone that ran for 31 days since the pull", of(edit(func(c *Content) { c.Mono = 31 * 24 * 3600_000 })), content(), Chain{}, BrokenChain),
		v("a nonce of 31 days before", nonce(noon.AddDate(0, 0, -31), "device000000001"), content(), Chain{}, BrokenChain),
		v("a nonce of after the check-in", nonce(noon.Add(time.Hour), "device000000001"), content(), Chain{}, BrokenChain),
		v("a nonce of another device", nonce(noon, "device000000002"), content(), Chain{}, Altered),
		v("no proof", "", content(), Chain{}, Unsigned),
		unknown,
		v("another key", sign(t, content(), other), content(), Chain{}, Altered),
		v("a replay with another record", good, edit(func(c *Content) { c.Record = "checkin00000002" }), Chain{}, Altered),
		v("a replay by another officer", good, edit(func(c *Content) { c.Officer = "officer00000002" }), Chain{}, Altered),
		v("a replay from another device", good, edit(func(c *Content) { c.Device = "device000000002" }), Chain{}, Altered),
		v("a replay at another time", good, edit(func(c *Content) { c.Captured++ }), Chain{}, Altered),
		v("a record that was moved", good, moved, Chain{}, Altered),
		v("a record whose fix was taken out", good, edit(func(c *Content) { c.Fix = nil }), Chain{}, Altered),
		v("a payload that was moved along", parts[0]+"."+encoding.EncodeToString(movedBody)+"."+parts[2], moved, Chain{}, Altered),
		v("alg none", forge(t, content(), jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType), content(), Chain{}, Altered),
		v("HS256 with the public key as JWK", forge(t, content(), jwt.SigningMethodHS256, pub), content(), Chain{}, Altered),
		v("HS256 with the public key as PEM", forge(t, content(), jwt.SigningMethodHS256, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), content(), Chain{}, Altered),
		v("a header that brings its own key", head(`{"alg":"ES256","typ":"gridwalk-checkin","jwk":`+string(pub)+`}`), content(), Chain{}, Altered),
		v("a signature of zeros", parts[0]+"."+parts[1]+"."+encoding.EncodeToString(make([]byte, 64)), content(), Chain{}, Altered),
		v("nonsense", "a.b.c", content(), Chain{}, Altered),
	}
}

func TestVectors(t *testing.T) {
	const file = "testdata/vectors.json"
	if *update {
		raw, err := json.MarshalIndent(vectors(t), "", " ")
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
	var kept []vector
	if err := json.Unmarshal(raw, &kept); err != nil {
		t.Fatal(err)
	}
	for name, list := range map[string][]vector{"kept": kept, "fresh": vectors(t)} {
		for _, v := range list {
			t.Run(name+"/"+v.Name, func(t *testing.T) {
				var key *ecdsa.PublicKey
				if v.Key != nil && !bytes.Equal(v.Key, []byte("null")) {
					if key, err = ParseKey(v.Key); err != nil {
						t.Fatal(err)
					}
				}
				if got := Judge(v.Proof, v.Record, key, v.Chain, secret); got != v.Want {
					t.Errorf("judged %s, want %s", got, v.Want)
				}
			})
		}
	}
}

func TestKeys(t *testing.T) {
	pub, err := FormatKey(&newKey(t).PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"a private key":         strings.Replace(string(pub), `"kty"`, `"d":"AA","kty"`, 1),
		"another curve":         strings.Replace(string(pub), "P-256", "P-384", 1),
		"a symmetric key":       `{"kty":"oct","k":"AAAA"}`,
		"a point off the curve": `{"kty":"EC","crv":"P-256","x":"` + strings.Repeat("A", 43) + `","y":"` + strings.Repeat("A", 43) + `"}`,
		"nothing":               "",
	} {
		if _, err := ParseKey([]byte(text)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// Whatever bit of a proof is flipped, it is not verified.
func TestOneBitAltersAProof(t *testing.T) {
	key := newKey(t)
	text := sign(t, content(), key)
	rapid.Check(t, func(t *rapid.T) {
		raw := []byte(text)
		raw[rapid.IntRange(0, len(raw)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if got := Judge(string(raw), content(), &key.PublicKey, Chain{}, secret); got != Altered {
			t.Fatalf("judged %s", got)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(sign(f, content(), newKey(f)))
	f.Add("..")
	key := newKey(f)
	f.Fuzz(func(t *testing.T, text string) {
		if p, err := Parse(text); err == nil && p.SignedBy(&key.PublicKey) {
			t.Errorf("%q is signed by a key that signed nothing", text)
		}
	})
}

func BenchmarkJudge(b *testing.B) {
	key := newKey(b)
	text := sign(b, content(), key)
	for b.Loop() {
		if Judge(text, content(), &key.PublicKey, Chain{}, secret) != Verified {
			b.Fatal("not verified")
		}
	}
}
