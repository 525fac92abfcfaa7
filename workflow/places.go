package workflow

// Claim is somebody's claim of a place of a service order.
type Claim struct {
	Who       string
	Confirmed bool // somebody who answers for the order has confirmed him
	Done      bool
	Released  bool // he gave the place up
}

// Places gives the state of each claim, of the enumeration order_claim.status.
// Claims are in the order in which they arrived. Who was confirmed keeps his
// place, then whoever came first has one, and the others wait as backup; a
// place that is given up goes to the first who waits. Nobody has two places.
func Places(claims []Claim, slots int) []string {
	status := make([]string, len(claims))
	placed := map[string]bool{}
	take := func(i int, as string) {
		if c := claims[i]; status[i] == "" && slots > 0 && !placed[c.Who] {
			status[i], placed[c.Who] = as, true
			slots--
		}
	}
	for i, c := range claims {
		switch {
		case c.Released:
			status[i] = "released"
		case c.Done:
			take(i, "done")
		}
	}
	for i, c := range claims {
		if c.Confirmed {
			take(i, "confirmed")
		}
	}
	for i := range claims {
		take(i, "held")
	}
	for i := range claims {
		if status[i] == "" {
			status[i] = "backup"
		}
	}
	return status
}
