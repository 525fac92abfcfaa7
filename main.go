// Command gridwalk is an offline-first backend for grid officers.
package main

import (
	"fmt"
	"log/slog"
	"os"

	"gridwalk/commands"
	hooks "gridwalk/pb_hooks"
	"gridwalk/server"
)

func main() {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	app := server.New(hooks.DefaultSettings(), log)
	if err := commands.Run(app, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "gridwalk:", err)
		os.Exit(1)
	}
}
