package main

import (
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"evenkeel.dev/tests/shop"
)

func TestThePictureIsDrawnAlsoWithoutSignals(t *testing.T) {
	for name, run := range map[string]*timeline{
		"whole":         withSignals(syntheticRun(between(22, 35), upAndBack...)),
		"no signals":    syntheticRun(between(22, 35), upAndBack...),
		"early end":     endingAt(5*time.Second, syntheticRun(between(0, 0), shop.ReplicaSample{At: 0, Wanted: 2, Ready: 2})),
		"nothing known": {schedule: testSchedule(), goals: goals{time.Second, time.Second, 2}, end: time.Second},
	} {
		path := filepath.Join(t.TempDir(), "demo.png")
		if err := writePicture(path, run); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if width, height := sizeOf(t, path); width != pictureWidth || height != pictureHeight {
			t.Errorf("%s: %d × %d", name, width, height)
		}
	}
}

func sizeOf(t *testing.T, path string) (int, int) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	config, err := png.DecodeConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	return config.Width, config.Height
}

func withSignals(run *timeline) *timeline {
	for at := time.Duration(0); at < run.end; at += time.Second {
		run.lag = append(run.lag, shop.Point{At: at, Value: 0.012})
		run.elu = append(run.elu, shop.Point{At: at, Value: 0.5})
	}
	return run
}

func endingAt(end time.Duration, run *timeline) *timeline {
	run.end = end
	return run
}

func TestTheDataHasARowPerSecondAndLeavesUnknownCellsEmpty(t *testing.T) {
	path := filepath.Join(t.TempDir(), "demo.csv")
	if err := writeSeconds(path, syntheticRun(between(22, 35), upAndBack...)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(rows) != 101 || rows[1] != "1,low,20,0,0.02,,,2,2" || rows[30] != "30,spike,20,0,1,,,6,4" {
		t.Errorf("%d rows: %q … %q", len(rows), rows[1], rows[30])
	}
}
