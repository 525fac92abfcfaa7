package replica

import (
	"encoding/json"
	"strings"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/subscriptions"
)

const pokeTopic = "sync/"

// bindPokes lets a phone subscribe to «sync/<scope>» for scopes that it holds,
// and to no other.
func (e *Engine) bindPokes() {
	e.app.OnRealtimeSubscribeRequest().BindFunc(func(event *core.RealtimeSubscribeRequestEvent) error {
		var caller Caller
		for _, topic := range event.Subscriptions {
			scope, ok := strings.CutPrefix(topic, pokeTopic)
			if !ok {
				continue
			}
			if caller.Device == "" {
				var err error
				if caller, err = e.Authorize(event.Auth, event.Request.Header.Get("X-Gridwalk-Device")); err != nil {
					return apis.NewForbiddenError("A poke needs an officer on an enrolled device.", nil)
				}
			}
			if !caller.holds(scope) {
				return apis.NewForbiddenError("You do not hold this scope.", nil)
			}
		}
		return event.Next()
	})
}

// poke tells online phones that a scope changed, and nothing else.
func (e *Engine) poke(scopes []string, seq int64) {
	broker := e.app.SubscriptionsBroker()
	if broker.TotalClients() == 0 {
		return
	}
	data, err := json.Marshal(map[string]int64{"seq": seq})
	if err != nil {
		return // a map of numbers always marshals
	}
	for _, client := range broker.Clients() {
		if client.Get(apis.RealtimeClientAuthKey) == nil {
			continue // its officer's sessions were ended
		}
		for _, scope := range scopes {
			if client.HasSubscription(pokeTopic + scope) {
				client.Send(subscriptions.Message{Name: pokeTopic + scope, Data: data})
			}
		}
	}
}
