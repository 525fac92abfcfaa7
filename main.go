// Command gridwalk is an offline-first backend for grid officers.
package main

import (
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"

	"gridwalk/commands"
	hooks "gridwalk/pb_hooks"
	"gridwalk/server"
)

func main() {
	setMemory(os.LookupEnv)
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gridwalk:", err)
		os.Exit(1)
	}
}

func run() error {
	settings, err := hooks.SettingsFrom(os.LookupEnv)
	if err != nil {
		return err
	}
	if len(os.Args) > 1 && os.Args[1] == "demo" {
		settings.OpenEnrolment = true // nobody is there to approve phones
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	return commands.Run(server.New(settings, log), os.Args[1:], os.Stdout, os.Stderr)
}

// setMemory has garbage collected at five times what is in use, and not at
// twice, as long as the heap stays under 160 MiB: a push becomes a quarter
// faster, and a crowd of phones still does not fill a small machine. Whoever
// sets GOGC or GOMEMLIMIT knows better.
func setMemory(env func(string) (string, bool)) {
	if _, set := env("GOGC"); !set {
		debug.SetGCPercent(400)
	}
	if _, set := env("GOMEMLIMIT"); !set {
		debug.SetMemoryLimit(160 << 20)
	}
}
