package proof

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// Nonces is the server's secret, at least 32 random bytes, from which nonces
// are made and known again; nothing is stored for each.
type Nonces []byte

const timeSize, macSize = 8, 16 // bytes

// At gives the nonce of a device at a time: base64url of the Unix milliseconds
// (8 bytes, big-endian) and the first 16 bytes of HMAC-SHA256 over them and the
// device's id. Clients treat it as opaque.
func (n Nonces) At(now time.Time, device string) string {
	at := binary.BigEndian.AppendUint64(nil, uint64(now.UnixMilli()))
	return encoding.EncodeToString(append(at, n.mac(at, device)...))
}

// Time gives when the nonce was handed out; ok is false when it was not made
// here for the device.
func (n Nonces) Time(nonce, device string) (at time.Time, ok bool) {
	raw, err := encoding.DecodeString(nonce)
	if err != nil || len(raw) != timeSize+macSize || !hmac.Equal(raw[timeSize:], n.mac(raw[:timeSize], device)) {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(raw))), true
}

func (n Nonces) mac(at []byte, device string) []byte {
	mac := hmac.New(sha256.New, n)
	mac.Write([]byte("gridwalk check-in nonce\x00"))
	mac.Write(at)
	mac.Write([]byte(device))
	return mac.Sum(nil)[:macSize]
}
