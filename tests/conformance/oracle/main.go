//go:build oracle

// The oracle: cases for the functions with which the HPA decides, each with what the HPA's own code
// (k8s.io/kubernetes/pkg/controller/podautoscaler) answers, as one JSON object a line. Time stands still
// while it asks, so that cases may lie exactly on the end of a window.
//
//	oracle --seed 1 --count 1000     draws cases; the same seed draws the same ones
//	oracle --evaluate                reads cases from standard input and answers those
//	oracle --bench                   times the HPA's code (bench.go)
//
// The last line of standard error counts the cases and the distinct outcomes of each kind; --outcomes
// lists them. vector.go has the format. Build it with tests/conformance/oracle/go.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

type options struct {
	seed                      uint64
	count                     int
	kinds                     []string
	evaluate, outcomes, bench bool
}

func parseOptions() (o options, err error) {
	flag.Uint64Var(&o.seed, "seed", 1, "`number` that decides which cases are drawn")
	flag.IntVar(&o.count, "count", 1000, "how many `cases` to draw, all kinds together")
	names := flag.String("kinds", strings.Join(kinds, ","), "`kinds` of cases to draw")
	flag.BoolVar(&o.evaluate, "evaluate", false, "answer the cases on standard input")
	flag.BoolVar(&o.outcomes, "outcomes", false, "list the outcomes on standard error")
	flag.BoolVar(&o.bench, "bench", false, "print how long the HPA's code takes, as JSON")
	flag.Parse()
	o.kinds = strings.Split(*names, ",")
	for _, kind := range o.kinds {
		if !slices.Contains(kinds, kind) {
			return o, fmt.Errorf("unknown kind %q; there are %s", kind, strings.Join(kinds, ", "))
		}
	}
	if flag.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flag.Arg(0))
	}
	return o, nil
}

func main() {
	o, err := parseOptions()
	if err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(2)
	}
	out := os.Stdout
	if o.bench {
		exit(bench(out))
	}
	withStillClock(func() error {
		seen := tally{}
		if err := o.answer(out, seen); err != nil {
			return err
		}
		seen.print(os.Stderr, o.outcomes)
		return nil
	})
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// withStillClock runs and exits: time.Now stands still in the bubbles of synctest, which want a test.
// What the testing package prints of its own goes nowhere.
func withStillClock(run func() error) {
	os.Args = os.Args[:1]
	os.Stdout, _ = os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	everything := func(string, string) (bool, error) { return true, nil }
	test := func(t *testing.T) { synctest.Test(t, func(*testing.T) { exit(run()) }) }
	testing.Main(everything, []testing.InternalTest{{Name: "oracle", F: test}}, nil, nil)
}

func (o options) answer(out io.Writer, seen tally) error {
	writer := bufio.NewWriterSize(out, 1<<20)
	encoder := json.NewEncoder(writer)
	err := o.each(func(kind string, v vector) error {
		seen.add(kind, v.evaluate())
		return encoder.Encode(v)
	})
	if err != nil {
		return err
	}
	return writer.Flush()
}

// each calls back with every case, drawn or read.
func (o options) each(answer func(kind string, v vector) error) error {
	if !o.evaluate {
		g := newGenerator(o.seed)
		for i := range o.count {
			kind := o.kinds[i%len(o.kinds)]
			if err := answer(kind, g.vector(kind)); err != nil {
				return err
			}
		}
		return nil
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for number := 1; lines.Scan(); number++ {
		kind, v, err := parseVector(lines.Bytes())
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		if err := answer(kind, v); err != nil {
			return err
		}
	}
	return lines.Err()
}
