package commands

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/cmd"
	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"gridwalk/demo"
	"gridwalk/sealed"
)

// Reasons why gridwalk does not serve.
var (
	errPlain = errors.New("residents' data would cross a network in clear text: give a domain, or --https, or --behind-proxy when something in front keeps TLS (GRIDWALK_BEHIND_PROXY=true)")
	errKey   = errors.New("residents' data would be sealed under a key that everybody knows: give a master key (GRIDWALK_MASTER_KEY_FILE, see docs/security.md), or move what is there to one with gridwalk keys rewrap")
	errDemo  = errors.New("this directory holds demo accounts with a password that everybody knows: serve it on 127.0.0.1 only, or begin with another --dir")
)

// newServe is PocketBase's command, which refuses what would give data away.
func newServe(app *pocketbase.PocketBase) *cobra.Command {
	serve := cmd.NewServeCommand(app, false)
	behind, _ := strconv.ParseBool(os.Getenv("GRIDWALK_BEHIND_PROXY"))
	serve.Flags().BoolVar(&behind, "behind-proxy", behind, "something in front keeps TLS and sets X-Forwarded-For")
	run := serve.RunE
	serve.RunE = func(command *cobra.Command, domains []string) error {
		plain, err := command.Flags().GetString("http")
		if err != nil {
			return err
		}
		secure, err := command.Flags().GetString("https")
		if err != nil {
			return err
		}
		demo, err := holdsDemo(app)
		if err != nil {
			return err
		}
		known, err := sealed.UnderKnown(app)
		if err != nil {
			return err
		}
		if err := safe(listening{plain, secure, len(domains) > 0, behind, demo, known}); err != nil {
			return err
		}
		if behind {
			trustProxy(app)
		}
		// PocketBase lets pages of every origin ask; ours are of this one.
		if origins := command.Flags().Lookup("origins"); !origins.Changed {
			if err := origins.Value.Set("http://" + loopback); err != nil {
				return err
			}
		}
		return run(command, domains)
	}
	return serve
}

// loopback is an origin that no page of a stranger has.
const loopback = "127.0.0.1"

// listening is how somebody wants to serve.
type listening struct {
	http, https   string // addresses, empty unless given
	domain, proxy bool
	demo          bool // the data are the demo's
	known         bool // sealed under a master key that everybody knows
}

// safe says why serving so would give data away.
func safe(l listening) error {
	local := !l.domain && l.https == "" && isLocal(l.http)
	switch {
	case local:
		return nil
	case l.demo:
		return errDemo
	case !l.domain && l.https == "" && !l.proxy:
		return errPlain
	case l.known:
		return errKey
	}
	return nil
}

// isLocal tells whether an address is of this machine only; none is PocketBase's
// own, 127.0.0.1:8090.
func isLocal(addr string) bool {
	if addr == "" {
		return true
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// holdsDemo tells whether accounts of the demo are in the data.
func holdsDemo(app core.App) (bool, error) {
	for _, collection := range []string{"officers", core.CollectionNameSuperusers} {
		if !app.HasTable(collection) { // the schema is made when it is served first
			continue
		}
		var n int
		err := app.DB().NewQuery("SELECT count(*) FROM {{" + collection + "}} WHERE email LIKE '%@" + demo.MailHost + "'").Row(&n)
		if err != nil {
			return false, fmt.Errorf("look for demo accounts: %w", err)
		}
		if n > 0 {
			return true, nil
		}
	}
	return false, nil
}

// trustProxy takes a caller's address from what the nearest proxy says, unless
// an admin has set it: limits would count all phones as one.
func trustProxy(app core.App) {
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		if settings := e.App.Settings(); len(settings.TrustedProxy.Headers) == 0 {
			settings.TrustedProxy.Headers = []string{"X-Forwarded-For"}
		}
		return e.Next()
	})
}
