//go:build oracle

package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// A tally counts outcomes by kind.
type tally map[string]map[string]int

func (t tally) add(kind, outcome string) {
	if t[kind] == nil {
		t[kind] = map[string]int{}
	}
	t[kind][outcome]++
}

func (t tally) print(out io.Writer, list bool) {
	var total int
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(t)) {
		count := 0
		for _, outcome := range slices.Sorted(maps.Keys(t[kind])) {
			count += t[kind][outcome]
			if list {
				fmt.Fprintf(out, "%9d %-9s %s\n", t[kind][outcome], kind, outcome)
			}
		}
		total += count
		parts = append(parts, fmt.Sprintf("%s %d (%d outcomes)", kind, count, len(t[kind])))
	}
	fmt.Fprintf(out, "oracle: %d vectors: %s\n", total, strings.Join(parts, ", "))
}
