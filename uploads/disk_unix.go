//go:build unix

package uploads

import "golang.org/x/sys/unix"

// FreeBytes tells how much may still be written to the disk that holds dir.
func FreeBytes(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}
