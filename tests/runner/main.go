// The runner behind `make test`: runs every suite, whatever language it is in, shows how it goes,
// sums up what their machine-readable reports say, and ends with one line of counts.
//
// A suite that fails does not stop the others. A suite that cannot be built, dies, reports less than
// it announced or runs nothing counts as at least one failed test. Logs, reports and the summary are
// left in build/test.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

func main() {
	os.Exit(run(os.Args[1:]))
}

// run returns the exit code: 0 all passed, 1 something failed, 2 wrong usage, 130 interrupted.
func run(args []string) int {
	root := os.Getenv("EVENKEEL_ROOT")
	if root == "" {
		fmt.Fprintln(os.Stderr, "run: EVENKEEL_ROOT is not set; start this through tests/run")
		return 2
	}
	chosen, err := choose(allSuites(root), args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "run: %v\n", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()

	session := session{root: root, ci: os.Getenv("CI") != "", out: os.Stdout}
	results, err := session.runAll(ctx, chosen)
	if err != nil {
		fmt.Fprintf(os.Stderr, "run: %v\n", err)
		return 2
	}
	if err := session.summarize(results); err != nil {
		fmt.Fprintf(os.Stderr, "run: %v\n", err)
		return 2
	}
	switch {
	case ctx.Err() != nil:
		return 130
	case total(results).Failed > 0:
		return 1
	}
	return 0
}

// choose picks the suites named by --only (and what follows it), or all of them.
func choose(suites []suite, args []string) ([]suite, error) {
	flags := flag.NewFlagSet("tests/run", flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprintf(flags.Output(), "usage: tests/run [--only SUITE…]\n\nsuites, in the order they run:\n")
		for _, s := range suites {
			fmt.Fprintf(flags.Output(), "  %-12s %s\n", s.name, s.about)
		}
	}
	only := flags.String("only", "", "run only these suites")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	names := append(strings.FieldsFunc(*only, func(r rune) bool { return r == ',' || r == ' ' }), flags.Args()...)
	if len(names) == 0 {
		return suites, nil
	}
	var known []string
	for _, s := range suites {
		known = append(known, s.name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("--only %s: no such suite; there are %s", name, strings.Join(known, ", "))
		}
	}
	return slices.DeleteFunc(suites, func(s suite) bool { return !slices.Contains(names, s.name) }), nil
}
