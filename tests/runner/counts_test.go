package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var errExit = errors.New("exit status 1")

// The files in testdata are what ctest 3.25, go 1.26 and node 20 printed for a handful of stub tests.
func TestReportsOfRealRunnersAreCountedByOutcome(t *testing.T) {
	cases := []struct {
		file  string
		read  reader
		want  string
		names string // of the failures
		skips string
	}{
		{"ctest.xml", readCtest, "1 passed, 6 failed, 3 skipped",
			"bad slow crash absent_NOT_BUILT setup needs", "off: disabled, skipcode: notrun SKIP_RETURN_CODE=4"},
		{"go.json", readGo, "3 passed, 4 failed, 1 skipped",
			"a.TestSubs/two b.TestPanics/deep x.dev/s/c x.dev/s/d", "a.TestSkips: a_test.go:5: no cluster"},
		{"node.tap", readTAP, "2 passed, 3 failed, 1 skipped", "breaks inner bad /src/b.test.js", "skips: no database"},
	}
	for _, c := range cases {
		t.Run(c.file, func(t *testing.T) {
			got := judge("suite", c.read, testdata(t, c.file), errExit)
			if got.String() != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if names := failureNames(got); names != c.names {
				t.Errorf("failures are %q, want %q", names, c.names)
			}
			if skips := strings.Join(got.Skips, ", "); !strings.HasPrefix(skips, c.skips) {
				t.Errorf("skips are %q, want %q", skips, c.skips)
			}
		})
	}
}

func TestOutputOfAFailedTestIsKept(t *testing.T) {
	cases := []struct {
		file, output string
		read         reader
	}{
		{"ctest.xml", "REQUIRE(1 == 2) & <more>", readCtest},
		{"go.json", "cannot use \\\"x\\\"", readGo},
		{"go.json", "two is wrong", readGo},
		{"node.tap", "code: 'ERR_ASSERTION'", readTAP},
	}
	for _, c := range cases {
		var all strings.Builder
		for _, f := range judge("suite", c.read, testdata(t, c.file), errExit).Failures {
			all.WriteString(f.Output)
		}
		if !strings.Contains(all.String(), strings.ReplaceAll(c.output, `\"`, `"`)) {
			t.Errorf("%s: %q is not among the output of the failures:\n%s", c.file, c.output, all.String())
		}
	}
}

func TestWhatAReportDoesNotExplainIsAFailure(t *testing.T) {
	const goPass = `{"Action":"run","Package":"p","Test":"T"}
{"Action":"pass","Package":"p","Test":"T"}
`
	cases := []struct {
		name   string
		read   reader
		report string
		exit   error
		want   string
		why    string
	}{
		{"ctest that died before its report", readCtest, "", errExit, "0 passed, 1 failed, 0 skipped", "cannot be counted"},
		{"ctest report cut short", readCtest, string(testdata(t, "ctest.xml")[:300]), nil, "0 passed, 1 failed, 0 skipped", "cannot be counted"},
		{"ctest with no tests", readCtest, string(testdata(t, "ctest-empty.xml")), nil, "0 passed, 1 failed, 0 skipped", "ran no test"},
		{"ctest with fewer tests than announced", readCtest,
			`<testsuite tests="2"><testcase name="a" status="run"/></testsuite>`, nil, "1 passed, 1 failed, 0 skipped", "announces 2"},
		{"go that printed nothing", readGo, "", errExit, "0 passed, 1 failed, 0 skipped", "exit status 1"},
		{"go that printed nothing and was content", readGo, "", nil, "0 passed, 1 failed, 0 skipped", "ran no test"},
		{"go whose stream is cut in a line", readGo, goPass + `{"Action":"ru`, errExit, "1 passed, 1 failed, 0 skipped", "no event"},
		{"go killed in a test", readGo, `{"Action":"run","Package":"p","Test":"Hangs"}`, errExit, "0 passed, 1 failed, 0 skipped", ""},
		{"go killed between tests", readGo, `{"Action":"start","Package":"p"}` + "\n" + goPass, errExit, "1 passed, 1 failed, 0 skipped", ""},
		{"go that failed after its tests passed", readGo, goPass + `{"Action":"pass","Package":"p"}`, errExit,
			"1 passed, 1 failed, 0 skipped", "no failed test"},
		{"TAP that printed nothing", readTAP, "", errExit, "0 passed, 1 failed, 0 skipped", "broke off"},
		{"TAP without a plan", readTAP, "ok 1 - a\n", errExit, "1 passed, 1 failed, 0 skipped", "broke off"},
		{"TAP with fewer tests than planned", readTAP, "1..3\nok 1 - a\n", nil, "1 passed, 1 failed, 0 skipped", "plan of 3"},
		{"TAP that bails out", readTAP, "1..2\nok 1 - a\nBail out! no disk\n", errExit, "0 passed, 1 failed, 0 skipped", "no disk"},
		{"TAP of no tests", readTAP, "1..0\n", nil, "0 passed, 1 failed, 0 skipped", "ran no test"},
		{"TAP whose parent fails while its subtests pass", readTAP, "    ok 1 - inner\n    1..1\nnot ok 1 - outer\n1..1\n",
			errExit, "1 passed, 1 failed, 0 skipped", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := judge("suite", c.read, []byte(c.report), c.exit)
			if got.String() != c.want {
				t.Fatalf("got %s, want %s", got, c.want)
			}
			if why := got.Failures[len(got.Failures)-1].Output; !strings.Contains(why, c.why) {
				t.Errorf("the reason %q does not say %q", why, c.why)
			}
		})
	}
}

func TestAPassingReportOfATestWithSubtestsCountsTheSubtests(t *testing.T) {
	report := `{"Action":"run","Package":"p","Test":"T"}
{"Action":"pass","Package":"p","Test":"T/a"}
{"Action":"pass","Package":"p","Test":"T/b"}
{"Action":"pass","Package":"p","Test":"T"}
{"Action":"pass","Package":"p"}
{"Action":"skip","Package":"p/without/tests"}`
	if got := judge("suite", readGo, []byte(report), nil).String(); got != "2 passed, 0 failed, 0 skipped" {
		t.Error(got)
	}
}

func testdata(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func failureNames(c counts) string {
	var names []string
	for _, f := range c.Failures {
		names = append(names, f.Name)
	}
	return strings.Join(names, " ")
}
