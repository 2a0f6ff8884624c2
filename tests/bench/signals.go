package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"text/tabwriter"
	"time"
)

const (
	roundsPerMinute = 4  // a round every 15 s
	censusRounds    = 40 // from one census to the next
	signalsLimit    = 15 * time.Minute
)

// How much is saved of a histogram depends on how many series each service has.
var (
	lean      = fleet{services: 500, routes: 1}
	rich      = fleet{services: 500, routes: 3}
	large     = fleet{services: 5000, routes: 1}
	ruled     = fleet{services: 500, routes: 1, rules: true}
	richRuled = fleet{services: 500, routes: 3, rules: true}
)

// signalsRow is one population: so many services, of which so many have a policy, found by a label (service) or by
// the names of their pods (pod), and with our recording rules or without. (What it costs to evaluate the rules is
// not in it: about what the grouped queries cost, however many ask for their series.)
type signalsRow struct {
	Services  int       `json:"services"`
	Covered   int       `json:"covered"`
	Mapping   string    `json:"mapping"`
	Rules     bool      `json:"recordingRules"`
	Series    int       `json:"series"`
	Planned   wayCost   `json:"planned"`
	PerPolicy wayCost   `json:"perPolicy"`
	Grouped   wayCost   `json:"grouped"`
	Parse     float64   `json:"parseMegabytesPerSecond"`
	Goals     []verdict `json:"goals"`

	fleet       fleet
	repetitions int
}

// minuteCost is what rounds every 15 s cost in a minute.
type minuteCost struct {
	Queries       float64 `json:"queriesPerMinute"`
	PrometheusCPU float64 `json:"prometheusCpuSecondsPerMinute"`
	OwnCPU        float64 `json:"ownCpuSecondsPerMinute"`
	Bytes         float64 `json:"bytesPerMinute"`
}

// wayCost is a way to ask, and its parts: what is asked of histograms, and the rest.
type wayCost struct {
	minuteCost
	Histograms minuteCost  `json:"histograms"`
	Others     minuteCost  `json:"others"`
	Census     *minuteCost `json:"census,omitempty"` // asked every ten minutes and spread over them; in no other number
}

// partCost is what signals_bench prints of a round.
type partCost struct{ Queries, Bytes, PrometheusCPU, OwnCPU float64 }

// roundCosts are the parts by the names that signals_bench gives them: of `planned` whole, histograms and others, of
// the other ways one for each signal.
type roundCosts struct {
	Planned   map[string]partCost
	PerPolicy map[string]partCost
	Grouped   map[string]partCost
	Parse     float64 `json:"parseMegabytesPerSecond"`
}

// signals measures what the questions of a round cost a real Prometheus, asked in our way, as one query for each
// policy and signal, and as four queries written by hand.
func signals(out io.Writer) (any, bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), signalsLimit)
	defer cancel()
	rows := []*signalsRow{
		{fleet: lean, Covered: 500, Mapping: "service", repetitions: 3},
		{fleet: lean, Covered: 500, Mapping: "pod", repetitions: 3},
		{fleet: rich, Covered: 500, Mapping: "service", repetitions: 3},
		{fleet: rich, Covered: 500, Mapping: "pod", repetitions: 3},
		{fleet: rich, Covered: 20, Mapping: "service", repetitions: 3},
		{fleet: rich, Covered: 20, Mapping: "pod", repetitions: 3},
		{fleet: ruled, Covered: 500, Mapping: "pod", repetitions: 3},
		{fleet: richRuled, Covered: 500, Mapping: "pod", repetitions: 3},
		{fleet: large, Covered: 5000, Mapping: "service", repetitions: 2},
		{fleet: large, Covered: 5000, Mapping: "pod", repetitions: 1},
	}
	for _, fleet := range []fleet{lean, rich, ruled, richRuled, large} {
		if err := measureFleet(ctx, out, fleet, rows); err != nil {
			return nil, false, err
		}
	}
	for _, row := range rows {
		row.Goals = row.judge()
	}
	printSignals(out, rows)
	return rows, true, nil
}

// measureFleet fills the rows of a fleet, with one Prometheus that has its samples.
func measureFleet(ctx context.Context, out io.Writer, fleet fleet, rows []*signalsRow) error {
	server, err := serve(ctx, fleet, out)
	if err != nil {
		return err
	}
	defer server.stop()
	for _, row := range rows {
		if row.fleet != fleet {
			continue
		}
		costs, err := row.measure(ctx, server)
		if err != nil {
			return fmt.Errorf("%d of %d services by %s: %w", row.Covered, fleet.services, row.Mapping, err)
		}
		row.fill(costs)
	}
	return nil
}

func (r *signalsRow) measure(ctx context.Context, server *fleetServer) (costs roundCosts, err error) {
	list := filepath.Join(server.dir, "fleet")
	if err := os.WriteFile(list, []byte(r.fleet.list()), 0o600); err != nil {
		return costs, err
	}
	cmd := exec.CommandContext(ctx, "build/bench/signals_bench", server.url, strconv.Itoa(server.process.Pid()),
		strconv.FormatInt(asked.Unix(), 10), list, strconv.Itoa(r.Covered), r.Mapping, strconv.Itoa(r.repetitions))
	err = readOutput(cmd, &costs)
	return costs, err
}

func (r *signalsRow) fill(costs roundCosts) {
	r.Services, r.Rules, r.Series, r.Parse = r.fleet.services, r.fleet.rules, r.fleet.series(), costs.Parse
	census := perMinute(costs.Planned["census"]).times(1.0 / censusRounds)
	r.Planned = wayCost{
		minuteCost: perMinute(costs.Planned["whole"]),
		Histograms: perMinute(costs.Planned["histograms"]), Others: perMinute(costs.Planned["others"]), Census: &census,
	}
	r.PerPolicy, r.Grouped = bySignal(costs.PerPolicy), bySignal(costs.Grouped)
}

func bySignal(parts map[string]partCost) (cost wayCost) {
	var histograms, others partCost
	for name, part := range parts {
		if name == "latencyP99" {
			histograms = part
		} else {
			others = others.plus(part)
		}
	}
	return wayCost{minuteCost: perMinute(histograms.plus(others)), Histograms: perMinute(histograms), Others: perMinute(others)}
}

func (c partCost) plus(other partCost) partCost {
	return partCost{c.Queries + other.Queries, c.Bytes + other.Bytes, c.PrometheusCPU + other.PrometheusCPU, c.OwnCPU + other.OwnCPU}
}

func perMinute(c partCost) minuteCost {
	return minuteCost{roundsPerMinute * c.Queries, roundsPerMinute * c.PrometheusCPU, roundsPerMinute * c.OwnCPU, roundsPerMinute * c.Bytes}
}

func (c minuteCost) times(factor float64) minuteCost {
	return minuteCost{factor * c.Queries, factor * c.PrometheusCPU, factor * c.OwnCPU, factor * c.Bytes}
}

func printSignals(out io.Writer, rows []*signalsRow) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "services\tseries\trules\tcovered\tby\tway\tqueries/min\tPrometheus CPU s/min\thistograms\tothers\tour CPU s/min\tkB/min\t")
	for _, row := range rows {
		for _, way := range []struct {
			name string
			cost wayCost
		}{{"planned", row.Planned}, {"per policy", row.PerPolicy}, {"grouped", row.Grouped}} {
			c := way.cost
			fmt.Fprintf(table, "%d\t%d\t%s\t%d\t%s\t%s\t%.0f\t%.3f\t%.3f\t%.3f\t%.3f\t%.0f\t\n", row.Services, row.Series, row.rulesWord(), row.Covered, row.Mapping, way.name,
				c.Queries, c.PrometheusCPU, c.Histograms.PrometheusCPU, c.Others.PrometheusCPU, c.OwnCPU, c.Bytes/1000)
		}
	}
	table.Flush()
	fmt.Fprintln(out)
	goals := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for _, goal := range row.Goals {
			fmt.Fprintf(goals, "%d of %d by %s, %d series, rules %s:\t%s\t%.3g\tgoal %.3g\t%s\n", row.Covered, row.Services, row.Mapping, row.Series, row.rulesWord(),
				goal.What, goal.Value, goal.Goal, goal.word())
		}
	}
	goals.Flush()
}

func (r *signalsRow) rulesWord() string {
	if r.Rules {
		return "yes"
	}
	return "no"
}
