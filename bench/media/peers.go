package main

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/disintegration/imaging"
	"github.com/pocketbase/pocketbase/tools/filesystem"

	"gridwalk/media"
)

// pipeline makes the three derivatives of a file into a folder, named for their
// sizes.
type pipeline struct {
	name string
	do   func(file, dir string) error
}

// pipelines that run in Go. libvips is a program of its own.
var pipelines = []pipeline{
	{"PocketBase's thumbs", pocketbase},
	{"imaging, decoded once", once},
	{ours, gridwalk},
}

const (
	ours   = "gridwalk"
	theirs = "libvips, one thread"
)

// pocketbase calls PocketBase's own code: it decodes the file for each size.
func pocketbase(file, dir string) error {
	fsys, err := filesystem.NewLocal(filepath.Dir(file))
	if err != nil {
		return err
	}
	defer fsys.Close()
	for _, size := range media.EvidenceSizes() {
		key := "thumbs/" + size.Name() + ".jpg"
		if err := fsys.CreateThumb(filepath.Base(file), key, size.Name()); err != nil {
			return err
		}
		made, err := os.ReadFile(filepath.Join(filepath.Dir(file), key))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, size.Name()+".jpg"), made, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// store puts a photograph where PocketBase knows its type.
func store(data []byte, file string) error {
	fsys, err := filesystem.NewLocal(filepath.Dir(file))
	if err != nil {
		return err
	}
	defer fsys.Close()
	return fsys.Upload(data, filepath.Base(file))
}

// once is what one would write with imaging at hand.
func once(file, dir string) error {
	img, err := imaging.Open(file, imaging.AutoOrientation(true))
	if err != nil {
		return err
	}
	preview := imaging.Resize(img, 1600, 0, imaging.Lanczos)
	card := imaging.Resize(preview, 480, 0, imaging.Lanczos)
	square := imaging.Fill(card, 160, 160, imaging.Center, imaging.Lanczos)
	for name, img := range map[string]image.Image{"1600x0": preview, "480x0": card, "160x160": square} {
		if err := imaging.Save(img, filepath.Join(dir, name+".jpg"), imaging.JPEGQuality(80)); err != nil {
			return err
		}
	}
	return nil
}

// gridwalk is what the server does with a photograph.
func gridwalk(file, dir string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := media.Inspect(f, media.DefaultLimits())
	if err != nil {
		return err
	}
	made, _, err := media.Derive(context.Background(), f, info, media.EvidenceSizes())
	if err != nil {
		return err
	}
	for _, d := range made {
		if err := os.WriteFile(filepath.Join(dir, d.Size.Name()+".jpg"), d.Data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

//go:embed libvips/libvips.c
var libvipsSource []byte

// buildLibvips compiles the peer, if there are a compiler and libvips.
func buildLibvips(dir string) (program, version string, err error) {
	version, err = output("pkg-config", "--modversion", "vips")
	if err != nil {
		return "", "", err
	}
	flags, err := output("pkg-config", "--cflags", "--libs", "vips")
	if err != nil {
		return "", "", err
	}
	source, program := filepath.Join(dir, "libvips.c"), filepath.Join(dir, "libvips")
	if err := os.WriteFile(source, libvipsSource, 0o644); err != nil {
		return "", "", err
	}
	_, err = output("cc", append([]string{"-O2", "-o", program, source}, strings.Fields(flags)...)...)
	return program, version, err
}

func output(name string, args ...string) (string, error) {
	var stderr bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w %s", name, err, bytes.TrimSpace(stderr.Bytes()))
	}
	return strings.TrimSpace(string(out)), nil
}

// reference is the preview as it should be: decoded whole, turned, shrunk once
// by Lanczos, and not compressed.
func reference(file string) (*image.NRGBA, error) {
	img, err := imaging.Open(file, imaging.AutoOrientation(true))
	if err != nil {
		return nil, err
	}
	return imaging.Resize(img, 1600, 0, imaging.Lanczos), nil
}

// recompressed is the reference after the loss that no pipeline can avoid.
func recompressed(img *image.NRGBA) (image.Image, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 80}); err != nil {
		return nil, err
	}
	return jpeg.Decode(&b)
}
