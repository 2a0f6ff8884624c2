package shop

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestReplicasBeforeTheLoadHoldAtItsStart(t *testing.T) {
	begin := time.Now()
	w := &ReplicaWatch{changes: []ReplicaChange{
		{begin.Add(-2 * time.Second), 1, 0}, {begin.Add(-time.Second), 2, 2}, {begin.Add(3 * time.Second), 4, 2},
	}}
	if got := w.Since(begin); !slices.Equal(got, []ReplicaSample{{0, 2, 2}, {3 * time.Second, 4, 2}}) {
		t.Errorf("%v", got)
	}
}

func TestALineOfTheWatchWithoutReadyPodsHasZero(t *testing.T) {
	w := &ReplicaWatch{}
	w.onLine("3,")
	w.onLine("not a line")
	if last := w.Last(); len(w.changes) != 1 || last.Wanted != 3 || last.Ready != 0 {
		t.Errorf("%+v", w.changes)
	}
}

func TestFollowingAFileGivesWholeLinesFromNowOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	write(t, path, "before\n")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	lines := make(chan string)
	ended := make(chan error)
	go func() { ended <- followFile(ctx, path, func(line string) { lines <- line }) }()
	// The follower may open the file before or after the first line: begin with one that may be missed.
	for seen := false; !seen; {
		write(t, path, "probe\n")
		select {
		case <-lines:
			seen = true
		case <-time.After(200 * time.Millisecond):
		}
	}
	write(t, path, "in two ")
	write(t, path, "parts\n")
	for line := range lines {
		if line == "in two parts" {
			break
		}
		if line != "probe" {
			t.Fatalf("%q", line)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString(text); err != nil {
		t.Fatal(err)
	}
}
