package load

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"golang.org/x/sync/errgroup"
)

// enrolling is how many requests run at once while phones are enrolled.
const enrolling = 8

// enrol makes the phones: a device each, for the grid officers that the server
// has, in turn. The superuser gets tokens for the officers by impersonation,
// because a sign-in costs as much as hundreds of requests.
func enrol(ctx context.Context, c *client, cfg Config) ([]*phone, error) {
	var signed struct {
		Token string `json:"token"`
	}
	err := c.must(ctx, "POST", "/api/collections/_superusers/auth-with-password", "", map[string]any{"identity": cfg.Email, "password": cfg.Password}, &signed)
	if err != nil {
		return nil, fmt.Errorf("sign in as %s: %w", cfg.Email, err)
	}
	officers, err := assigned(ctx, c, signed.Token)
	if err != nil {
		return nil, err
	}
	officers = officers[:min(len(officers), cfg.Phones)]
	tokens := make([]string, len(officers))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(enrolling)
	for i, officer := range officers {
		group.Go(func() error {
			var given struct {
				Token string `json:"token"`
			}
			err := c.must(groupCtx, "POST", "/api/collections/officers/impersonate/"+officer, signed.Token, map[string]any{"duration": 6 * 3600}, &given)
			tokens[i] = given.Token
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("get tokens: %w", err)
	}
	phones := make([]*phone, cfg.Phones)
	group, groupCtx = errgroup.WithContext(ctx)
	group.SetLimit(enrolling)
	for n := range phones {
		group.Go(func() error {
			officer := n % len(officers)
			var device struct {
				ID string `json:"id"`
			}
			err := c.must(groupCtx, "POST", "/api/collections/devices/records", signed.Token,
				map[string]any{"officer": officers[officer], "model": "gridwalk load", "platform": "android", "status": "active"}, &device)
			phones[n] = newPhone(c, tokens[officer], device.ID, rngOf(cfg.Seed, n))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("enrol devices: %w", err)
	}
	return phones, nil
}

// assigned gives the grid officers who have a grid.
func assigned(ctx context.Context, c *client, token string) ([]string, error) {
	var found []string
	seen := map[string]bool{}
	for page, pages := 1, 1; page <= pages; page++ {
		var list struct {
			TotalPages int `json:"totalPages"`
			Items      []struct {
				User string `json:"user"`
			} `json:"items"`
		}
		query := url.Values{"filter": {`user.role = "grid_officer" && user.disabled = false && to_date = ""`}, "fields": {"user"}, "sort": {"id"},
			"perPage": {"500"}, "page": {fmt.Sprint(page)}}
		if err := c.must(ctx, "GET", "/api/collections/grid_assignments/records?"+query.Encode(), token, nil, &list); err != nil {
			return nil, fmt.Errorf("list officers: %w", err)
		}
		for _, item := range list.Items {
			if !seen[item.User] {
				seen[item.User] = true
				found = append(found, item.User)
			}
		}
		pages = list.TotalPages
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%w: the server has no grid officer with a grid; load it with a demo first", ErrConfig)
	}
	return found, nil
}

// must sends a request that has to succeed.
func (c *client) must(ctx context.Context, method, path, token string, body, into any) error {
	r, err := c.do(ctx, method, path, token, "", body)
	if err != nil {
		return err
	}
	if r.status != http.StatusOK {
		return fmt.Errorf("%s answers %d: %.200s", path, r.status, r.body)
	}
	return json.Unmarshal(r.body, into)
}
