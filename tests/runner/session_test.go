package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// shell is a suite whose tests are a shell script that prints TAP.
func shell(name, script string) suite {
	return suite{name: name, tests: step{name: name, command: []string{"bash", "-c", script}, limit: time.Minute}, read: readTAP}
}

func runSuites(t *testing.T, ctx context.Context, s session, suites ...suite) (counts, string) {
	t.Helper()
	var out strings.Builder
	s.root, s.out = t.TempDir(), &out
	results, err := s.runAll(ctx, suites)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.summarize(results); err != nil {
		t.Fatal(err)
	}
	return total(results), out.String()
}

func TestAFailingSuiteDoesNotStopTheOthersAndTheCountsComeLast(t *testing.T) {
	broken := shell("broken", "echo 1..1; echo ok 1")
	broken.prepare = []step{{name: "build", command: []string{"bash", "-c", "echo no such header >&2; exit 2"}, limit: time.Minute}}
	got, out := runSuites(t, t.Context(), session{}, broken,
		shell("crash", "echo 1..2; echo ok 1; kill -SEGV $$"),
		shell("fine", "echo 1..2; echo ok 1 - a; echo 'ok 2 - b # SKIP no disk'"))
	if got.String() != "2 passed, 2 failed, 1 skipped" {
		t.Errorf("got %s", got)
	}
	if !strings.HasSuffix(out, "\n2 passed, 2 failed, 1 skipped\n") {
		t.Errorf("the last line is not the counts:\n%s", out)
	}
	for _, want := range []string{"FAILED build", "no such header", "signal: segmentation fault", "skipped b: no disk"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in the output:\n%s", want, out)
		}
	}
}

func TestASuiteThatCannotRunIsSkippedWithItsReasonAndFailsInCI(t *testing.T) {
	impossible := shell("impossible", "exit 1")
	impossible.cannot = func() string { return "it needs root" }
	for ci, want := range map[bool]string{false: "0 passed, 0 failed, 1 skipped", true: "0 passed, 1 failed, 0 skipped"} {
		got, out := runSuites(t, t.Context(), session{ci: ci}, impossible)
		if got.String() != want || !strings.Contains(out, "it needs root") {
			t.Errorf("with ci=%v got %s, want %s, and the reason in\n%s", ci, got, want, out)
		}
	}
}

func TestAStepPastItsLimitIsEndedWithItsChildren(t *testing.T) {
	pidFile := filepath.Join(t.TempDir(), "pid")
	hangs := shell("hangs", "sleep 300 & echo $! >"+pidFile+"; wait")
	hangs.tests.limit = 500 * time.Millisecond
	got, out := runSuites(t, t.Context(), session{}, hangs)
	if got.Failed != 1 || !strings.Contains(out, "ended after its limit of 500ms") {
		t.Errorf("got %s:\n%s", got, out)
	}
	awaitGone(t, pidFile)
}

func TestAnInterruptEndsTheRunningSuiteAndStartsNoOther(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	got, out := runSuites(t, ctx, session{}, shell("hangs", "sleep 300"), shell("never", "echo 1..1; echo ok 1"))
	if got.Passed != 0 || strings.Contains(out, "== never") || !strings.Contains(out, "interrupted") {
		t.Errorf("got %s:\n%s", got, out)
	}
}

func TestASuiteThatWaitsRunsBesideTheOthersAndIsShownWhole(t *testing.T) {
	met := filepath.Join(t.TempDir(), "met")
	wait := shell("wait", "until [ -e "+met+" ]; do sleep 0.05; done; echo 1..1; echo ok 1 - late; exit 3")
	wait.waits = true
	got, out := runSuites(t, t.Context(), session{}, wait, shell("other", "touch "+met+"; echo 1..1; echo ok 1"))
	if got.String() != "2 passed, 1 failed, 0 skipped" {
		t.Errorf("got %s", got)
	}
	if !strings.Contains(out, "== other") || !strings.Contains(out, "== wait has ended\n   FAILED wait\n") {
		t.Errorf("not shown whole:\n%s", out)
	}
	if rows := out[strings.Index(out, "suite"):]; strings.Index(rows, "wait") > strings.Index(rows, "other") {
		t.Errorf("the table is not in the order of the suites:\n%s", out)
	}
}

func TestOfALongFailureTheBeginningAndTheEndAreShown(t *testing.T) {
	long := shell("long", "echo 1..1; echo ok 1")
	long.prepare = []step{{name: "build", command: []string{"bash", "-c", "seq --format='line %g' 100; exit 1"}, limit: time.Minute}}
	_, out := runSuites(t, t.Context(), session{}, long)
	for _, want := range []string{"| line 1\n", "| line 11\n", "lines left out …\n", "| line 100\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in the output:\n%s", want, out)
		}
	}
	if strings.Contains(out, "| line 50\n") {
		t.Errorf("nothing is left out:\n%s", out)
	}
}

func TestAWaitingSuiteIsPreparedBeforeTheNextBegins(t *testing.T) {
	built := filepath.Join(t.TempDir(), "built")
	wait := shell("wait", "echo 1..1; echo ok 1")
	wait.waits = true
	wait.prepare = []step{{name: "build", command: []string{"bash", "-c", "sleep 0.3; touch " + built}, limit: time.Minute}}
	if got, out := runSuites(t, t.Context(), session{}, wait, shell("next", "[ -e "+built+" ] && echo 1..1 && echo ok 1")); got.Failed != 0 {
		t.Errorf("got %s:\n%s", got, out)
	}
}

func TestAnOldReportDoesNotSpeakForANewRun(t *testing.T) {
	old := filepath.Join(t.TempDir(), "old.xml")
	if err := os.WriteFile(old, []byte(`<testsuite tests="1"><testcase name="a" status="run"/></testsuite>`), 0o644); err != nil {
		t.Fatal(err)
	}
	silent := shell("silent", "true")
	silent.report, silent.read = old, readCtest
	if got, _ := runSuites(t, t.Context(), session{}, silent); got.String() != "0 passed, 1 failed, 0 skipped" {
		t.Errorf("got %s", got)
	}
}

func TestAClusterIsUpForTheSuiteAndDownAfterItAlsoWhenItFails(t *testing.T) {
	root := t.TempDir()
	script := func(name, text string) {
		t.Helper()
		path := filepath.Join(root, "tests", "cluster", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	script("up", `mkdir "$2"; echo "export KUBECONFIG='$2/it'\''s'"`)
	script("down", `rmdir "$2"; touch "${0%/*}/went-down"`)
	crash := shell("crash", `echo "# $KUBECONFIG"; echo "not ok 1 - $KUBECONFIG"; kill -9 $$`)
	crash.cluster = true
	var out strings.Builder
	s := session{root: root, out: &out}
	if _, err := s.runAll(t.Context(), []suite{crash}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "/cluster/it's") {
		t.Errorf("the tests did not see the cluster's environment:\n%s", out.String())
	}
	if _, err := os.Stat(filepath.Join(root, "tests", "cluster", "went-down")); err != nil {
		t.Errorf("the cluster was not ended: %v", err)
	}
}

func TestOnlyKnownSuitesCanBeChosen(t *testing.T) {
	all := allSuites("/repo")
	chosen, err := choose(all, []string{"--only", "unit,e2e", "image"})
	if err != nil || len(chosen) != 3 {
		t.Errorf("got %d suites, %v", len(chosen), err)
	}
	if _, err := choose(allSuites("/repo"), []string{"--only", "unti"}); err == nil || !strings.Contains(err.Error(), "unti: no such suite; there are lint, unit,") {
		t.Errorf("got %v", err)
	}
}

// awaitGone fails the test unless the process named in the file ends within ten seconds.
func awaitGone(t *testing.T, pidFile string) {
	t.Helper()
	pid, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		stat, err := os.ReadFile(filepath.Join("/proc", strings.TrimSpace(string(pid)), "stat"))
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
	}
	t.Errorf("process %s is still there", pid)
}
