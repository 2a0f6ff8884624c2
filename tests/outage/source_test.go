package outage

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"evenkeel.dev/tests/cluster/proc"
)

// source is the Prometheus of one episode.
type source struct {
	t         *testing.T
	dir       string
	port      int
	begun     int // how often
	process   *proc.Process
	namespace string
}

func newSource(t *testing.T, namespace string) *source {
	t.Helper()
	port, err := proc.FreePort()
	must(t, err)
	s := &source{t: t, dir: t.TempDir(), port: port, namespace: namespace}
	config := fmt.Sprintf(`
global: {scrape_interval: %s, scrape_timeout: %[1]s}
scrape_configs:
- job_name: pods
  http_sd_configs: [{url: "%s/targets/%s", refresh_interval: %[1]s}]
`, scrapeInterval, pods.url, namespace)
	must(t, os.WriteFile(filepath.Join(s.dir, "prometheus.yml"), []byte(config), 0o600))
	s.startEmpty()
	t.Cleanup(s.kill)
	return s
}

func (s *source) url() string { return fmt.Sprintf("http://127.0.0.1:%d", s.port) }

// startEmpty starts it with no past, and returns when it answers.
func (s *source) startEmpty() {
	s.t.Helper()
	s.begun++
	s.process = start(s.t, filepath.Join(s.dir, "log"), prometheus, "--config.file="+filepath.Join(s.dir, "prometheus.yml"),
		"--storage.tsdb.path="+filepath.Join(s.dir, fmt.Sprintf("data-%d", s.begun)),
		fmt.Sprintf("--web.listen-address=127.0.0.1:%d", s.port), "--log.level=warn")
	await(s.t, "Prometheus ready", time.Minute, func() error {
		response, err := http.Get(s.url() + "/-/ready")
		if err != nil {
			return err
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("it says %s", response.Status)
		}
		return nil
	})
}

func (s *source) kill() {
	s.process.Signal(syscall.SIGKILL)
	<-s.process.Done()
}

func (s *source) pause() {
	s.t.Helper()
	must(s.t, s.process.Pause(s.t.Context()))
}
func (s *source) resume() { s.process.Resume() }

// start runs a program until the end of the test at the latest.
func start(t *testing.T, log, program string, args ...string) *proc.Process {
	t.Helper()
	file, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	must(t, err)
	defer file.Close()
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = file, file
	process, err := proc.Start(cmd)
	must(t, err)
	t.Cleanup(func() { process.Stop(context.Background(), 5*time.Second) })
	return process
}

// answer turns a true answer of Prometheus into what is sent instead.
type answer struct {
	name   string
	delay  time.Duration
	change func(body []byte) []byte
	states []string // of a signal: one that it may read as
}

// disturber stands before a Prometheus and disturbs its answers.
type disturber struct {
	url   string
	now   atomic.Pointer[answer] // nil: none
	asked atomic.Int64
}

func newDisturber(t *testing.T, upstream string) *disturber {
	t.Helper()
	to, err := url.Parse(upstream)
	must(t, err)
	d := &disturber{}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ModifyResponse = d.disturb
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) {} // the controller has given up on an answer
	direct := proxy.Director
	proxy.Director = func(r *http.Request) {
		direct(r)
		r.Header.Del("Accept-Encoding") // what cannot be read cannot be disturbed
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.asked.Add(1)
		if a := d.now.Load(); a != nil {
			select {
			case <-time.After(a.delay):
			case <-r.Context().Done():
				return
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	d.url = server.URL
	return d
}

func (d *disturber) disturb(response *http.Response) error {
	a := d.now.Load()
	if a == nil || a.change == nil {
		return nil
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	body = a.change(body)
	response.Body = io.NopCloser(bytes.NewReader(body))
	response.ContentLength = int64(len(body))
	response.Header.Set("Content-Length", strconv.Itoa(len(body)))
	response.Header.Del("Content-Encoding")
	return err
}

// A sample of a vector: [1767229207.5,"0.25"].
var sample = regexp.MustCompile(`\[([0-9.]+),"[^"]*"\]`)

// What a Prometheus, or what stands before it, may answer with status 200.
var wrongAnswers = []*answer{
	{name: "empty", states: []string{"NoData"}, change: func(body []byte) []byte {
		return fmt.Appendf(nil, `{"status":"success","data":{"resultType":%q,"result":[]}}`, typeOf(body))
	}},
	// Also the times and the counts of samples are no numbers then.
	{name: "NaN", states: []string{"NotANumber", "NoData"}, change: func(body []byte) []byte { return sample.ReplaceAll(body, []byte(`[$1,"NaN"]`)) }},
	{name: "an error", states: []string{"Failed"}, change: func([]byte) []byte {
		return []byte(`{"status":"error","errorType":"internal","error":"the store is on fire"}`)
	}},
	{name: "cut off", states: []string{"Failed"}, change: func(body []byte) []byte { return body[:len(body)/2] }},
	{name: "of another type", states: []string{"Failed"}, change: func(body []byte) []byte {
		if typeOf(body) != "vector" {
			return []byte(`{"status":"success","data":{"resultType":"scalar","result":[0,"0"]}}`)
		}
		body = bytes.Replace(body, []byte(`"vector"`), []byte(`"matrix"`), 1)
		return sample.ReplaceAll(bytes.ReplaceAll(body, []byte(`"value":`), []byte(`"values":`)), []byte(`[$0]`))
	}},
}

func typeOf(body []byte) string {
	if bytes.Contains(body, []byte(`"resultType":"matrix"`)) {
		return "matrix"
	}
	return "vector"
}
