package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"text/tabwriter"
	"time"
)

// session is one run of the chosen suites.
type session struct {
	root string
	ci   bool // a suite that cannot run is then a failure
	out  io.Writer
}

type result struct {
	counts
	name  string
	waits bool
	took  time.Duration
}

// runAll runs the suites one after the other, until ctx ends. Those that wait are prepared in their turn, and then
// run beside the ones that follow.
func (s session) runAll(ctx context.Context, suites []suite) ([]result, error) {
	if err := os.MkdirAll(s.dir(), 0o755); err != nil {
		return nil, fmt.Errorf("making the directory of the logs: %w", err)
	}
	s.out = &wholeLines{out: s.out}
	results := make([]result, len(suites))
	var waiting sync.WaitGroup
	for i, suite := range suites {
		if ctx.Err() != nil {
			fmt.Fprintln(s.out, "interrupted")
			results = results[:i]
			break
		}
		fmt.Fprintf(s.out, "== %s: %s\n", suite.name, suite.about)
		started := time.Now()
		test := s.prepare(ctx, suite)
		finish := func() {
			results[i] = result{name: suite.name, waits: suite.waits, counts: test(), took: time.Since(started)}
			s.show(results[i])
		}
		if !suite.waits {
			finish()
			continue
		}
		waiting.Go(finish)
	}
	waiting.Wait()
	return results, nil
}

// wholeLines lets suites that run at once write to the same place: what is written at once stays together.
type wholeLines struct {
	mu  sync.Mutex
	out io.Writer
}

func (w *wholeLines) Write(text []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(text)
}

func (s session) dir() string { return filepath.Join(s.root, "build", "test") }

// prepare builds what the suite needs. What it returns runs the tests, or says why that is not possible.
func (s session) prepare(ctx context.Context, suite suite) (test func() counts) {
	var c counts
	ended := func() counts { return c }
	if suite.cannot != nil {
		if why := suite.cannot(); why != "" && s.ci {
			c.fail(suite.name, "it cannot run here, and in CI nothing is skipped: "+why)
			return ended
		} else if why != "" {
			c.skip(suite.name, why)
			return ended
		}
	}
	log, err := os.Create(filepath.Join(s.dir(), suite.name+".log"))
	if err != nil {
		c.fail(suite.name, err.Error())
		return ended
	}
	for _, step := range suite.prepare {
		if err := step.run(ctx, s.root, log, log, s.progress(suite)); err != nil {
			log.Close()
			c.fail(step.name, fmt.Sprintf("%v\n%s", err, tail(log.Name())))
			return ended
		}
	}
	return func() counts {
		defer log.Close()
		if suite.cluster {
			return s.withCluster(ctx, suite, log)
		}
		return s.test(ctx, suite, suite.tests, log)
	}
}

// progress is where the steps of a suite say that they are alive.
func (s session) progress(suite suite) io.Writer { return progress{suite: suite.name, out: s.out} }

// test runs the tests of a suite and counts their report.
func (s session) test(ctx context.Context, suite suite, tests step, log *os.File) (c counts) {
	stdout, report := log, suite.report
	if report == "" {
		report = filepath.Join(s.dir(), suite.name+".report")
	}
	if err := os.Remove(report); err != nil && !errors.Is(err, os.ErrNotExist) {
		c.fail(suite.name, err.Error()) // an old report must not speak for this run
		return c
	}
	if suite.report == "" {
		file, err := os.Create(report)
		if err != nil {
			c.fail(suite.name, err.Error())
			return c
		}
		defer file.Close()
		stdout = file
	}
	exit := tests.run(ctx, s.root, stdout, log, s.progress(suite))
	text, err := os.ReadFile(report)
	if err != nil {
		c.fail(suite.name, fmt.Sprintf("it left no report (%s)\n%s", ending(exit), tail(log.Name())))
		return c
	}
	return judge(suite.name, suite.read, text, exit)
}

// withCluster runs the tests of a suite with a fresh local cluster in their environment, and ends it.
func (s session) withCluster(ctx context.Context, suite suite, log *os.File) (c counts) {
	dir, err := os.MkdirTemp("", "evenkeel-"+suite.name+"-")
	if err != nil {
		c.fail(suite.name, err.Error())
		return c
	}
	defer os.RemoveAll(dir)
	exports, err := os.Create(filepath.Join(s.dir(), suite.name+".env"))
	if err != nil {
		c.fail(suite.name, err.Error())
		return c
	}
	defer exports.Close()

	cluster := filepath.Join(dir, "cluster")
	up := step{name: "cluster up", command: []string{"tests/cluster/up", "--dir", cluster}, limit: 40 * time.Minute}
	down := step{name: "cluster down", command: []string{"tests/cluster/down", "--dir", cluster}, limit: 3 * time.Minute}
	started := false
	defer func() {
		// Also after an interrupt, so not under ctx. One that did not come up may have nothing to end.
		err := down.run(context.WithoutCancel(ctx), s.root, log, log, s.progress(suite))
		if err != nil && started {
			c.fail(down.name, fmt.Sprintf("%v\n%s", err, tail(log.Name())))
		}
	}()
	if err := up.run(ctx, s.root, exports, log, s.progress(suite)); err != nil {
		c.fail(up.name, fmt.Sprintf("%v\n%s", err, tail(log.Name())))
		return c
	}
	started = true
	tests := suite.tests
	tests.command = append([]string{"bash", "-c", `. "$0" && exec "$@"`, exports.Name()}, tests.command...)
	return s.test(ctx, suite, tests, log)
}

// show prints how a suite went: its counts, and what a person needs of what failed or was skipped.
func (s session) show(r result) {
	const most, first, last = 20, 12, 28
	var out strings.Builder // written at once
	if r.waits {
		fmt.Fprintf(&out, "== %s has ended\n", r.name) // its heading is some way up
	}
	for i, f := range r.Failures {
		if i == most {
			fmt.Fprintf(&out, "   … and %d more, in build/test/%s.*\n", len(r.Failures)-most, r.name)
			break
		}
		fmt.Fprintf(&out, "   FAILED %s\n", f.Name)
		for line := range strings.Lines(endsOf(f.Output, first, last)) {
			fmt.Fprintf(&out, "   | %s\n", strings.TrimRight(line, "\n"))
		}
	}
	for _, skip := range r.Skips {
		fmt.Fprintf(&out, "   skipped %s\n", skip)
	}
	fmt.Fprintf(&out, "   %s (%s)\n", r.counts, r.took.Round(100*time.Millisecond))
	_, _ = io.WriteString(s.out, out.String())
}

// summarize prints the table and, last of all, the line of counts, and leaves both in summary.txt.
func (s session) summarize(results []result) error {
	file, err := os.Create(filepath.Join(s.dir(), "summary.txt"))
	if err != nil {
		return fmt.Errorf("writing the summary: %w", err)
	}
	defer file.Close()
	out := io.MultiWriter(file, s.out)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\nsuite\tpassed\tfailed\tskipped\ttime\t")
	for _, r := range results {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%s\t\n", r.name, r.Passed, r.Failed, r.Skipped, r.took.Round(time.Second))
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("writing the summary: %w", err)
	}
	_, err = fmt.Fprintf(out, "\n%s\n", total(results))
	return err
}

func total(results []result) counts {
	var sum counts
	for _, r := range results {
		sum.add(r.counts)
	}
	return sum
}
