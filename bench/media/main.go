package main

import (
	"fmt"
	"os"
)

func main() {
	for _, s := range [][2]int{{4032, 3024}, {6000, 4000}, {8064, 6048}} {
		p, err := synthesize(s[0], s[1], 1)
		if err != nil {
			panic(err)
		}
		fmt.Println(p.name, len(p.data), float64(len(p.data))/float64(s[0]*s[1]))
		os.WriteFile(fmt.Sprintf("/tmp/photo%d.jpg", s[0]), p.data, 0o644)
	}
}
