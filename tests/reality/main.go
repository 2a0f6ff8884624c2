// The reality check and the contest: what `make reality` and `make contest` run after the build.
//
// Each scenario of tests/reality/scenarios is simulated, and is played on a local cluster: Node.js processes behind
// the proxy, the real Prometheus, the real controller, with the same ScalingPolicy. The simulator has to predict
// Evenkeel's replicas and bad time (compare.go): exit code 0 only where it does.
//
// In the contest a second copy of the service is beside it, with a load of the same arrivals, under the real
// HorizontalPodAutoscaler (rival.go). Two services keep the machine twice as busy, so nothing is checked then.
// With -recorded the real runs of last time are compared with new simulations.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

type options struct {
	out, scenarios string
	seeds, runs    int
	recorded       bool
	contest        bool
	names          []string // of scenarios; none: all in a contest, else those that are checked
}

func parseOptions(args []string) (options, error) {
	o := options{}
	flags := flag.NewFlagSet("reality", flag.ContinueOnError)
	flags.StringVar(&o.out, "out", "", "`directory` for the data, the pictures and the report (default build/reality; in a contest build/contest)")
	flags.StringVar(&o.scenarios, "scenarios", filepath.Join("tests", "reality", "scenarios"), "`directory` of the scenarios")
	flags.IntVar(&o.seeds, "seeds", 20, "simulated episodes of each scenario")
	flags.IntVar(&o.runs, "runs", 1, "real episodes of each scenario, each with arrivals of its own; the mean of them is compared")
	flags.BoolVar(&o.recorded, "recorded", false, "compare with the real runs that -out has, instead of running anew")
	flags.BoolVar(&o.contest, "contest", false, "play the same on a second copy of the service, which the real HPA scales")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: reality [flags] [SCENARIO...]   in the root of the repository, after make")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if o.seeds < 1 || o.seeds > 1000 {
		return options{}, fmt.Errorf("-seeds %d: must be from 1 to 1000", o.seeds)
	}
	if o.runs < 1 || o.runs > 20 {
		return options{}, fmt.Errorf("-runs %d: must be from 1 to 20", o.runs)
	}
	o.names = flags.Args()
	if o.out == "" {
		o.out = filepath.Join("build", o.kind())
	}
	return o, nil
}

func (o options) kind() string {
	if o.contest {
		return "contest"
	}
	return "reality"
}

// files of the scenarios that are chosen.
func (o options) files() ([]string, error) {
	found, err := filepath.Glob(filepath.Join(o.scenarios, "*.json"))
	if err != nil || len(found) == 0 {
		return nil, fmt.Errorf("there are no scenarios in %s", o.scenarios)
	}
	var known []string
	for _, file := range found {
		known = append(known, strings.TrimSuffix(filepath.Base(file), ".json"))
	}
	names := o.names
	if len(names) == 0 && o.contest {
		return found, nil
	}
	if len(names) == 0 {
		names = checked
	}
	var chosen []string
	for _, name := range names {
		index := slices.Index(known, name)
		if index < 0 {
			return nil, fmt.Errorf("there is no scenario %q; there are: %s", name, strings.Join(known, ", "))
		}
		chosen = append(chosen, found[index])
	}
	return chosen, nil
}

func main() {
	o, err := parseOptions(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fail(err, 2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends it at once
	if err := check(ctx, o); err != nil {
		if ctx.Err() != nil {
			err = errors.New("interrupted; everything is cleaned up")
		}
		fail(err, 1)
	}
}

func fail(err error, code int) {
	fmt.Fprintln(os.Stderr, "reality:", err)
	os.Exit(code)
}

// check runs and compares all that is chosen; its error says what the simulator got wrong.
func check(ctx context.Context, o options) error {
	files, err := o.files()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return fmt.Errorf("making the output directory: %w", err)
	}
	var outcomes []outcome
	for _, file := range files {
		s, err := readScenario(file)
		if err != nil {
			return err
		}
		one, err := checkOne(ctx, o, file, s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		outcomes = append(outcomes, one)
	}
	return report(os.Stdout, o, outcomes)
}

func checkOne(ctx context.Context, o options, file string, s *scenario) (outcome, error) {
	paths := pathsOf(o.out, s.Name)
	if err := errors.Join(writeJSON(paths.policy, policyOf(s)), writeJSON(paths.rivalObject, hpaOf(s))); err != nil {
		return outcome{}, err
	}
	ours, rivals, err := simulate(ctx, o, file, paths)
	if err != nil {
		return outcome{}, err
	}
	if !o.recorded {
		if err := playAll(ctx, o, s, paths); err != nil {
			return outcome{}, err
		}
	}
	real, err := readSides(paths, o.contest)
	if err != nil {
		return outcome{}, err
	}
	contestants := []contestant{contestantOf(evenkeel, real[0], ours)}
	if o.contest {
		contestants = append(contestants, contestantOf(rival, real[1], rivals))
	}
	return outcome{compare(real[0], ours), contestants}, writePicture(paths.picture, s, real, ours)
}

// playAll plays a scenario as often as it is to be, in place of all runs of it that were.
func playAll(ctx context.Context, o options, s *scenario, p paths) error {
	if err := p.removeRuns(); err != nil {
		return err
	}
	for number := 1; number <= o.runs; number++ {
		if o.runs > 1 {
			say("%s: run %d of %d", s.Name, number, o.runs)
		}
		if err := play(ctx, s, p, number, o.contest); err != nil {
			return err
		}
	}
	return nil
}

// readSides are the real episodes of each side: one of each run.
func readSides(p paths, contest bool) (played, error) {
	read := make(played, len(sidesOf(p.ofRun(1), contest)))
	for number := 1; number == 1 || exists(p.ofRun(number).evenkeel.real); number++ {
		for i, side := range sidesOf(p.ofRun(number), contest) {
			all, err := readEpisodes(side.paths.real)
			if err != nil {
				return nil, err
			}
			read[i] = append(read[i], all...)
		}
	}
	return read, nil
}
