package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// suite is one row of the table: what must be built first, the command that tests, and how its report
// is read.
type suite struct {
	name    string
	about   string
	cannot  func() string // why it cannot run on this machine; "" if it can. nil: it always can
	prepare []step        // each must succeed
	cluster bool          // runs with a local cluster of its own in its environment
	waits   bool          // mostly waits, and so runs beside the suites after it
	tests   step
	report  string // the file it writes its report to; "": standard output
	read    reader
}

// allSuites in the order they run: the quick ones that fail most often first, and those that wait before those that
// compute for long, which leave them the processors.
func allSuites(root string) []suite {
	out := filepath.Join(root, "build", "test")
	npm := step{name: "npm ci", command: []string{"tests/deps", "npm"}, limit: 10 * time.Minute}
	servers := step{
		name:    "Prometheus 3, VictoriaMetrics",
		command: []string{"tests/cluster/localcluster", "program", "prometheus", "victoriametrics"}, limit: 30 * time.Minute,
	}
	return []suite{
		{
			name: "lint", about: "formatting, shell and Go checks, the layering check's own test",
			tests: step{name: "tests/lint", command: []string{"tests/lint"}, limit: 10 * time.Minute}, read: readTAP,
		},
		ctest(out, "unit", "C++ unit tests and the layering check", "dev", []string{"-LE", "integration"}, false, 2),
		{
			name: "service", about: "the sample service (Node.js)", prepare: []step{npm},
			tests: step{
				name:    "node --test",
				command: []string{"bash", "-c", "cd tests/service && exec node --test --test-reporter=tap"},
				limit:   10 * time.Minute,
			},
			read: readTAP,
		},
		{
			name: "conformance", about: "decisions beside those of the HPA's own code", prepare: build("dev"),
			tests: step{name: "tests/conformance/run", command: []string{"tests/conformance/run"}, limit: 40 * time.Minute},
			read:  readTAP,
		},
		ctest(out, "integration", "C++ integration tests on a local cluster", "dev",
			[]string{"-L", "integration"}, true, scraping, npm, servers),
		goSuite("go", "manifests, local cluster and tools (Go)", "grep -Ev '/(e2e|outage)$'", npm),
		waiting(goSuite("e2e", "the whole path on a local cluster", "grep /e2e$", npm)),
		waiting(goSuite("outage", "constant load while Prometheus is killed, stopped, slow, wrong", "grep /outage$")),
		polite(ctest(out, "asan", "unit and integration under address and undefined-behaviour sanitizers", "asan",
			oneGeneration, true, 2, servers)),
		polite(ctest(out, "tsan", "what has threads under the thread sanitizer", "tsan",
			append([]string{"-R", "^(controller/runtime|integration):"}, oneGeneration...), true, 2, servers)),
		polite(suite{
			name: "image", about: "the container image builds and runs", cannot: cannotBuildImages,
			tests: step{name: "tests/image/test", command: []string{"tests/image/test"}, limit: 40 * time.Minute}, read: readTAP,
		}),
	}
}

func waiting(s suite) suite {
	s.waits = true
	return s
}

func polite(s suite) suite {
	for i := range s.prepare {
		s.prepare[i] = s.prepare[i].politely()
	}
	s.tests = s.tests.politely()
	return s
}

func build(preset string) []step {
	return []step{
		{name: "configure " + preset, command: []string{"cmake", "--preset", preset}, limit: 5 * time.Minute},
		{name: "build " + preset, command: []string{"cmake", "--build", "--preset", preset}, limit: 40 * time.Minute},
	}
}

// scraping is how many tests run at once that mostly wait for servers to scrape.
const scraping = 4

// oneGeneration leaves out what differs only in the server asked or the exporter read: our own code
// runs the same.
var oneGeneration = []string{"-E", "^exporters:| - Prometheus2$"}

func ctest(out, name, about, preset string, chosen []string, cluster bool, parallel int, more ...step) suite {
	report := filepath.Join(out, name+".xml")
	command := []string{"ctest", "--test-dir", "build/" + preset, "--output-junit", report,
		"--output-on-failure", "--no-tests=error", "--timeout", "300", "--parallel", strconv.Itoa(parallel)}
	return suite{
		name: name, about: about, prepare: append(build(preset), more...), cluster: cluster,
		tests: step{
			name: "ctest", command: append(command, chosen...), limit: 30 * time.Minute,
			env: []string{"UBSAN_OPTIONS=print_stacktrace=1"},
		},
		report: report, read: readCtest,
	}
}

// goSuite tests the packages of the tests module that pass the filter, against the release binary.
func goSuite(name, about, filter string, more ...step) suite {
	script := fmt.Sprintf(`set -euo pipefail
cd tests
mapfile -t packages < <(cluster/go list ./... | %s)
((${#packages[@]})) || exit 0
exec cluster/go test -json -count=1 -p 1 -timeout 25m "${packages[@]}"`, filter)
	return suite{
		name: name, about: about, prepare: append(build("release"), more...),
		tests: step{name: "go test", command: []string{"bash", "-c", script}, limit: 30 * time.Minute},
		read:  readGo,
	}
}

func cannotBuildImages() string {
	if os.Geteuid() != 0 {
		return "it needs root, for debootstrap and chroot"
	}
	var missing []string
	for _, tool := range []string{"buildah", "debootstrap"} {
		if _, err := exec.LookPath(tool); err != nil {
			missing = append(missing, tool)
		}
	}
	if len(missing) > 0 {
		return "not installed: " + strings.Join(missing, ", ")
	}
	return ""
}
