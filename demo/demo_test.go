package demo

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gridwalk/geo"
)

var noon = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

// mixed is small and has everything: towns, communities, exclusive grids,
// zones and part-time officers.
var mixed = Spec{Name: "mixed", Towns: 2, Communities: 2, Villages: 4, Grids: 40, Exclusive: 3, Zones: 95,
	Households: 300, Residents: 790, Care: 60, PartTime: 70, Visits: 80, CheckIns: 60, Photos: 2, Spacing: 1000}

func preset(t *testing.T, name string) Spec {
	t.Helper()
	spec, err := Preset(name)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// generate gives all rows by collection.
func generate(t *testing.T, spec Spec, seed uint64) map[string][]row {
	t.Helper()
	all := map[string][]row{}
	err := Generate(spec, seed, noon, func(collection string, r map[string]any) error {
		all[collection] = append(all[collection], r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func fingerprint(t *testing.T, seed uint64) string {
	t.Helper()
	sum := sha256.New()
	encoder := json.NewEncoder(sum)
	err := Generate(mixed, seed, noon, func(collection string, r map[string]any) error {
		return encoder.Encode([]any{collection, r})
	})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

func TestTheSameSeedMakesTheSameBytes(t *testing.T) {
	first := fingerprint(t, 7)
	if again := fingerprint(t, 7); again != first {
		t.Error("two runs with seed 7 differ")
	}
	if other := fingerprint(t, 8); other == first {
		t.Error("seed 8 makes the same as seed 7")
	}
}

func TestPresetsMakeExactlyWhatTheySay(t *testing.T) {
	for _, name := range []string{"tiny", "town", "county"} {
		t.Run(name, func(t *testing.T) {
			spec, got, cared := preset(t, name), map[string]int{}, 0
			err := Generate(spec, 1, noon, func(collection string, r map[string]any) error {
				got[collection]++
				if tags, _ := r["care_tags"].([]string); len(tags) > 0 {
					cared++
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]int{
				"regions": 1 + spec.Towns + spec.Communities + spec.Villages, "grids": spec.Grids + spec.Zones,
				"households": spec.Households, "residents": spec.Residents, "care_plans": spec.Care,
				"visits": spec.Visits, "check_ins": spec.CheckIns, "evidence": spec.Photos,
			}
			for collection, n := range want {
				if got[collection] != n {
					t.Errorf("%d %s, want %d", got[collection], collection, n)
				}
			}
			if cared != spec.Care {
				t.Errorf("%d residents with care tags, want %d", cared, spec.Care)
			}
		})
	}
	if _, err := Preset("nation"); err == nil {
		t.Error("an unknown preset is accepted")
	}
}

func TestNothingCanBeTakenForReal(t *testing.T) {
	phone := regexp.MustCompile(`^100\d{8}$`)
	longNumber := regexp.MustCompile(`\d{18}`)
	for collection, rows := range generate(t, mixed, 1) {
		for _, r := range rows {
			for field, value := range r {
				words, _ := value.(string)
				switch field {
				case "phone", "duty_phone":
					if words != "" && !phone.MatchString(words) {
						t.Errorf("%s.phone %q could be dialled", collection, words)
					}
				case "code", "grid_code":
					if !strings.HasPrefix(words, "9901") {
						t.Errorf("%s %q is a code that may be assigned", collection, words)
					}
				case "email":
					if !strings.HasSuffix(words, ".invalid") {
						t.Errorf("mail to %q could arrive", words)
					}
				case "name_zh", "address_zh":
					if !strings.Contains(words, "演示") {
						t.Errorf("%s %q is not marked", collection, words)
					}
				case "sha256":
					continue
				}
				if longNumber.MatchString(words) {
					t.Errorf("%s.%s %q has 18 digits", collection, field, words)
				}
			}
		}
	}
}

func TestEveryCharacterOfANameHasPinyin(t *testing.T) {
	all := generate(t, mixed, 2)
	for _, r := range slices.Concat(all["residents"], all["officers"]) {
		for _, char := range r["name"].(string) {
			if syllables[char] == "" {
				t.Fatalf("no pinyin for %c of %s", char, r["name"])
			}
		}
	}
	for _, lists := range []given{oldMen, oldWomen, youngMen, youngWomen} {
		for _, char := range slices.Concat(lists.one, lists.first, lists.second) {
			if searchable(char) == " " {
				t.Errorf("no pinyin for %s", char)
			}
		}
	}
	if got := searchable("周明兰"); got != "zhouminglan zml" {
		t.Errorf("周明兰 is searched as %q", got)
	}
}

func TestChildrenHaveConsentOfAGuardian(t *testing.T) {
	all := generate(t, mixed, 1)
	by := map[string]string{}
	for _, c := range all["consents"] {
		by[c["subject"].(string)] = c["given_by"].(string)
	}
	children := 0
	for _, r := range all["residents"] {
		if noon.Year()-r["birth_year"].(int) < 14 {
			children++
			if by[r["id"].(string)] != "guardian" {
				t.Errorf("child %s: consent by %q", r["id"], by[r["id"].(string)])
			}
		}
	}
	if children == 0 {
		t.Error("there are no children")
	}
}

func TestHomesAreOfAllSizesAndEldersLiveAlone(t *testing.T) {
	all := generate(t, preset(t, "tiny"), 1)
	sizes, alone := map[any]int{}, 0
	for _, r := range all["households"] {
		sizes[r["resident_count"]]++
	}
	for n := 1; n <= 5; n++ {
		if sizes[n] == 0 {
			t.Errorf("no home has %d people: %v", n, sizes)
		}
	}
	for _, r := range all["residents"] {
		if slices.Contains(r["care_tags"].([]string), "lives_alone_elder") {
			alone++
		}
	}
	if alone == 0 {
		t.Error("no elder lives alone")
	}
}

func TestTinyShowsEveryVerdictAndEveryRole(t *testing.T) {
	all := generate(t, preset(t, "tiny"), 1)
	seen := map[any]int{}
	for _, r := range all["check_ins"] {
		seen[r["verdict_server"]]++
	}
	for _, verdict := range []string{"inside", "near_edge", "outside", "uncertain", "no_fix", "qr_confirmed"} {
		if seen[verdict] == 0 {
			t.Errorf("no check-in is %s: %v", verdict, seen)
		}
	}
	accounts, err := Officers(preset(t, "tiny"), 1)
	if err != nil {
		t.Fatal(err)
	}
	roles := map[string]bool{}
	for _, a := range accounts {
		roles[a.Role] = true
	}
	if len(roles) != 10 {
		t.Errorf("%d roles, want all 10: %v", len(roles), roles)
	}
	hero := accounts[slices.IndexFunc(accounts, func(a Account) bool { return a.Name == "周明兰" })]
	want := Account{Email: "officer004@demo.gridwalk.invalid", Role: "grid_officer", GridCode: "990101103201004", GridID: hero.GridID, Name: "周明兰", ID: hero.ID}
	if hero != want || hero.ID == "" || hero.GridID == "" {
		t.Errorf("周明兰 is %+v, want %+v", hero, want)
	}
}

// Every patrol has a track that stays within it and in which nobody jumps, and
// whoever was visited was passed.
func TestEveryPatrolHasATrack(t *testing.T) {
	all := generate(t, preset(t, "tiny"), 1)
	patrols, passed := map[any]row{}, map[any]bool{}
	for _, p := range all["patrols"] {
		patrols[p["id"]] = p
	}
	for _, c := range all["coverage"] {
		passed[c["place"]] = true
	}
	if len(all["track_batches"]) != len(patrols) {
		t.Errorf("%d tracks of %d patrols", len(all["track_batches"]), len(patrols))
	}
	for _, b := range all["track_batches"] {
		blob, err := base64.StdEncoding.DecodeString(b["track"].(string))
		if err != nil {
			t.Fatal(err)
		}
		points, err := geo.DecodeTrack(blob)
		if err != nil || len(points) != b["count"] {
			t.Fatalf("%d points of %v: %v", len(points), b["count"], err)
		}
		segments, jumps := geo.Segments(points, geo.DefaultTrackSettings())
		p := patrols[b["patrol"]]
		if len(segments) != 1 || len(jumps) > 0 || stamp(points[0].Time()) < p["started_at"].(string) || stamp(points[len(points)-1].Time()) > p["ended_at"].(string) {
			t.Errorf("track of %v: %d segments, %d jumps", p, len(segments), len(jumps))
		}
	}
	buildings := map[any]any{}
	for _, h := range all["households"] {
		buildings[h["id"]] = h["building"]
	}
	for _, v := range all["visits"] {
		if !passed[buildings[v["household"]]] {
			t.Errorf("visit %v passed nothing", v["id"])
		}
	}
	if len(passed) == len(all["buildings"]) {
		t.Error("nothing is neglected")
	}
}

func TestGenerateStopsAtTheFirstError(t *testing.T) {
	full := errors.New("full")
	calls := 0
	err := Generate(preset(t, "county"), 1, noon, func(string, map[string]any) error {
		calls++
		return full
	})
	if !errors.Is(err, full) || calls != 1 {
		t.Errorf("error %v after %d calls", err, calls)
	}
}

func TestPhotosDiffer(t *testing.T) {
	if bytes.Equal(Photo(1, 0), Photo(1, 1)) || bytes.Equal(Photo(1, 0), Photo(2, 0)) {
		t.Error("two photographs are the same")
	}
	if !bytes.Equal(Photo(1, 0), Photo(1, 0)) {
		t.Error("one photograph is drawn in two ways")
	}
}
