#!/bin/sh
# Writes the pictures again: sh make.sh, in this folder.
set -e
GRIDWALK_SCENE="$PWD/scene.ppm" go test -count=1 -run '^TestDrawScene$' ..
for s in 1x1 2x1 1x2 2x2 4x1 4x2; do
  cjpeg -quality 85 -sample $s -outfile $s-baseline.jpg scene.ppm
  cjpeg -quality 85 -sample $s -progressive -outfile $s-progressive.jpg scene.ppm
done
cjpeg -quality 85 -sample 2x2 -restart 3B -outfile 2x2-restart.jpg scene.ppm
cjpeg -quality 85 -sample 2x2 -optimize -outfile 2x2-optimized.jpg scene.ppm
cjpeg -quality 85 -grayscale -outfile grey-baseline.jpg scene.ppm
cjpeg -quality 85 -grayscale -progressive -outfile grey-progressive.jpg scene.ppm
# Three scans, one for each component.
printf '0;1;2;' > scans.txt
cjpeg -quality 85 -sample 2x2 -scans scans.txt -outfile 2x2-apart.jpg scene.ppm
# What image/jpeg refuses: it counts restart intervals of scans of one component
# in units of all.
cjpeg -quality 85 -sample 2x2 -progressive -restart 1 -outfile odd-progressive-restart.jpg scene.ppm
cjpeg -quality 85 -sample 1x4 -outfile odd-1x4.jpg scene.ppm
cjpeg -quality 85 -sample 2x2,2x1,1x2 -outfile odd-2x2-2x1-1x2.jpg scene.ppm
cjpeg -quality 85 -sample 3x1 -outfile odd-3x1.jpg scene.ppm
cjpeg -quality 85 -sample 3x2,1x1,1x2 -progressive -outfile odd-3x2-1x1-1x2-progressive.jpg scene.ppm
cjpeg -quality 85 -sample 1x1,2x2,2x2 -outfile odd-1x1-2x2-2x2.jpg scene.ppm
rm scene.ppm scans.txt
