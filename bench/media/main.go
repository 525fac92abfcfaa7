// Command media measures how photographs become previews: a server's three
// derivatives of a phone's JPEG by PocketBase, by imaging, by gridwalk and,
// where it is installed, by libvips, each in a process of its own.
//
//	go run ./bench/media                     drawn photographs of 12, 24 and 48 MP
//	go run ./bench/media -photos ~/Pictures  yours
//	go run ./bench/media -keep /tmp/previews to look at
//
// bench/README.md says what the figures mean.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"gridwalk/media"
)

const childFlag = "-child"

func main() {
	if len(os.Args) == 6 && os.Args[1] == childFlag {
		exit(child(os.Args[2], os.Args[3], os.Args[4], os.Args[5]))
		return
	}
	photos := flag.String("photos", "", "a folder of JPEGs to measure with, instead of drawn ones")
	rounds := flag.Int("rounds", 5, "processes of each pipeline, one after the other")
	runs := flag.Int("runs", 2, "runs in a process")
	keep := flag.String("keep", "", "a folder for the derivatives")
	flag.Parse()
	exit(measure(*photos, *keep, *rounds, *runs))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench/media:", err)
		os.Exit(1)
	}
}

// row is a pipeline's figures for a photograph.
type row struct {
	pipeline   string
	cpu, wall  []float64
	idle, peak float64
	psnr, ssim float64
	bytes      int64
}

func measure(folder, keep string, rounds, runs int) error {
	dir, err := os.MkdirTemp("", "gridwalk-bench-media-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if keep == "" {
		keep = dir
	}
	vips, version, err := buildLibvips(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, "without libvips:", err)
	}
	photos, err := collect(folder)
	if err != nil {
		return err
	}
	fmt.Printf("%s, libvips %s, best and median of %d × %d runs\n\n", time.Now().Format(time.DateOnly), version, rounds, runs)
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', 0)
	fmt.Fprintln(out, "| photograph\t| pipeline\t| CPU ms best\t| median\t| wall ms best\t| peak MB\t| more than idle\t| preview PSNR dB\t| SSIM\t| KB\t| CPU to libvips\t|")
	fmt.Fprintln(out, "| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t|")
	for i, draw := range photos {
		p, err := draw()
		if err != nil {
			return err
		}
		rows, err := compare(p, filepath.Join(dir, strconv.Itoa(i)), filepath.Join(keep, strings.ReplaceAll(p.name, " ", "-")), vips, rounds, runs)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		print(out, p, rows)
	}
	return out.Flush()
}

// collect returns what to measure with, to be made one at a time: the drawn
// ones take much memory.
func collect(folder string) ([]func() (photo, error), error) {
	var all []func() (photo, error)
	if folder == "" {
		for _, s := range []struct{ w, h, orientation int }{{4032, 3024, 1}, {4032, 3024, 6}, {6000, 4000, 1}, {6000, 4000, 6}, {8064, 6048, 1}, {8064, 6048, 6}} {
			all = append(all, func() (photo, error) { return synthesize(s.w, s.h, s.orientation) })
		}
		return all, nil
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.[jJ][pP]*[gG]"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no JPEGs in %s: %v", folder, err)
	}
	for _, file := range files {
		all = append(all, func() (photo, error) {
			data, err := os.ReadFile(file)
			return photo{filepath.Base(file), data}, err
		})
	}
	return all, nil
}

// compare runs every pipeline on a photograph, by turns.
func compare(p photo, dir, keep, vips string, rounds, runs int) ([]*row, error) {
	file := filepath.Join(dir, "photo.jpg")
	if err := store(p.data, file); err != nil {
		return nil, err
	}
	var rows []*row
	for _, p := range pipelines {
		rows = append(rows, &row{pipeline: p.name})
	}
	if vips != "" {
		rows = append(rows, &row{pipeline: theirs})
	}
	for range rounds {
		for i, r := range rows {
			if err := r.round(file, filepath.Join(keep, strconv.Itoa(i)), vips, runs); err != nil {
				return nil, fmt.Errorf("%s: %w", r.pipeline, err)
			}
		}
	}
	want, err := reference(file)
	if err != nil {
		return nil, err
	}
	for i, r := range rows {
		if err := r.judge(want, filepath.Join(keep, strconv.Itoa(i))); err != nil {
			return nil, err
		}
	}
	limit, err := recompressed(want)
	if err != nil {
		return nil, err
	}
	best := &row{pipeline: "the reference itself at q80"}
	best.psnr, best.ssim = likeness(want, limit)
	return append(rows, best), nil
}

// round runs a pipeline in a process.
func (r *row) round(file, dir, vips string, runs int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	cmd := exec.Command(os.Args[0], childFlag, r.pipeline, file, dir, strconv.Itoa(runs))
	if r.pipeline == theirs {
		cmd = exec.Command(vips, file, dir, strconv.Itoa(runs))
	}
	cmd.Stderr = os.Stderr
	said, err := cmd.Output()
	if err != nil {
		return err
	}
	var m measured
	if err := json.Unmarshal(said, &m); err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	for _, run := range m.Runs {
		r.cpu, r.wall = append(r.cpu, run.CPU), append(r.wall, run.Wall)
	}
	r.idle, r.peak = m.Idle, max(r.peak, m.Peak)
	return nil
}

// judge compares the preview with the reference, and adds up what was written.
func (r *row) judge(want image.Image, dir string) error {
	for _, size := range media.EvidenceSizes() {
		info, err := os.Stat(filepath.Join(dir, size.Name()+".jpg"))
		if err != nil {
			return err
		}
		r.bytes += info.Size()
	}
	f, err := os.Open(filepath.Join(dir, "1600x0.jpg"))
	if err != nil {
		return err
	}
	defer f.Close()
	got, err := jpeg.Decode(f)
	if err != nil {
		return err
	}
	if d := got.Bounds().Size().Sub(want.Bounds().Size()); max(d.X, -d.X, d.Y, -d.Y) > 1 {
		return fmt.Errorf("%s made %v instead of %v", r.pipeline, got.Bounds(), want.Bounds())
	}
	r.psnr, r.ssim = likeness(want, got)
	return nil
}

func print(out *tabwriter.Writer, p photo, rows []*row) {
	peer := math.NaN()
	for _, r := range rows {
		if r.pipeline == theirs {
			peer = slices.Min(r.cpu)
		}
	}
	for _, r := range rows {
		if len(r.cpu) == 0 {
			fmt.Fprintf(out, "| %s\t| %s\t|\t|\t|\t|\t|\t| %.1f\t| %.3f\t|\t|\t|\n", p.name, r.pipeline, r.psnr, r.ssim)
			continue
		}
		fmt.Fprintf(out, "| %s\t| %s\t| %.0f\t| %.0f\t| %.0f\t| %.0f\t| %.0f\t| %.1f\t| %.3f\t| %d\t| %.2f\t|\n", p.name, r.pipeline,
			slices.Min(r.cpu), median(r.cpu), slices.Min(r.wall), r.peak, r.peak-r.idle, r.psnr, r.ssim, r.bytes/1000, slices.Min(r.cpu)/peer)
	}
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}
