package commands

import (
	"errors"
	"testing"
)

func TestWhatIsServedSafely(t *testing.T) {
	tests := []struct {
		name string
		l    listening
		want error
	}{
		{"nothing said", listening{}, nil},
		{"loopback", listening{http: "127.0.0.1:8090"}, nil},
		{"loopback by name", listening{http: "localhost:80"}, nil},
		{"loopback of IPv6", listening{http: "[::1]:8090"}, nil},
		{"the demo on loopback", listening{http: "127.0.0.1:8090", demo: true}, nil},
		{"everybody in clear text", listening{http: "0.0.0.0:8090"}, errPlain},
		{"every interface, unsaid", listening{http: ":8090"}, errPlain},
		{"an office network in clear text", listening{http: "10.1.2.3:80"}, errPlain},
		{"no address at all", listening{http: "what"}, errPlain},
		{"behind a proxy", listening{http: "0.0.0.0:8090", proxy: true}, nil},
		{"a domain", listening{domain: true}, nil},
		{"https", listening{https: "0.0.0.0:443"}, nil},
		{"a key that everybody knows, on loopback", listening{http: "127.0.0.1:8090", known: true}, nil},
		{"a key that everybody knows, for everybody", listening{domain: true, known: true}, errKey},
		{"a key that everybody knows, behind a proxy", listening{http: "0.0.0.0:8090", proxy: true, known: true}, errKey},
		{"the demo for everybody", listening{domain: true, demo: true}, errDemo},
		{"the demo behind a proxy", listening{http: "0.0.0.0:8090", proxy: true, demo: true}, errDemo},
	}
	for _, test := range tests {
		if got := safe(test.l); !errors.Is(got, test.want) {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}
