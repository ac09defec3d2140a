package main

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

const seedListings = 4000

// goods is what the teams of the seed offer in one category.
type goods struct {
	category, kind string
	things         []string
	remarks        []string
}

var seedGoods = []goods{
	{"Lifting", "equipment", []string{"Chain hoist", "Scissor lift", "Pallet truck", "Mobile crane arm", "Vacuum lifter", "Stair climber", "Forklift", "Platform trolley"}, []string{"Inspected this spring.", "Charger and spare battery are with it.", "Only with a valid operator card."}},
	{"Measuring", "equipment", []string{"Thermal camera", "Laser distance meter", "Oscilloscope", "Sound level meter", "Moisture meter", "Torque wrench", "Power analyser", "Air quality logger"}, []string{"Calibrated, the certificate is in the case.", "Comes with probes and a hard case.", "Please return it with the data deleted."}},
	{"Power tools", "equipment", []string{"Impact driver", "Rotary hammer", "Angle grinder", "Jigsaw", "Heat gun", "Circular saw", "Dust extractor", "Magnetic drill"}, []string{"Two batteries, both fresh.", "Blades and bits are charged by use.", "Ear protection is in the box."}},
	{"Workshop", "equipment", []string{"Laser cutter", "3D printer", "Welding bench", "Soldering station", "Compressor", "Band saw", "Pillar drill", "Paint booth"}, []string{"To be used on site, by the hour or the day.", "A short introduction is needed the first time.", "Bring your own material."}},
	{"Films and photos", "equipment", []string{"Mirrorless camera", "Lighting set", "Wireless microphone set", "Video mixer", "Tripod", "Projector", "Drone", "Teleprompter"}, []string{"Memory cards are included.", "Batteries come charged.", "Insurance runs over the lending team."}},
	{"IT hardware", "equipment", []string{"Loan laptop", "Label printer", "Barcode scanner", "Mobile router", "Rack server", "Docking station", "Large monitor", "Tablet set"}, []string{"Wiped before every loan.", "Power supply and cables are with it.", "Please report damage at once."}},
	{"Laboratory", "equipment", []string{"Centrifuge", "Precision scale", "Climate chamber", "Microscope", "Fume hood", "pH meter", "Shaker", "Drying oven"}, []string{"Slots of half a day.", "Clean it before you hand it back.", "Glassware is not included."}},
	{"Safety", "equipment", []string{"Fall protection kit", "Gas detector", "Barrier set", "First aid backpack", "Emergency lighting", "Eye wash station", "Respirator set", "Spill kit"}, []string{"Checked monthly.", "Instruction takes ten minutes.", "Used material is replaced by us."}},
	{"Events", "equipment", []string{"Marquee", "Stage element", "Folding table set", "Public address system", "Cloakroom rack", "Information stand", "Cable bridge set", "Light tower"}, []string{"Delivery inside the site is free.", "Two people are needed to set it up.", "Book early before the summer."}},
	{"Transport", "service", []string{"Courier run", "Van with driver", "Pallet transport", "Airport shuttle", "Furniture move", "Cold chain delivery", "Archive collection", "Tool delivery"}, []string{"Daily at eight and at two.", "Within 50 kilometres.", "Loading help is included."}},
	{"Training", "service", []string{"Forklift course", "First aid course", "Spreadsheet workshop", "Welding basics", "Fire warden training", "Presentation coaching", "Data protection briefing", "Drone pilot course"}, []string{"Up to twelve people.", "Ends with a certificate.", "In your rooms or in ours."}},
	{"Translation", "service", []string{"Technical translation", "Interpreting", "Subtitling", "Proofreading", "Manual localisation", "Contract translation", "Plain language editing", "Sign language interpreting"}, []string{"Thirty pages a day.", "Answers within one working day.", "Terminology is kept in our glossary."}},
	{"Design", "service", []string{"Poster design", "Signage planning", "Icon set", "Exhibition concept", "Report layout", "Packaging draft", "Floor plan drawing", "Info graphic"}, []string{"Two rounds of changes are included.", "Files come in open formats.", "A first draft takes three days."}},
	{"Cleaning", "service", []string{"Window cleaning", "Machine cleaning", "Carpet cleaning", "Clean room service", "Façade cleaning", "Vehicle wash", "Waste sorting", "Floor polishing"}, []string{"Also in the evening.", "Materials are included.", "Ask us for a regular round."}},
	{"Catering", "service", []string{"Breakfast buffet", "Team lunch", "Coffee bar", "Barbecue", "Vegan menu", "Conference drinks", "Fruit delivery", "Evening reception"}, []string{"From ten people on.", "Dishes are collected the next day.", "Allergies: please write them into the message."}},
}

var (
	seedTeams = []string{"Assembly North", "Assembly South", "Facilities", "Field Service", "IT Operations", "Laboratory 2", "Logistics", "Media Centre", "People and Learning", "Quality", "Site Safety", "Workshop East"}
	seedNames = []string{"Ada Brandt", "Bela Novak", "Carla Ruiz", "Deniz Aydin", "Emil Sørensen", "Farah Haddad", "Gita Rao", "Hugo Martin", "Ines Costa", "Jonas Weber", "Kaja Lind", "Leo Rossi"}
	seedSites = []string{"Berlin", "Gdańsk", "Graz", "Leeds", "Lyon", "Malmö", "Porto", "Turin", "Utrecht", "Zürich"}
	seedLooks = []string{"Compact", "Heavy duty", "Quiet", "Portable", "Nearly new", "Well kept", "Large", "Spare", "Cordless", "Industrial"}
	seedWays  = []string{"Short notice", "Weekly", "Weekend", "Small group", "Remote", "Early morning", "Multi-site", "Express"}
)

// seed fills an empty database with the same listings every time. Nobody can
// log in as the teams that own them.
func (s *store) seed(ctx context.Context) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		var users int
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM users").Scan(&users); err != nil || users > 0 {
			return err
		}
		for i, team := range seedTeams {
			if _, err := tx.ExecContext(ctx, "INSERT INTO users (id, email, name, team, password) VALUES (?, ?, ?, ?, x'')",
				i+1, fmt.Sprintf("team%d@example.org", i+1), seedNames[i], team); err != nil {
				return err
			}
		}
		insert, err := tx.PrepareContext(ctx, "INSERT INTO listings (owner_id, team, kind, category, title, body, site, price, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
		if err != nil {
			return err
		}
		defer func() { _ = insert.Close() }()
		rnd, start := rand.New(rand.NewPCG(1, 2)), time.Now().AddDate(0, -3, 0)
		for i := range seedListings {
			l := inventListing(rnd)
			created := start.Add(time.Duration(i) * 32 * time.Minute)
			if _, err := insert.ExecContext(ctx, l.OwnerID, l.Team, l.Kind, l.Category, l.Title, l.Body, l.Site, l.Price, created.Unix()); err != nil {
				return err
			}
		}
		return nil
	})
}

// inventListing makes up one listing from the words above.
func inventListing(rnd *rand.Rand) listing {
	pick := func(words []string) string { return words[rnd.IntN(len(words))] }
	g, owner := seedGoods[rnd.IntN(len(seedGoods))], rnd.IntN(len(seedTeams))
	l := listing{
		OwnerID: int64(owner + 1), Team: seedTeams[owner], Kind: g.kind, Category: g.category,
		Site: pick(seedSites), Price: int64(rnd.IntN(40)) * 500,
	}
	thing, look := pick(g.things), pick(seedLooks)
	about := fmt.Sprintf("%s lends this %s to every team in %s.", l.Team, strings.ToLower(thing), l.Site)
	if g.kind == "service" {
		look = pick(seedWays)
		about = fmt.Sprintf("%s does this for every team in %s: %s.", l.Team, l.Site, strings.ToLower(thing))
	}
	// Acronyms in the middle of a title keep their capitals.
	if thing[1] >= 'a' && thing[1] <= 'z' && thing[0] != 'p' {
		thing = strings.ToLower(thing[:1]) + thing[1:]
	}
	l.Title = fmt.Sprintf("%s %s, no. %d", look, thing, 1+rnd.IntN(40))
	l.Body = about + "\n\n" + pick(g.remarks) + " Pick a number of days and say what you need it for; somebody answers after the review."
	return l
}
