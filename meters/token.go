package meters

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"
)

// Token gives what a source of readings proves itself by, and the hash of its
// secret, which alone is kept. The secret has 128 random bits or more: it needs
// no salt and no work factor.
func Token(source, secret string) (token, hash string) {
	return source + "." + secret, hashOf(secret)
}

// SourceOf is the source that a token names, whether or not it is of it.
func SourceOf(token string) string {
	source, _, _ := strings.Cut(token, ".")
	return source
}

// Proves tells in constant time whether a token has the secret of this hash.
func Proves(token, hash string) bool {
	_, secret, _ := strings.Cut(token, ".")
	return subtle.ConstantTimeCompare([]byte(hashOf(secret)), []byte(hash)) == 1
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
