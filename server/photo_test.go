package server

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"sync"
	"testing"

	"gridwalk/demo"
)

const uprightWidth, uprightHeight = 640, 480

var cornerColours = [4]color.NRGBA{{220, 30, 30, 255}, {30, 200, 30, 255}, {30, 30, 220, 255}, {240, 240, 240, 255}}

// upright is the colour at a place of a picture with a colour in each quarter.
func upright(x, y int) color.NRGBA {
	return cornerColours[x*2/uprightWidth+y*2/uprightHeight*2]
}

// oriented is a JPEG of that picture as a camera stores it that was held so
// that EXIF says orientation o.
func oriented(t *testing.T, o int) []byte {
	t.Helper()
	const w, h = uprightWidth, uprightHeight
	seen := map[int]func(x, y int) (int, int){
		1: func(x, y int) (int, int) { return x, y },
		2: func(x, y int) (int, int) { return w - 1 - x, y },
		3: func(x, y int) (int, int) { return w - 1 - x, h - 1 - y },
		4: func(x, y int) (int, int) { return x, h - 1 - y },
		5: func(x, y int) (int, int) { return y, x },
		6: func(x, y int) (int, int) { return w - 1 - y, x },
		7: func(x, y int) (int, int) { return w - 1 - y, h - 1 - x },
		8: func(x, y int) (int, int) { return y, h - 1 - x },
	}[o]
	size := image.Rect(0, 0, w, h)
	if o > 4 {
		size = image.Rect(0, 0, h, w)
	}
	stored := image.NewNRGBA(size)
	for y := range size.Dy() {
		for x := range size.Dx() {
			stored.SetNRGBA(x, y, upright(seen(x, y)))
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, stored, nil); err != nil {
		t.Fatal(err)
	}
	exif := "Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00" + string(rune(o)) + "\x00\x00\x00\x00\x00\x00\x00"
	plain := b.Bytes()
	head := append(plain[:2:2], 0xff, 0xe1, 0, byte(len(exif)+2))
	return append(append(head, exif...), plain[2:]...)
}

// However the phone was held, the preview is upright.
func TestEveryOrientationIsUpright(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	for o := 1; o <= 8; o++ {
		a := p.send(w, "photo.jpg", oriented(t, o), nil)
		if a.Status != 200 {
			t.Fatal(a)
		}
		id, file := a.Body["id"].(string), a.Body["file"].(string)
		if done := w.settled(id); done["status"] != "ready" {
			t.Errorf("orientation %d: %v", o, done)
			continue
		}
		got, err := jpeg.Decode(bytes.NewReader(p.fetch(w, id, file, "480x0").Raw))
		if err != nil {
			t.Fatal(err)
		}
		if size := got.Bounds().Size(); size != image.Pt(480, 360) {
			t.Errorf("orientation %d is %v", o, size)
			continue
		}
		for i, want := range cornerColours {
			at := image.Pt(60+i%2*360, 45+i/2*270)
			if r, g, b, _ := got.At(at.X, at.Y).RGBA(); abs(int(r>>8)-int(want.R)) > 20 || abs(int(g>>8)-int(want.G)) > 20 || abs(int(b>>8)-int(want.B)) > 20 {
				t.Errorf("orientation %d: at %v is %d %d %d, want %v", o, at, r>>8, g>>8, b>>8, want)
			}
		}
	}
}

func abs(n int) int { return max(n, -n) }

// A photograph that was cut off anywhere is kept, and shown as far as it goes
// or named as what it is; the server lives.
func TestPhotographsCutAnywhere(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	whole := demo.Photo(1, 1)
	for _, n := range []int{0, 1, 2, 3, 4, 10, 20, 100, 150, 300, 600, 650, 700, 1000, 5000, len(whole) / 2, len(whole) - 1000, len(whole) - 2, len(whole) - 1} {
		a := p.send(w, "photo.jpg", whole[:n], nil)
		if a.Status != 200 {
			t.Fatalf("%d bytes: %s", n, a)
		}
		done := w.settled(a.Body["id"].(string))
		if status := done["status"]; status == "ready" && done["truncated"] != true && n < len(whole)-2 || status == "rejected" && done["status_reason"] == "" || status != "ready" && status != "rejected" {
			t.Errorf("%d of %d bytes: %v, truncated %v, %v", n, len(whole), status, done["truncated"], done["status_reason"])
		}
		if kept := p.fetch(w, a.Body["id"].(string), a.Body["file"].(string), ""); !bytes.Equal(kept.Raw, whole[:n]) {
			t.Errorf("%d bytes: %d were kept", n, len(kept.Raw))
		}
	}
}

// PNG with an alpha channel and WebP get previews as JPEG does, whatever the
// name of the file says.
func TestOtherFormats(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	glass := image.NewNRGBA(image.Rect(0, 0, 200, 100))
	for i := range glass.Pix {
		glass.Pix[i] = byte(i)
	}
	var alpha bytes.Buffer
	if err := png.Encode(&alpha, glass); err != nil {
		t.Fatal(err)
	}
	webp, err := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"alpha.png": alpha.Bytes(), "alpha.jpg": alpha.Bytes(), "tiny.webp": webp, "tiny": webp, "名字 带空格.jpeg.exe": alpha.Bytes(), strings.Repeat("n", 250) + ".png": alpha.Bytes()} {
		a := p.send(w, name, data, nil)
		if a.Status != 200 {
			t.Errorf("%s: %s", name, a)
			continue
		}
		id, file := a.Body["id"].(string), a.Body["file"].(string)
		if done := w.settled(id); done["status"] != "ready" {
			t.Errorf("%s: %v %v", name, done["status"], done["status_reason"])
		}
		if got := p.fetch(w, id, file, "160x160"); got.Status != 200 || len(got.Raw) == 0 {
			t.Errorf("%s: preview %s", name, got)
		}
	}
}

// Twenty phones that send at the same moment are all answered, and all their
// photographs get previews.
func TestTwentyUploadsAtOnce(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	photo := demo.Photo(1, 0)
	answers := make([]answer, 20)
	var phones sync.WaitGroup
	for i := range answers {
		phones.Go(func() { answers[i] = p.send(w, fmt.Sprintf("photo%d.jpg", i), photo, nil) })
	}
	phones.Wait()
	for _, a := range answers {
		if a.Status != 200 {
			t.Fatal(a)
		}
		if done := w.settled(a.Body["id"].(string)); done["status"] != "ready" {
			t.Errorf("%v", done)
		}
	}
}
