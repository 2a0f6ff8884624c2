package cluster_test

import (
	"bytes"
	"strings"
	"testing"

	"evenkeel.dev/tests/cluster"
)

func TestAServerThatCannotBeBuiltSaysWhyAndHowToGoWithout(t *testing.T) {
	// No module and no proxy: as a machine without the network on its first run.
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOMODCACHE", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("EVENKEEL_PROMETHEUS3", "")
	var log bytes.Buffer
	_, err := cluster.Server(t.Context(), "prometheus", &log)
	if err == nil {
		t.Fatal("it was built out of nothing")
	}
	for _, part := range []string{"github.com/prometheus/prometheus v0", "GOPROXY=off", "EVENKEEL_PROMETHEUS3"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

func TestAGivenServerIsTakenIfItCanRun(t *testing.T) {
	t.Setenv("EVENKEEL_PROMETHEUS3", executable())
	if path, err := cluster.Server(t.Context(), "prometheus", t.Output()); err != nil || path != executable() {
		t.Errorf("got %s, %v", path, err)
	}
	t.Setenv("EVENKEEL_PROMETHEUS3", t.TempDir())
	if _, err := cluster.Server(t.Context(), "prometheus", t.Output()); err == nil ||
		!strings.Contains(err.Error(), "EVENKEEL_PROMETHEUS3") {
		t.Errorf("a directory was taken for a program: %v", err)
	}
}

func TestAnUnknownServerIsRefusedWithTheKnownOnes(t *testing.T) {
	_, err := cluster.Server(t.Context(), "influx", t.Output())
	if err == nil || !strings.Contains(err.Error(), "there are prometheus, victoriametrics") {
		t.Errorf("got %v", err)
	}
}
