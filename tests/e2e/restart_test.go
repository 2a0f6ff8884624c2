package e2e

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	window    = 60 * time.Second // of stabilization
	killAfter = 20 * time.Second // of it
	// The turns of the past are decided on by samples as they are known now, some of which came late then: their last
	// wish for four may be another by a few rounds. Without a window the scale-in would come with the restart, more
	// than this too soon, and a window that began anew with it would end later, by killAfter at the least.
	near = 10 * time.Second
)

// The window over recommendations goes on as if nothing had happened: they are not kept anywhere, but decided on again
// for the turns of the past.
func TestKilledControllerScalesInWhenTheWindowEndsAndNotAWindowLater(t *testing.T) {
	s := newShop(t, "recalled")
	s.open(2)
	s.steer(map[string]any{"behavior": scaleDownAfter(int64(window / time.Second))})
	users := s.load()
	s.awaitReplicas(4)
	await(t, "all four pods under load, calm", patiently, func() error {
		if last := lastWish(s.wishes()); last.combined != 4 || last.from != 4 {
			return fmt.Errorf("%s", last.line)
		}
		return nil
	})
	users.stop()
	high := s.awaitHighWishToEnd(killAfter)
	pid := controllerPid(t)
	must(t, syscall.Kill(pid, syscall.SIGKILL))
	awaitRestart(t, pid, 128+int(syscall.SIGKILL))
	s.awaitReplicas(2)
	s.checkScaledInAfter(high)
	if !strings.Contains(controller.log(), "history restored policies=1 failed=0") {
		t.Error("the log does not tell that the history was restored")
	}
}

// wish is a decision line with what the modules together wanted, before any window held it.
type wish struct {
	at                 time.Time
	from, to, combined int
	line               string
}

var wishLine = regexp.MustCompile(`^(\S+) \w+ decision policy=(\S+) .*replicas=(\d+)→(\d+) .* combine=(\d+)`)

func (s *shop) wishes() []wish {
	var all []wish
	for line := range strings.Lines(controller.log()) {
		match := wishLine.FindStringSubmatch(line)
		if match == nil || !strings.HasPrefix(match[2], s.namespace+"/") {
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, match[1])
		must(s.t, err)
		w := wish{at: at, line: strings.TrimSpace(line)}
		w.from, _ = strconv.Atoi(match[3])
		w.to, _ = strconv.Atoi(match[4])
		w.combined, _ = strconv.Atoi(match[5])
		all = append(all, w)
	}
	return all
}

func lastWish(all []wish) wish {
	if len(all) == 0 {
		return wish{}
	}
	return all[len(all)-1]
}

// awaitHighWishToEnd waits until for so long nobody has wanted to keep all four, and returns when that was last so.
func (s *shop) awaitHighWishToEnd(long time.Duration) (high time.Time) {
	s.t.Helper()
	await(s.t, "wish for fewer replicas", patiently, func() error {
		all := s.wishes()
		for _, w := range all {
			if w.combined >= 4 {
				high = w.at
			}
			if w.to < w.from {
				s.t.Fatalf("scaled in within the window: %s", w.line)
			}
		}
		if since := lastWish(all).at.Sub(high); since < long {
			return fmt.Errorf("the last wish for four is %s old", since)
		}
		return nil
	})
	return high
}

func (s *shop) checkScaledInAfter(high time.Time) {
	s.t.Helper()
	for _, w := range s.wishes() {
		if w.to >= w.from || w.from != 4 {
			continue
		}
		took := w.at.Sub(high)
		s.t.Logf("scaled in %s after the last wish for four replicas", took)
		if (took - window).Abs() > near {
			s.t.Errorf("scaled in %s after the last wish for four replicas, and not after the window of %s: %s", took, window, w.line)
		}
		return
	}
	s.t.Error("no decision line tells of the scale-in")
}
