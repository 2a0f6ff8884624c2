package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDecideTakesTheMediansOfBothPrograms(t *testing.T) {
	ours := [][]decideTiming{
		{{History: 0, Ns: 100, DecideNs: 900}}, {{History: 0, Ns: 9000, DecideNs: 700}}, {{History: 0, Ns: 200, DecideNs: 800}},
	}
	upstreams := [][]decideTiming{{{History: 0, Ns: 1000}}, {{History: 0, Ns: 3000}}, {{History: 0, Ns: 1}}}
	rows, err := decideRows(ours, upstreams)
	want := decideRow{History: 0, Ns: 200, UpstreamNs: 1000, Ratio: 0.2, DecideNs: 800}
	if err != nil || len(rows) != 1 || rows[0] != want {
		t.Errorf("%+v, %v; want %+v", rows, err, want)
	}
}

func TestDecideRefusesToCompareDifferentWork(t *testing.T) {
	for _, other := range []decideTiming{{History: 20, Decided: []int{1}}, {History: 0, Decided: []int{2}}} {
		_, err := decideRows([][]decideTiming{{{History: 0, Decided: []int{1}}}}, [][]decideTiming{{other}})
		if err == nil {
			t.Errorf("%+v was compared", other)
		}
	}
}

func TestDecideSaysWhatIsAboveTheLimit(t *testing.T) {
	var out bytes.Buffer
	printDecide(&out, []decideRow{{History: 0, Ratio: 0.5}, {History: 20, Ratio: 0.51}})
	lines := strings.Split(out.String(), "\n")
	if !strings.Contains(lines[1], "ok") || !strings.Contains(lines[2], "ABOVE") {
		t.Error(out.String())
	}
}

func TestAReportIsWrittenUnderTheNameOfItsBenchmark(t *testing.T) {
	directory := t.TempDir()
	b := benchmark{name: "some", run: func(io.Writer) (any, bool, error) { return []int{1}, true, nil }}
	ok, err := b.runAndSave(io.Discard, directory)
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	text, err := os.ReadFile(filepath.Join(directory, "some.json"))
	if got := strings.Join(strings.Fields(string(text)), ""); err != nil || got != "[1]" {
		t.Error(got, err)
	}
}

func TestUnknownBenchmarksAreNamed(t *testing.T) {
	if _, err := choose([]string{"decide", "nothing"}); err == nil || !strings.Contains(err.Error(), `"nothing"; there are: decide`) {
		t.Error(err)
	}
	if chosen, err := choose(nil); err != nil || len(chosen) != len(benchmarks) {
		t.Error(chosen, err)
	}
}
