package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// fleet is a synthetic population of Node.js services as a ServiceMonitor and prom-client show it.
type fleet struct {
	services int
	routes   int  // of each pod; each with two statuses
	rules    bool // there are our recording rules besides
}

const (
	podsPerService      = 3
	servicesInNamespace = 25
	scrapeInterval      = 15 * time.Second
	// Enough for the window of a minute, the half before it that our plan looks at, and some more.
	samplesOfSeries = 12
	dataFormat      = 2 // counted up when what is written below changes: the cache is then made anew
)

// The samples end with a block of two hours, so that those of recording rules, evaluated just after, lie in the next
// one: blocks that overlap would be merged while we measure.
var (
	nextBlock  = time.Date(2026, 1, 1, 2, 0, 0, 0, time.UTC)
	lastScrape = nextBlock.Add(-5 * time.Second)
	asked      = nextBlock.Add(5 * time.Second)
)

// Bounds of prom-client's histogram, and the share of requests that each holds.
var (
	bounds = []string{"0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"}
	shares = []float64{0.02, 0.1, 0.3, 0.55, 0.8, 0.95, 0.985, 0.995, 0.999, 1, 1, 1}
)

func (f fleet) namespace(service int) string {
	return fmt.Sprintf("team-%03d", service/servicesInNamespace)
}
func (f fleet) service(service int) string { return fmt.Sprintf("checkout-%04d", service) }

// series is how many there are.
func (f fleet) series() int {
	return f.services * podsPerService * (f.routes*2*(len(bounds)+2) + 2)
}

// list is one line for each service: namespace and name.
func (f fleet) list() string {
	var text strings.Builder
	for service := range f.services {
		fmt.Fprintf(&text, "%s %s\n", f.namespace(service), f.service(service))
	}
	return text.String()
}

// store returns the directory of a Prometheus' data with the fleet's samples, made by promtool unless it is
// there from an earlier run.
func (f fleet) store(ctx context.Context, prometheus, cache string, log io.Writer) (string, error) {
	dir := filepath.Join(cache, fmt.Sprintf("signals-v%d-%d-services-%d-routes", dataFormat, f.services, f.routes))
	if f.rules {
		dir += "-rules"
	}
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	fmt.Fprintf(log, "making %d series of %d services (once)\n", f.series(), f.services)
	partial := dir + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return "", err
	}
	if err := os.MkdirAll(partial, 0o755); err != nil {
		return "", err
	}
	if err := f.fill(ctx, prometheus, partial); err != nil {
		return "", err
	}
	return dir, os.Rename(partial, dir)
}

func (f fleet) fill(ctx context.Context, prometheus, dir string) error {
	text := filepath.Join(dir, "openmetrics")
	if err := f.writeFile(text); err != nil {
		return err
	}
	if err := promtool(ctx, prometheus, "create-blocks-from", "openmetrics", "--quiet", text, dir); err != nil {
		return err
	}
	if err := os.Remove(text); err != nil || !f.rules {
		return err
	}
	return f.record(ctx, prometheus, dir)
}

// record evaluates our recording rules once, as Prometheus would have.
func (f fleet) record(ctx context.Context, prometheus, dir string) error {
	rules, err := exec.CommandContext(ctx, "build/bench/signals_bench", "rules").Output()
	if err != nil {
		return fmt.Errorf("asking for the rules: %w", err)
	}
	server, err := serveStore(ctx, prometheus, dir)
	if err != nil {
		return err
	}
	defer server.stop()
	file := filepath.Join(server.dir, "rules.json")
	if err := os.WriteFile(file, rules, 0o600); err != nil {
		return err
	}
	return promtool(ctx, prometheus, "create-blocks-from", "rules", "--url="+server.url, "--output-dir="+dir, "--eval-interval=1s",
		fmt.Sprintf("--start=%d", nextBlock.Unix()), fmt.Sprintf("--end=%d", nextBlock.Unix()+2), file)
}

// promtool runs a subcommand of `promtool tsdb`; the program lies beside prometheus.
func promtool(ctx context.Context, prometheus string, args ...string) error {
	program := filepath.Join(filepath.Dir(prometheus), "promtool")
	cmd := exec.CommandContext(ctx, program, append([]string{"tsdb"}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("promtool tsdb %s: %w\n%s", args[1], err, out)
	}
	return nil
}

func (f fleet) writeFile(name string) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	buffered := bufio.NewWriterSize(file, 1<<20)
	f.write(buffered)
	if err := buffered.Flush(); err != nil {
		return err
	}
	return file.Close()
}

// write prints the samples as OpenMetrics. (Errors stay in the writer until its Flush.)
func (f fleet) write(out *bufio.Writer) {
	for service := range f.services {
		for pod := range podsPerService {
			f.writePod(out, service, pod)
		}
	}
	out.WriteString("# EOF\n")
}

func (f fleet) writePod(out *bufio.Writer, service, pod int) {
	number := service*podsPerService + pod
	name := f.service(service)
	labels := fmt.Sprintf(`namespace="%s",service="%s",job="%[2]s",pod="%[2]s-%[3]s-%[4]s",instance="10.%[5]d.%[6]d.%[7]d:9464"`,
		f.namespace(service), name, generated(service, 10), generated(number, 5), number>>16, number>>8&255, number&255)
	for route := range f.routes {
		for _, status := range []string{"200", "503"} {
			of := fmt.Sprintf(`%s,method="GET",route="/api/v1/resource-%d",status_code="%s"`, labels, route, status)
			rate := 3 + float64(number%50)/3
			if status == "503" {
				rate /= 100
			}
			writeHistogram(out, of, rate)
		}
	}
	writeSeries(out, "nodejs_eventloop_lag_p99_seconds", labels, func(at float64) float64 {
		return math.Round(1e6*(0.012+0.004*math.Sin(at/40+float64(number)))) / 1e6
	})
	writeSeries(out, "nodejs_eventloop_active_seconds_total", labels, func(at float64) float64 {
		return math.Round(1e3*at*(0.2+float64(number%7)/10)) / 1e3
	})
}

func writeHistogram(out *bufio.Writer, labels string, rate float64) {
	const name = "http_request_duration_seconds"
	requests := func(at float64) float64 { return math.Floor(10_000 + rate*at) }
	for i, bound := range bounds {
		writeSeries(out, name+"_bucket", labels+`,le="`+bound+`"`, func(at float64) float64 {
			return math.Floor(requests(at) * shares[i])
		})
	}
	writeSeries(out, name+"_sum", labels, func(at float64) float64 { return requests(at) * 0.0625 })
	writeSeries(out, name+"_count", labels, requests)
}

// writeSeries prints a series whose value at so many seconds after its first sample is value.
func writeSeries(out *bufio.Writer, metric, labels string, value func(at float64) float64) {
	first := lastScrape.Add(-(samplesOfSeries - 1) * scrapeInterval)
	for i := range samplesOfSeries {
		at := time.Duration(i) * scrapeInterval
		fmt.Fprintf(out, "%s{%s} %v %d\n", metric, labels, value(at.Seconds()), first.Add(at).Unix())
	}
}

// generated is a suffix of the form that Kubernetes gives pods and ReplicaSets.
func generated(number, length int) string {
	const letters = "bcdfghjklmnpqrstvwxz2456789"
	text := make([]byte, length)
	state := uint64(number)*2654435761 + 12345
	for i := range text {
		state = state*6364136223846793005 + 1442695040888963407
		text[i] = letters[state>>33%uint64(len(letters))]
	}
	return string(text)
}
